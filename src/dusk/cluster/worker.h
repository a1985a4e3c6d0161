// The worker: which tasks run, which values are here, which are on their way.
//
// Pure like the scheduler: no socket, thread, clock or value inside. Orders and what became of the
// things that were started arrive in events; what is to be started, fetched, dropped and reported
// leaves in WorkerActions. Values themselves are kept by whoever runs the worker, under the TaskIds
// that actions name. Same events, same actions. One thread at a time.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "dusk/cluster/messages.h"

namespace dusk::cluster {

struct WorkerOptions {
  int32_t threads = 1;
  std::map<std::string, double> resources;  // what tasks may hold together
  int32_t fetches_max = 16;                 // peers asked at a time
  int64_t fetch_batch = int64_t{64}
                        << 20;  // bytes asked of one peer at a time (one value at least)
  int64_t fetch_inflight = int64_t{1} << 30;  // bytes asked of all peers (one batch at least)
  bool validate = false;                      // check every invariant after every step
};

// A task that this worker is to run. It waits for `missing` inputs, is ready, or executes.
struct Run {
  enum class State : uint8_t { kWaiting, kReady, kExecuting, kLongRunning };
  uint32_t attempt = 0;
  State state = State::kWaiting;
  uint32_t missing = 0;
  RunTask order;  // until it starts
};

// A run by name, to be looked up: it may be gone, or be another attempt.
struct RunName {
  TaskId task;
  uint32_t attempt = 0;
  auto operator<=>(const RunName&) const = default;
};

// A value that is here or on its way.
struct Datum {
  enum class State : uint8_t { kHeld, kQueued, kInFlight };
  State state = State::kQueued;
  int64_t nbytes = 0;
  bool ordered = false;               // a FetchTask waits for it
  std::vector<WorkerId> untried;      // holders that were not asked yet
  std::vector<WorkerId> gone;         // said that they do not have it
  std::vector<WorkerId> unreachable;  // could not be asked
  WorkerId asked;                     // kQueued, kInFlight: whom
  std::vector<RunName> waiting;       // runs that need it, and some that needed it once
};

// ---- what happens

struct OrdersCame {
  std::vector<WorkerOrder> orders;
};
struct RunEnded {
  TaskId task;
  uint32_t attempt = 0;
  int64_t duration_us = 0;
  int64_t nbytes = 0;       // of the result
  Body value;               // the result, when it was asked for and is small
  FaultPtr fault;           // not null: it failed and there is no result
  bool reschedule = false;  // it asks for another worker
};
struct RunLeftThread {  // secede: it goes on, but not on a worker's thread
  TaskId task;
  uint32_t attempt = 0;
};
struct RunWantsBack {  // rejoin: it goes on when a thread is free
  TaskId task;
  uint32_t attempt = 0;
};
// A peer's answer to a Fetch: every task of it stands in one of the lists.
struct Fetched {
  WorkerId from;
  std::vector<std::pair<TaskId, int64_t>> values;  // and their bytes
  std::vector<TaskId> gone;
};
struct FetchFailed {  // no answer: the connection could not be made, or broke
  WorkerId from;
};
struct MemoryPaused {  // too full to start anything
  bool paused = false;
  bool full = false;  // and there is no hope; said again while that is so
};
// A value that was kept here cannot be read back from disk.
struct ValueLost {
  TaskId task;
};
// Values put here by a client under keys, until the scheduler names them.
struct ValuePut {
  std::string key;
  int64_t nbytes = 0;
};

using WorkerEvent = std::variant<OrdersCame, RunEnded, RunLeftThread, RunWantsBack, Fetched,
                                 FetchFailed, MemoryPaused, ValueLost, ValuePut>;

// ---- what is to be done

struct StartRun {
  RunTask order;  // its inputs are here
};
struct Fetch {
  WorkerId from;
  std::string address;
  std::vector<TaskId> tasks;
  int64_t nbytes = 0;
};
struct Adopt {  // the value under `key` is now under `task`
  TaskId task;
  std::string key;
};

struct WorkerActions {
  std::vector<WorkerReport> reports;
  std::vector<StartRun> start;
  std::vector<RunName> resume;  // these have a thread again
  std::vector<RunName> cancel;  // executing runs that nobody wants any more
  std::vector<Fetch> fetch;
  std::vector<Adopt> adopt;
  std::vector<TaskId> drop;  // values
  std::vector<DefineCode> define;
  std::vector<CodeId> drop_codes;
  std::vector<WorkerId> drop_peers;
  std::optional<std::string> close;  // the reason

  void clear() { *this = {}; }
};

struct WorkerState {
  explicit WorkerState(WorkerOptions given) : options(given) {}

  struct ReadyRun {
    Priority priority;
    RunName run;
    bool operator<(const ReadyRun& other) const { return other.priority < priority; }
  };
  struct PeerRecord {
    std::string address;
    std::deque<TaskId> queue;   // data to ask for, and some that are not wanted any more
    int64_t queued = 0;         // bytes, of these
    std::vector<TaskId> asked;  // by the Fetch that is on
    int64_t inflight = 0;       // bytes of it
  };

  WorkerOptions options;
  WorkerId self;  // as the scheduler numbers it
  std::unordered_map<TaskId, Run> runs;
  std::unordered_map<TaskId, Datum> data;
  std::priority_queue<ReadyRun> ready;
  std::vector<ReadyRun> constrained;           // ready, but for resources that others hold
  std::map<RunName, RequirementsPtr> holding;  // runs that hold resources, from start to end
  std::map<std::string, double> used;          // of these
  std::deque<RunName> returning;               // long-running ones that want a thread
  std::map<RunName, bool> cancelled;  // runs that go on unwanted; true: on a worker's thread
  std::map<WorkerId, PeerRecord> peers;
  std::set<WorkerId> hungry;  // peers with a queue and no Fetch
  std::map<std::string, int64_t> puts;
  int32_t busy = 0;      // threads
  int32_t fetching = 0;  // peers
  int64_t inflight = 0;  // bytes
  bool paused = false;
};

// Adds to `out` what the event makes necessary.
void step(WorkerState& state, WorkerEvent event, WorkerActions& out);

// Ends the process, saying which invariant is broken.
void validate(const WorkerState& state);

// When a value that is here is needed next: by which of the runs that have not started. Nothing
// when no run here needs it.
std::optional<Priority> next_use(const WorkerState& state, TaskId task);

// Why a task that was given to this worker has no result yet, for people.
std::string explain_run(const WorkerState& state, TaskId task);

}  // namespace dusk::cluster
