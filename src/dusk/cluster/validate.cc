// Every invariant of the scheduler's state.
#include <algorithm>

#include "dusk/base/check.h"
#include "dusk/cluster/scheduler.h"

namespace dusk::cluster {
namespace {

class Validator {
 public:
  explicit Validator(const SchedulerState& state) : s_(state) {}

  void run() {
    size_t unfinished = 0;
    size_t queued = 0;
    s_.tasks.for_each([&](const Task& task) {
      check_task(task);
      TaskState kind = task.kind();
      queued += kind == TaskState::kQueued;
      unfinished += kind == TaskState::kWaiting || kind == TaskState::kQueued ||
                    kind == TaskState::kNoWorker || kind == TaskState::kProcessing;
    });
    DUSK_CHECK(unfinished == s_.unfinished, "unfinished tasks are miscounted");
    DUSK_CHECK(queued == s_.queue.size(), "the queue and the queued tasks differ");
    for (const auto& [id, worker] : s_.workers) check_worker(worker);
  }

 private:
  void expect(bool condition, const Task& task, const char* what) {
    if (condition) return;
    std::string text =
        std::string(what) + ": " + task.key + " (" + std::string(to_string(task.kind())) + ")";
    for (const StoryLine& line : s_.story.of(task.id)) text += "\n  " + to_string(line);
    DUSK_CHECK(condition, text);
  }

  static bool uses_inputs(TaskState kind) {
    return kind == TaskState::kWaiting || kind == TaskState::kQueued ||
           kind == TaskState::kNoWorker || kind == TaskState::kProcessing;
  }

  void check_task(const Task& task) {
    expect(s_.tasks.find(task.key) == &task, task, "its key names another task");
    uint32_t alive = 0;
    uint32_t waiters = 0;
    for (TaskId id : task.dependents) {
      const Task* dependent = s_.tasks.find(id);
      if (!dependent) continue;
      ++alive;
      waiters += uses_inputs(dependent->kind());
    }
    expect(alive == task.dependents_alive, task, "dependents are miscounted");
    expect(waiters == task.waiters, task, "waiters are miscounted");
    expect(task.wanted() || alive > 0, task, "a task that nobody knows is kept");
    uint32_t missing = 0;
    for (TaskId id : task.dependencies) {
      const Task* input = s_.tasks.find(id);
      expect(input, task, "a dependency is forgotten");
      missing += input->kind() != TaskState::kMemory;
    }
    if (uses_inputs(task.kind())) expect(task.needed(), task, "work that nobody needs");
    switch (task.kind()) {
      case TaskState::kReleased:
        expect(!task.needed(), task, "needed, and nothing is done about it");
        break;
      case TaskState::kWaiting:
        expect(task.as<Waiting>().missing == missing, task, "missing inputs are miscounted");
        expect(missing > 0, task, "waits for nothing");
        break;
      case TaskState::kQueued:
      case TaskState::kNoWorker: expect(missing == 0, task, "ready without its inputs"); break;
      case TaskState::kProcessing: check_processing(task, missing); break;
      case TaskState::kMemory: check_memory(task); break;
      case TaskState::kErred:
        expect(task.as<Erred>().fault != nullptr, task, "failed without a fault");
        break;
      default: break;
    }
  }

  void check_processing(const Task& task, uint32_t missing) {
    const Processing& run = task.as<Processing>();
    const WorkerRecord* worker = s_.workers.find(run.worker);
    expect(worker, task, "on a worker that left");
    const auto& list = worker->processing;
    expect(run.position < list.size() && list[run.position] == task.id, task,
           "not in its worker's list");
    if (!run.started) expect(missing == 0, task, "given to a worker without its inputs");
  }

  void check_memory(const Task& task) {
    const InMemory& state = task.as<InMemory>();
    expect(!state.holders.empty(), task, "in memory of nobody");
    expect(task.needed(), task, "kept without need");
    for (WorkerId id : state.holders) {
      expect(s_.workers.contains(id), task, "in memory of a worker that left");
    }
  }

  void check_worker(const WorkerRecord& worker) {
    double occupancy = 0;
    int32_t retracting = 0;
    for (TaskId id : worker.processing) {
      const Task* task = s_.tasks.find(id);
      DUSK_CHECK(task && task->kind() == TaskState::kProcessing, "a worker runs what is not there");
      occupancy += task->as<Processing>().estimate_s;
      retracting += task->as<Processing>().thief.valid();
    }
    DUSK_CHECK(std::abs(occupancy - worker.occupancy_s) < 1e-3, "occupancy has drifted");
    DUSK_CHECK(retracting == worker.retracting, "retractions are miscounted");
    std::vector<TaskId> holds = worker.holds;
    std::sort(holds.begin(), holds.end());
    holds.erase(std::unique(holds.begin(), holds.end()), holds.end());
    size_t held = 0;
    int64_t nbytes = 0;
    for (TaskId id : holds) {
      const Task* task = s_.tasks.find(id);
      if (!task || task->kind() != TaskState::kMemory) continue;
      const InMemory& state = task->as<InMemory>();
      bool here = std::find(state.holders.begin(), state.holders.end(), worker.info.id) !=
                  state.holders.end();
      held += here;
      nbytes += here ? state.nbytes : 0;
    }
    DUSK_CHECK(held == worker.held, "results of a worker are miscounted");
    DUSK_CHECK(nbytes == worker.nbytes, "bytes of a worker are miscounted");
    bool overfull =
        static_cast<int64_t>(worker.processing.size()) - worker.retracting - worker.long_running >
        worker.info.threads;
    DUSK_CHECK(overfull == (s_.overfull.count(worker.info.id) != 0), "who has too much is wrong");
    DUSK_CHECK(
        (worker.status == WorkerStatus::kRetiring) == (s_.retiring.count(worker.info.id) != 0),
        "who retires is wrong");
    bool takes = worker.status == WorkerStatus::kRunning && !worker.closing;
    DUSK_CHECK(takes == s_.load.contains(worker.info.id), "the load index names the wrong workers");
  }

  const SchedulerState& s_;
};

}  // namespace

void validate(const SchedulerState& state) { Validator(state).run(); }

}  // namespace dusk::cluster
