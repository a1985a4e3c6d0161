// Every invariant of the scheduler's state, one function for each family. Here: names, wishes,
// edges and states of tasks; clients, codes, the queue. Workers are in validate_workers.cc.
//
// What two places say of one thing is compared in one direction, and counted in both.
#include "dusk/cluster/validate.h"

#include "dusk/base/check.h"

namespace dusk::cluster {
namespace {

class TasksValidator {
 public:
  explicit TasksValidator(const SchedulerState& state)
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
    check_codes();
    check_queue();
    check_moves();
  }

 private:
  void expect(bool condition, const Task& task, const char* what) const {
    expect_of(s_, condition, task, what);
  }

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
    bool anywhere = s_.codes[task.code.value].unable.empty() &&
                    (!task.requirements ||
                     (task.requirements->workers.empty() && task.requirements->resources.empty()));
    expect(!anywhere || s_.load.empty(), task, "waits though a worker may run it");
  }

  void check_processing(const Task& task) const {
    const Processing& run = task.as<Processing>();
    const WorkerRecord* worker = s_.workers.find(run.worker);
    expect(worker, task, "on a worker that left");
    expect(run.position < worker->processing.size() && worker->processing[run.position] == task.id,
           task, "not in its worker's list");
    expect(task.code.value < worker->codes.size() && worker->codes[task.code.value], task,
           "given to a worker without its code");
    expect(task.attempt > 0, task, "given to a worker without having been counted");
    expect(run.started || missing(task) == 0, task, "given to a worker without its inputs");
    expect(run.started || !run.long_running, task, "left its thread without having started");
    expect(!run.long_running || run.estimate_s == 0, task, "long-running, and counted as work");
    expect(!run.thief.valid() || s_.workers.find(run.thief), task,
           "asked back for a worker that left");
  }

  void check_memory(const Task& task) const {
    const InMemory& state = task.as<InMemory>();
    expect(!state.holders.empty(), task, "in memory of nobody");
    expect(task.needed(), task, "kept without need");
    expect(!repeats(state.holders), task, "held twice by one worker");
    for (WorkerId id : state.holders)
      expect(s_.workers.find(id), task, "in memory of a worker that left");
  }

  // ---- sums over tasks

  void count(const Task& task) {
    ++tasks_;
    unfinished_ += unfinished(task.kind());
    queued_ += task.kind() == TaskState::kQueued;
    wishes_ += task.wanted_by.size();
    ++code_references_[task.code.value];
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

  // ---- the rest

  void check_client(ClientId id, const ClientRecord& client) {
    DUSK_CHECK(client.id == id, "a client under another's number");
    for (TaskNumber number : groups_.at(id)) {
      const Task* task = s_.tasks.find(client.numbers.find(number));
      if (!task) continue;
      auto held =
          std::find_if(task->wanted_by.begin(), task->wanted_by.end(), [&](const auto& want) {
            return want.client == id && want.number == number && want.hold;
          });
      expect(held != task->wanted_by.end(), *task, "in a group, and not held for it");
    }
    for (const auto& [number, code] : client.codes) {
      DUSK_CHECK(code.valid() && code.value < s_.codes.size(), "a client names a code not there");
      ++code_references_[code.value];
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

  void check_moves() const {
    for (const auto& [id, source] : s_.moves) {
      const Task* task = s_.tasks.find(id);
      DUSK_CHECK(task && task->kind() == TaskState::kMemory, "what is not in memory is moved");
    }
  }

  const SchedulerState& s_;
  size_t tasks_ = 0, unfinished_ = 0, queued_ = 0, wishes_ = 0;
  std::vector<std::pair<TaskId, TaskId>> inputs_, dependents_;  // an input and who needs it
  std::vector<int64_t> code_references_;                        // by CodeId
  const std::vector<TaskId> no_worker_;                         // sorted
  std::map<ClientId, std::vector<TaskNumber>> groups_;          // sorted
};

}  // namespace

void expect_of(const SchedulerState& state, bool condition, const Task& task, const char* what) {
  if (condition) return;
  std::string text =
      std::string(what) + ": " + task.key + " (" + std::string(to_string(task.kind())) + ")";
  for (const StoryLine& line : state.story.of(task.id)) text += "\n  " + to_string(line);
  DUSK_CHECK(condition, text);
}

bool unfinished(TaskState kind) {
  return kind == TaskState::kWaiting || kind == TaskState::kQueued ||
         kind == TaskState::kNoWorker || kind == TaskState::kProcessing;
}

void validate_tasks(const SchedulerState& state) { TasksValidator(state).run(); }

void validate(const SchedulerState& state) {
  validate_tasks(state);
  validate_workers(state);
}

}  // namespace dusk::cluster
