// What the scheduler knows of one task: what it is, what it needs, and exactly one state.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dusk/base/small_vector.h"
#include "dusk/cluster/messages.h"

namespace dusk::cluster {

enum class TaskState : uint8_t {
  kReleased,    // known, not asked for, or its result is gone and nobody needs it
  kWaiting,     // for results of other tasks
  kQueued,      // could run, held back until a worker has room
  kNoWorker,    // could run, but no worker that is here may run it
  kProcessing,  // given to a worker
  kMemory,      // its result is on a worker
  kErred,
  kForgotten,  // only as a target: the record ends
};
inline constexpr size_t kTaskStates = 8;
std::string_view to_string(TaskState state);

// The alternatives stand in the order of TaskState.
struct Released {};
struct Waiting {
  uint32_t missing = 0;  // dependencies that are not in memory
};
struct Queued {};
struct NoWorker {
  Time since = 0;
};
struct Processing {
  WorkerId worker;
  uint32_t position = 0;  // in the worker's list
  double estimate_s = 0;  // what it adds to the worker's occupancy
  Time since = 0;
  WorkerId thief;        // who gets it if `worker` gives it back; nobody: no retraction is on
  bool started = false;  // as far as the scheduler has heard
  bool long_running = false;
};
struct InMemory {
  base::SmallVector<WorkerId, 2> holders;
  int64_t nbytes = 0;
  int32_t unreachable = 0;  // fetches in a row that reached no holder
};
struct Erred {
  FaultPtr fault;
};

// A record is written and read for every event that concerns its task, and a scheduler keeps
// millions of them: what most tasks do not have lives elsewhere (SchedulerState::killed_under).
struct Task {
  // A client's wish to have the result, under its own number.
  struct Want {
    ClientId client;
    TaskNumber number = 0;
    bool hold = false;  // only until the client has said what else needs it; no news of it
  };

  TaskId id;
  CodeId code;
  uint32_t attempt = 0;           // counts every time it was given to a worker
  uint32_t dependents_alive = 0;  // records that name this task as a dependency
  uint32_t waiters = 0;           // of these, the ones that still need the result
  int32_t retries_left = 0;
  bool alive = false;  // false: a place in the table that nobody has
  std::variant<Released, Waiting, Queued, NoWorker, Processing, InMemory, Erred> state;
  Priority priority;
  base::SmallVector<TaskId, 2> dependencies;
  base::SmallVector<TaskId, 2> dependents;  // may name forgotten ones; their generation shows it
  base::SmallVector<Want, 1> wanted_by;
  RequirementsPtr requirements;  // null: any worker, no retries
  Body arguments;
  std::string key;

  TaskState kind() const { return static_cast<TaskState>(state.index()); }
  bool wanted() const { return !wanted_by.empty(); }
  bool needed() const { return wanted() || waiters > 0; }
  template <class State>
  State& as() {
    return std::get<State>(state);
  }
  template <class State>
  const State& as() const {
    return std::get<State>(state);
  }
};

}  // namespace dusk::cluster
