// Every invariant of the scheduler's workers: their work, results and resources, what they know,
// and the indexes that name them.
#include <cmath>

#include "dusk/base/check.h"
#include "dusk/cluster/validate.h"

namespace dusk::cluster {
namespace {

class WorkersValidator {
 public:
  explicit WorkersValidator(const SchedulerState& state) : s_(state) {}

  void run() {
    s_.tasks.for_each([&](const Task& task) { count(task); });
    for (const auto& [id, worker] : s_.workers) {
      check_work(worker);
      check_results(worker);
      check_resources(worker);
      check_indexes(worker);
      check_knowledge(worker);
    }
    check_sets();
    check_load();
  }

 private:
  // What tasks say of a worker.
  struct Tally {
    size_t held = 0;
    int64_t nbytes = 0;
    int32_t incoming = 0;
  };

  void expect(bool condition, const Task& task, const char* what) const {
    expect_of(s_, condition, task, what);
  }

  void count(const Task& task) {
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
      DUSK_CHECK(!worker.peers[peer] || s_.workers.find(WorkerId{peer}),
                 "a worker keeps a peer that left");
    }
  }

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

  void check_load() const {
    if (s_.load.empty()) return;
    auto load = [](const WorkerRecord& worker) {
      auto tasks = static_cast<double>(worker.processing.size()) + worker.incoming;
      return (worker.occupancy_s + tasks * 1e-6) / worker.info.threads;
    };
    double least = load(s_.workers.at(s_.load.least()));
    for (const auto& [id, worker] : s_.workers) {
      DUSK_CHECK(!s_.load.contains(id) || least <= load(worker) + 1e-9,
                 "the least loaded worker is not");
    }
  }

  const SchedulerState& s_;
  std::map<WorkerId, Tally> tallies_;
};

}  // namespace

void validate_workers(const SchedulerState& state) { WorkersValidator(state).run(); }

}  // namespace dusk::cluster
