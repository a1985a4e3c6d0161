// The scheduler: everything it knows and the one function that changes it.
//
// Pure: no socket, thread, clock or random number. Time and whatever happened arrive in events;
// what is to be said to workers and clients leaves in SchedulerActions. Same events, same actions.
// One thread at a time.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "dusk/cluster/load_index.h"
#include "dusk/cluster/number_table.h"
#include "dusk/cluster/ready_queue.h"
#include "dusk/cluster/story.h"
#include "dusk/cluster/task_table.h"

namespace dusk::cluster {

struct SchedulerOptions {
  double worker_saturation = 1.1;   // root tasks a worker holds, per thread; inf: no queue
  double prefill_s = 0.02;          // measured work sent ahead to a worker, per thread
  int32_t prefill_max = 1024;       // tasks sent ahead to a worker
  double unknown_duration_s = 0.5;  // of a function that has not finished yet
  double bandwidth = 1e9;           // bytes a second between workers, until measured
  double latency_s = 0.001;         // of a transfer
  int32_t allowed_failures = 3;     // workers that may die under a task
  int64_t value_inline_max = 4096;  // bytes of a result that comes along with the report
  Time worker_ttl = 300 * kSecond;  // silence after which a worker counts as lost; 0: never
  Time idle_timeout = 0;            // without tasks, after which the scheduler ends; 0: never
  Time no_workers_timeout = 0;      // after which tasks without any worker fail; 0: never
  size_t story_lines = 100'000;
  bool validate = false;  // check every invariant after every step
};

struct WorkerInfo {
  WorkerId id;
  std::string address;
  std::string name;
  std::string host;
  int32_t threads = 1;
  int64_t memory_limit = 0;  // bytes; 0: none
  std::map<std::string, double> resources;
  bool nanny = false;  // somebody tells why its process ends
};

// A worker as the scheduler sees it. What every task of it changes stands in front.
struct WorkerRecord {
  WorkerStatus status = WorkerStatus::kRunning;
  bool closing = false;  // has been told to; its end is no accident
  int32_t long_running = 0;
  int32_t retracting = 0;          // asked back, not answered
  int32_t incoming = 0;            // on their way from another worker
  double occupancy_s = 0;          // estimated work of `processing`
  std::vector<TaskId> processing;  // given to it, in no order
  std::vector<TaskId> holds;       // results; may name lost ones, see InMemory::holders
  size_t held = 0;                 // the true count of these
  int64_t nbytes = 0;              // of these
  Time heard = 0;
  WorkerInfo info;
  std::vector<bool> codes;             // by CodeId: has it
  std::vector<bool> peers;             // by WorkerId: has the address
  std::map<std::string, double> used;  // resources promised to `processing`
  int64_t memory = 0;                  // bytes of its process, from the last heartbeat
};

// Workers in the order of their numbers, each found in one step. Records do not move.
class WorkerTable {
 public:
  // Null when it is not here.
  WorkerRecord* find(WorkerId id) {
    return id.value < by_number_.size() ? by_number_[id.value] : nullptr;
  }
  const WorkerRecord* find(WorkerId id) const { return const_cast<WorkerTable*>(this)->find(id); }
  // REQUIRES: it is here.
  WorkerRecord& at(WorkerId id) { return *by_number_[id.value]; }
  const WorkerRecord& at(WorkerId id) const { return *by_number_[id.value]; }
  bool contains(WorkerId id) const { return find(id) != nullptr; }
  // REQUIRES: it is not here.
  WorkerRecord& add(WorkerId id) {
    if (by_number_.size() <= id.value) by_number_.resize(id.value + 1);
    return *(by_number_[id.value] = &records_[id]);
  }
  void erase(WorkerId id) {
    by_number_[id.value] = nullptr;
    records_.erase(id);
  }
  size_t size() const { return records_.size(); }
  bool empty() const { return records_.empty(); }
  auto begin() { return records_.begin(); }
  auto end() { return records_.end(); }
  auto begin() const { return records_.begin(); }
  auto end() const { return records_.end(); }

 private:
  std::map<WorkerId, WorkerRecord> records_;
  std::vector<WorkerRecord*> by_number_;
};

struct Code {
  CodeId id;
  base::Token token;
  std::string name;
  Body body;
  int64_t references = 0;  // tasks, and clients that named it
  double duration_s = -1;  // moving average; < 0: never measured
  double nbytes = 0;       // moving average of its results
  // Workers that lack what it needs (a language), as they have said, and what they said last.
  base::SmallVector<WorkerId, 2> unable;
  FaultPtr why_unable;
  bool unable_on(WorkerId worker) const {
    return std::find(unable.begin(), unable.end(), worker) != unable.end();
  }
};

// What codes of one name have taken: the guess for one that has not been measured. Graphs have many
// codes of one name (a function with other arguments), and the same ones come again.
struct Habit {
  double duration_s = 0;
  double nbytes = 0;
};

struct ClientRecord {
  ClientId id;
  std::string name;
  NumberTable numbers;
  std::unordered_map<uint32_t, CodeId> codes;
  std::vector<TaskNumber> group;  // submitted since the last SubmitEnd and not wanted
  std::vector<bool> peers;        // by WorkerId: has the address
};

// ---- what happens

struct ClientJoined {
  ClientId client;
  std::string name;
};
struct ClientLeft {
  ClientId client;
};
struct ClientAsked {
  ClientId client;
  std::vector<ClientRequest> requests;
};
struct WorkerJoined {
  WorkerInfo info;
  // Results that it still has from before its connection was lost, by key.
  std::vector<std::pair<std::string, int64_t>> holds;
};
struct WorkerLeft {
  WorkerId worker;
  std::string reason;
  std::string log_tail;
};
struct WorkerReported {
  WorkerId worker;
  std::vector<WorkerReport> reports;
};
struct Heartbeat {
  WorkerId worker;
  int64_t memory = 0;
  double bandwidth = 0;  // measured since the last one, bytes a second; 0: nothing was moved
};
struct Tick {};  // now and then, so that time passes

using SchedulerEvent = std::variant<ClientJoined, ClientLeft, ClientAsked, WorkerJoined, WorkerLeft,
                                    WorkerReported, Heartbeat, Tick>;

// ---- what is to be done

// Messages by receiver, in the order in which receivers were first spoken to.
template <class Id, class Entry>
class Outbox {
 public:
  std::vector<Entry>& to(Id id) {
    if (index_.size() <= id.value) index_.resize(id.value + 1);
    uint32_t& at = index_[id.value];
    if (at >= letters_.size() || letters_[at].first != id) {
      at = static_cast<uint32_t>(letters_.size());
      letters_.emplace_back(id, std::vector<Entry>{});
    }
    return letters_[at].second;
  }
  std::vector<std::pair<Id, std::vector<Entry>>>& letters() { return letters_; }
  void clear() { letters_.clear(); }

 private:
  std::vector<std::pair<Id, std::vector<Entry>>> letters_;
  std::vector<uint32_t> index_;  // by Id: where its letter is, unless that one is somebody else's
};

struct SchedulerActions {
  Outbox<WorkerId, WorkerOrder> orders;
  Outbox<ClientId, ClientNews> news;
  std::vector<WorkerId> disconnect;  // silent for too long; a WorkerLeft must follow
  bool shut_down = false;            // idle for too long

  void clear() {
    orders.clear();
    news.clear();
    disconnect.clear();
    shut_down = false;
  }
};

struct SchedulerState {
  explicit SchedulerState(SchedulerOptions given)
      : options(given), story(given.story_lines), bandwidth(given.bandwidth) {}

  SchedulerOptions options;
  TaskTable tasks;
  // Addresses of the workers that died while a task ran.
  std::unordered_map<TaskId, std::vector<std::string>> killed_under;
  WorkerTable workers;
  std::map<ClientId, ClientRecord> clients;
  std::vector<Code> codes{Code{}};  // by CodeId; 0 is none
  std::vector<CodeId> free_codes;
  std::unordered_map<base::Token, CodeId> by_token;
  std::unordered_map<std::string, Habit> habits;  // by Code::name
  ReadyQueue queue;                               // tasks in Queued
  std::vector<TaskId> no_worker;                  // tasks in NoWorker, and some that were
  LoadIndex load;                                 // workers that take tasks, least loaded first
  std::set<WorkerId> overfull;  // workers that have more than they have threads for
  std::set<WorkerId> retiring;
  int64_t threads = 0;  // of all workers
  Story story;
  uint64_t sequence = 0;  // of submissions
  double bandwidth;
  std::unordered_map<TaskId, WorkerId> moves;  // being rebalanced: who drops its copy at the end
  Time idle_since = 0;
  size_t unfinished = 0;  // tasks that are waiting, queued, without worker or processing
};

// Adds to `out` what the event makes necessary. REQUIRES: `now` never goes back.
void step(SchedulerState& state, Time now, SchedulerEvent event, SchedulerActions& out);
// Several events of one moment: tasks are placed when all of them have had their effect.
void step(SchedulerState& state, Time now, std::vector<SchedulerEvent> events,
          SchedulerActions& out);

// Ends the process with the story of the task if an invariant is broken.
void validate(const SchedulerState& state);

// Why a task has no result yet, for people.
std::string explain_task(const SchedulerState& state, const Task& task);

}  // namespace dusk::cluster
