// Every invariant of the scheduler's state, one function for each family: names, wishes, edges,
// states of tasks; workers' work, results, resources and indexes; codes; the queue.
//
// What two places say of one thing is compared in one direction, and counted in both.
#include <algorithm>
#include <cmath>

#include "dusk/base/check.h"
#include "dusk/cluster/scheduler.h"

namespace dusk::cluster {
namespace {

bool unfinished(TaskState kind) {
  return kind == TaskState::kWaiting || kind == TaskState::kQueued ||
         kind == TaskState::kNoWorker || kind == TaskState::kProcessing;
}

template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
  return std::find(range.begin(), range.end(), value) != range.end();
}

template <class T>
std::vector<T> sorted(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return values;
}

template <class Range>
bool repeats(const Range& range) {
  auto values = sorted(std::vector(range.begin(), range.end()));
  return std::adjacent_find(values.begin(), values.end()) != values.end();
}

template <class T>
bool among(const std::vector<T>& values, const T& value) {  // REQUIRES: values are sorted
  return std::binary_search(values.begin(), values.end(), value);
}

class Validator {
 public:
  explicit Validator(const SchedulerState& state)
      : s_(state), code_references_(s_.codes.size()), no_worker_(sorted(s_.no_worker)) {
    for (const auto& [id, client] : s_.clients) groups_[id] = sorted(client.group);
  }

  void run() {
    s_.tasks.for_each([&](const Task& task) {
      check_name(task);
      check_wishes(task);
      check_edges(task);
      check_state(task);
      count(task);
    });
    check_counts();
    for (const auto& [id, client] : s_.clients) check_client(id, client);
    for (const auto& [id, worker] : s_.workers) {
      check_work(worker);
      check_results(worker);
      check_resources(worker);
      check_indexes(worker);
      check_knowledge(worker);
    }
    check_sets();
    check_moves();
    check_codes();
    check_queue();
  }

 private:
  void expect(bool condition, const Task& task, const char* what) const {
    if (condition) return;
    std::string text =
        std::string(what) + ": " + task.key + " (" + std::string(to_string(task.kind())) + ")";
    for (const StoryLine& line : s_.story.of(task.id)) text += "\n  " + to_string(line);
    DUSK_CHECK(condition, text);
  }

  const WorkerRecord* find(WorkerId id) const { return s_.workers.find(id); }

  // ---- tasks

  void check_name(const Task& task) const {
    expect(s_.tasks.find(task.key) == &task, task, "its key names another task");
    expect(s_.tasks.find(task.id) == &task, task, "its number names another task");
    expect(task.code.value < s_.codes.size(), task, "its code is not there");
    expect(task.priority.sequence <= s_.sequence, task, "a submission out of order");
  }

  void check_wishes(const Task& task) const {
    expect(task.wanted() || task.dependents_alive > 0, task, "a task that nobody knows is kept");
    for (const Task::Want& want : task.wanted_by) {
      auto client = s_.clients.find(want.client);
      expect(client != s_.clients.end(), task, "wanted by a client that has left");
      expect(client->second.numbers.find(want.number) == task.id, task,
             "wanted under a number that its client does not know");
      expect(!want.hold || among(groups_.at(want.client), want.number), task,
             "held for a group that has ended");
    }
  }

  void check_edges(const Task& task) {
    expect(!repeats(task.dependencies), task, "an input is listed twice");
    for (TaskId id : task.dependencies) {
      expect(s_.tasks.find(id), task, "a dependency is forgotten");
      inputs_.emplace_back(id, task.id);
    }
    uint32_t alive = 0, waiters = 0;
    for (TaskId id : task.dependents) {
      const Task* dependent = s_.tasks.find(id);
      if (!dependent) continue;
      ++alive;
      waiters += unfinished(dependent->kind());
      dependents_.emplace_back(task.id, id);
    }
    expect(alive == task.dependents_alive, task, "dependents are miscounted");
    expect(waiters == task.waiters, task, "waiters are miscounted");
  }

  void check_state(const Task& task) const {
    if (unfinished(task.kind())) {
      expect(task.needed(), task, "work that nobody needs");
      expect(task.code.valid(), task, "data is to be computed");
    }
    switch (task.kind()) {
      case TaskState::kReleased:
        expect(!task.needed(), task, "needed, and nothing is done about it");
        break;
      case TaskState::kWaiting: check_waiting(task); break;
      case TaskState::kQueued: expect(missing(task) == 0, task, "ready without its inputs"); break;
      case TaskState::kNoWorker: check_no_worker(task); break;
      case TaskState::kProcessing: check_processing(task); break;
      case TaskState::kMemory: check_memory(task); break;
      case TaskState::kErred:
        expect(task.as<Erred>().fault != nullptr, task, "failed without a fault");
        break;
      default: break;
    }
  }

  uint32_t missing(const Task& task) const {
    uint32_t count = 0;
    for (TaskId id : task.dependencies) {
      count += s_.tasks.find(id)->kind() != TaskState::kMemory;
    }
    return count;
  }

  void check_waiting(const Task& task) const {
    uint32_t count = missing(task);
    expect(task.as<Waiting>().missing == count, task, "missing inputs are miscounted");
    expect(count > 0, task, "waits for nothing");
    for (TaskId id : task.dependencies) {
      expect(s_.tasks.find(id)->kind() != TaskState::kErred, task, "waits for a failed task");
    }
  }

  void check_no_worker(const Task& task) const {
    expect(missing(task) == 0, task, "ready without its inputs");
    expect(among(no_worker_, task.id), task, "no worker that comes will find it");
    bool anywhere = !task.requirements ||
                    (task.requirements->workers.empty() && task.requirements->resources.empty());
    expect(!anywhere || s_.load.empty(), task, "waits though a worker may run it");
  }

  void check_processing(const Task& task) const {
    const Processing& run = task.as<Processing>();
    const WorkerRecord* worker = find(run.worker);
    expect(worker, task, "on a worker that left");
    expect(run.position < worker->processing.size() && worker->processing[run.position] == task.id,
           task, "not in its worker's list");
    expect(task.attempt > 0, task, "given to a worker without having been counted");
    expect(run.started || missing(task) == 0, task, "given to a worker without its inputs");
    expect(run.started || !run.long_running, task, "left its thread without having started");
    expect(!run.long_running || run.estimate_s == 0, task, "long-running, and counted as work");
    expect(!run.thief.valid() || find(run.thief), task, "asked back for a worker that left");
  }

  void check_memory(const Task& task) const {
    const InMemory& state = task.as<InMemory>();
    expect(!state.holders.empty(), task, "in memory of nobody");
    expect(task.needed(), task, "kept without need");
    expect(!repeats(state.holders), task, "held twice by one worker");
    for (WorkerId id : state.holders) expect(find(id), task, "in memory of a worker that left");
  }

  // ---- sums over tasks

  struct Tally {
    size_t held = 0;
    int64_t nbytes = 0;
    int32_t incoming = 0;
  };

  void count(const Task& task) {
    ++tasks_;
    unfinished_ += unfinished(task.kind());
    queued_ += task.kind() == TaskState::kQueued;
    wishes_ += task.wanted_by.size();
    ++code_references_[task.code.value];
    if (task.kind() == TaskState::kProcessing) {
      const Processing& run = task.as<Processing>();
      if (run.thief.valid() && run.thief != run.worker) ++tallies_[run.thief].incoming;
    } else if (task.kind() == TaskState::kMemory) {
      const InMemory& state = task.as<InMemory>();
      for (WorkerId id : state.holders) {
        ++tallies_[id].held;
        tallies_[id].nbytes += state.nbytes;
      }
    }
  }

  void check_counts() const {
    DUSK_CHECK(unfinished_ == s_.unfinished, "unfinished tasks are miscounted");
    DUSK_CHECK(sorted(inputs_) == sorted(dependents_), "inputs and dependents differ");
    DUSK_CHECK(tasks_ == s_.tasks.size(), "tasks are miscounted");
    size_t numbers = 0;
    for (const auto& [id, client] : s_.clients) {
      client.numbers.for_each([&](TaskNumber, TaskId) { ++numbers; });
    }
    DUSK_CHECK(numbers == wishes_, "a client's number is nobody's wish");
    for (const auto& [id, workers] : s_.killed_under) {
      DUSK_CHECK(s_.tasks.find(id), "workers are known to have died of a forgotten task");
    }
  }

  // ---- clients

  void check_client(ClientId id, const ClientRecord& client) {
    DUSK_CHECK(client.id == id, "a client under another's number");
    for (const auto& [number, code] : client.codes) {
      DUSK_CHECK(code.valid() && code.value < s_.codes.size(), "a client names a code not there");
      ++code_references_[code.value];
    }
  }

  // ---- workers

  void check_work(const WorkerRecord& worker) {
    double occupancy = 0;
    int32_t retracting = 0, long_running = 0;
    for (uint32_t i = 0; i < worker.processing.size(); ++i) {
      const Task* task = s_.tasks.find(worker.processing[i]);
      DUSK_CHECK(task && task->kind() == TaskState::kProcessing, "a worker runs what is not there");
      const Processing& run = task->as<Processing>();
      expect(run.worker == worker.info.id && run.position == i, *task, "in another worker's list");
      occupancy += run.estimate_s;
      retracting += run.thief.valid();
      long_running += run.long_running;
    }
    DUSK_CHECK(std::abs(occupancy - worker.occupancy_s) < 1e-3, "occupancy has drifted");
    DUSK_CHECK(retracting == worker.retracting, "retractions are miscounted");
    DUSK_CHECK(long_running == worker.long_running, "long-running tasks are miscounted");
    DUSK_CHECK(tallies_[worker.info.id].incoming == worker.incoming,
               "tasks on their way to a worker are miscounted");
  }

  void check_results(const WorkerRecord& worker) {
    std::vector<TaskId> holds = worker.holds;
    std::sort(holds.begin(), holds.end());
    holds.erase(std::unique(holds.begin(), holds.end()), holds.end());
    auto here = static_cast<size_t>(std::count_if(holds.begin(), holds.end(), [&](TaskId id) {
      const Task* task = s_.tasks.find(id);
      return task && task->kind() == TaskState::kMemory &&
             contains(task->as<InMemory>().holders, worker.info.id);
    }));
    const Tally& tally = tallies_[worker.info.id];
    DUSK_CHECK(here == tally.held, "a worker has a result that it does not list");
    DUSK_CHECK(tally.held == worker.held, "results of a worker are miscounted");
    DUSK_CHECK(tally.nbytes == worker.nbytes, "bytes of a worker are miscounted");
  }

  void check_resources(const WorkerRecord& worker) const {
    std::map<std::string, double> used;
    for (TaskId id : worker.processing) {
      const Task& task = *s_.tasks.find(id);
      if (!task.requirements) continue;
      for (const auto& [name, amount] : task.requirements->resources) used[name] += amount;
    }
    for (const auto& [name, amount] : worker.used) {
      auto found = used.find(name);
      double expected = found == used.end() ? 0 : found->second;
      DUSK_CHECK(std::abs(amount - expected) < 1e-6, "resources in use are miscounted");
    }
    for (const auto& [name, amount] : used) {
      DUSK_CHECK(worker.used.count(name), "a resource in use is not counted");
    }
  }

  void check_indexes(const WorkerRecord& worker) const {
    WorkerId id = worker.info.id;
    auto spare = static_cast<int64_t>(worker.processing.size()) - worker.retracting -
                 worker.long_running - worker.info.threads;
    DUSK_CHECK((spare > 0) == s_.overfull.count(id), "who has too much is wrong");
    bool retiring = worker.status == WorkerStatus::kRetiring;
    DUSK_CHECK(retiring == s_.retiring.count(id), "who retires is wrong");
    bool takes = worker.status == WorkerStatus::kRunning && !worker.closing;
    DUSK_CHECK(takes == s_.load.contains(id), "the load index names the wrong workers");
  }

  // What a worker has been told of is still there.
  void check_knowledge(const WorkerRecord& worker) const {
    for (size_t code = 0; code < worker.codes.size(); ++code) {
      DUSK_CHECK(!worker.codes[code] || s_.codes[code].references > 0,
                 "a worker keeps a dead code");
    }
    for (uint32_t peer = 0; peer < worker.peers.size(); ++peer) {
      DUSK_CHECK(!worker.peers[peer] || find({peer}), "a worker keeps a peer that left");
    }
  }

  // ---- the whole

  void check_sets() const {
    int64_t threads = 0;
    size_t takes = 0, overfull = 0, retiring = 0;
    for (const auto& [id, worker] : s_.workers) {
      DUSK_CHECK(id == worker.info.id, "a worker under another's number");
      threads += worker.info.threads;
      takes += s_.load.contains(id);
      overfull += s_.overfull.count(id);
      retiring += s_.retiring.count(id);
    }
    DUSK_CHECK(threads == s_.threads, "threads are miscounted");
    DUSK_CHECK(takes == s_.load.size(), "the load index names a worker that left");
    DUSK_CHECK(overfull == s_.overfull.size(), "a worker that left has too much");
    DUSK_CHECK(retiring == s_.retiring.size(), "a worker that left retires");
  }

  void check_moves() const {
    for (const auto& [id, source] : s_.moves) {
      const Task* task = s_.tasks.find(id);
      DUSK_CHECK(task && task->kind() == TaskState::kMemory, "what is not in memory is moved");
    }
  }

  void check_codes() const {
    for (uint32_t i = 1; i < s_.codes.size(); ++i) {
      const Code& code = s_.codes[i];
      DUSK_CHECK(code.references == code_references_[i], "references to a code are miscounted");
      if (code.references == 0) continue;
      auto found = s_.by_token.find(code.token);
      DUSK_CHECK(code.id.value == i, "a code under another's number");
      DUSK_CHECK(found != s_.by_token.end() && found->second == code.id, "a code without a token");
    }
    DUSK_CHECK(s_.by_token.size() + s_.free_codes.size() + 1 == s_.codes.size(),
               "codes are neither used nor free");
    for (CodeId id : s_.free_codes) {
      DUSK_CHECK(s_.codes[id.value].references == 0, "a used code is free");
    }
  }

  // By taking out all that is in it.
  void check_queue() const {
    DUSK_CHECK(queued_ == s_.queue.size(), "the queue and the queued tasks differ");
    if (queued_ == 0) return;
    ReadyQueue queue = s_.queue;
    for (size_t left = queued_; left > 0; --left) {
      const Task* task = s_.tasks.find(queue.top());
      DUSK_CHECK(task && task->kind() == TaskState::kQueued, "the queue names a task not queued");
      queue.remove(task->id);
    }
    DUSK_CHECK(queue.empty(), "the queue names a task twice");
  }

  const SchedulerState& s_;
  size_t tasks_ = 0, unfinished_ = 0, queued_ = 0, wishes_ = 0;
  std::vector<std::pair<TaskId, TaskId>> inputs_, dependents_;  // an input and who needs it
  std::map<WorkerId, Tally> tallies_;
  std::vector<int64_t> code_references_;                // by CodeId
  const std::vector<TaskId> no_worker_;                 // sorted
  std::map<ClientId, std::vector<TaskNumber>> groups_;  // sorted
};

}  // namespace

void validate(const SchedulerState& state) { Validator(state).run(); }

}  // namespace dusk::cluster
