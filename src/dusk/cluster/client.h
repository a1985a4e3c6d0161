// The client: its futures, what it waits for, and whose values it is getting.
//
// Pure like scheduler and worker. Futures are named by TaskNumber and shared by key: a second
// submit of a key is one more reference to the same future. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "dusk/cluster/messages.h"

namespace dusk::cluster {

enum class FutureStatus : uint8_t { kPending, kFinished, kError, kCancelled, kLost };
std::string_view to_string(FutureStatus status);  // as users see it: "pending", "finished"...

struct FutureRecord {
  std::string key;
  FutureStatus status = FutureStatus::kPending;
  int64_t references = 0;
  TaskId task;              // kFinished: its name among workers
  int64_t nbytes = 0;       // kFinished
  WorkerId holder;          // kFinished
  Body value;               // kFinished: when it is small, or was asked for
  FaultPtr fault;           // kError
  int64_t value_wants = 0;  // callers that wait for the value
  bool fetching = false;
  std::vector<TaskNumber> parts;  // of a joined future; it has a reference to each
  int64_t parts_open = 0;         // of these, not finished yet
  bool joined = false;            // it is one: the scheduler has never heard of it
};

// ---- what happens

struct TaskSubmitted {
  SubmitTask task;  // wanted: one reference
};
struct CodeSubmitted {
  SubmitCode code;
};
struct GroupSubmitted {};
struct DataScattered {
  ScatteredTask task;
};
// Futures of tasks that were submitted in another way (a graph); one reference each.
struct FuturesMade {
  std::vector<std::pair<TaskNumber, std::string>> futures;  // and their keys
};
// A future of this client's own: finished when all its parts are, failed when one of them is. It
// takes over one reference to each.
struct FuturesJoined {
  TaskNumber number = 0;
  std::string key;
  std::vector<TaskNumber> parts;
};
struct FutureRetained {
  TaskNumber number = 0;
};
struct FutureReleased {
  TaskNumber number = 0;
};
struct FutureCancelled {
  TaskNumber number = 0;
  bool force = false;
};
struct FutureRetried {
  TaskNumber number = 0;
};
// Somebody wants the value; ends with ValueUnwanted.
struct ValueWanted {
  TaskNumber number = 0;
};
struct ValueUnwanted {
  TaskNumber number = 0;
};
struct NewsCame {
  std::vector<ClientNews> news;
};
struct ValuesCame {
  WorkerId from;
  std::vector<std::pair<TaskId, Body>> values;
  std::vector<TaskId> gone;
  std::vector<std::pair<TaskId, std::string>> broken;  // cannot be serialised, and why
};
struct HolderUnreachable {
  WorkerId worker;
  std::vector<TaskId> tasks;
};
struct SchedulerLost {
  std::string reason;
};

using ClientEvent = std::variant<TaskSubmitted, CodeSubmitted, GroupSubmitted, DataScattered,
                                 FutureRetained, FutureReleased, FutureCancelled, FutureRetried,
                                 ValueWanted, ValueUnwanted, NewsCame, ValuesCame,
                                 HolderUnreachable, SchedulerLost, FuturesMade, FuturesJoined>;

// ---- what is to be done

struct ClientFetch {
  WorkerId from;
  std::string address;
  std::vector<TaskId> tasks;
};
struct ClientActions {
  std::vector<ClientRequest> requests;
  std::vector<ClientFetch> fetch;
  std::vector<TaskNumber> changed;  // whose status is not pending any more, or is again
  std::vector<TaskNumber> valued;   // whose wanted value is here
  std::vector<WorkerId> retired;
  std::vector<Body> dropped;  // values that go: their owners may take locks when they end
  bool restarted = false;

  void clear() { *this = {}; }
};

struct ClientState {
  std::unordered_map<TaskNumber, FutureRecord> futures;
  std::unordered_map<std::string, TaskNumber> by_key;
  std::unordered_map<TaskId, TaskNumber> by_task;  // of values that are being fetched
  std::unordered_map<WorkerId, std::string> addresses;
  // Of a part that is pending: the joined futures that wait for it.
  std::unordered_map<TaskNumber, std::vector<TaskNumber>> wholes;
  TaskNumber last_number = 0;
  std::optional<std::string> lost;  // why there is no scheduler any more

  // The future of a key, while one is held.
  const FutureRecord* find(TaskNumber number) const {
    auto found = futures.find(number);
    return found == futures.end() ? nullptr : &found->second;
  }
};

// Adds to `out` what the event makes necessary.
void step(ClientState& state, ClientEvent event, ClientActions& out);

}  // namespace dusk::cluster
