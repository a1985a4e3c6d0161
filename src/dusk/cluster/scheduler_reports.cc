// What workers report.
#include <algorithm>

#include "dusk/cluster/scheduler_step.h"

namespace dusk::cluster {
namespace {

constexpr size_t kHabitsMax = 10'000;
constexpr double kWeight = 0.2;  // of a new measurement in a moving average
constexpr int32_t kUnreachableMax = 3;

}  // namespace

void Step::on(WorkerReported& event) {
  for (WorkerReport& entry : event.reports) {
    WorkerRecord* worker = find(event.worker);
    if (!worker) return;
    worker->heard = now_;
    std::visit([&](auto& r) { report(*worker, r); }, entry);
    follow_up();
  }
}

// The task if `worker` runs this very attempt of it.
Task* Step::running(const WorkerRecord& worker, TaskId id, uint32_t attempt) {
  Task* task = find(id);
  if (!task || task->attempt != attempt || task->kind() != TaskState::kProcessing) return nullptr;
  return task->as<Processing>().worker == worker.info.id ? task : nullptr;
}

void Step::measure(const Task& task, double seconds, int64_t nbytes) {
  Code& code = s_.codes[task.code.value];
  auto size = static_cast<double>(nbytes);
  bool first = code.duration_s < 0;
  code.duration_s = first ? seconds : code.duration_s + kWeight * (seconds - code.duration_s);
  code.nbytes = first ? size : code.nbytes + kWeight * (size - code.nbytes);
  if (!first) return;
  if (s_.habits.size() >= kHabitsMax) s_.habits.clear();
  auto [habit, fresh] = s_.habits.try_emplace(code.name, Habit{seconds, size});
  if (fresh) return;
  habit->second.duration_s += kWeight * (seconds - habit->second.duration_s);
  habit->second.nbytes += kWeight * (size - habit->second.nbytes);
}

void Step::report(WorkerRecord& worker, RunStarted& report) {
  if (Task* task = running(worker, report.task, report.attempt)) {
    task->as<Processing>().started = true;
  }
}

// A result is welcome whoever was meant to compute it.
void Step::report(WorkerRecord& worker, RunFinished& report) {
  Task* task = find(report.task);
  if (!task) {
    free_on(report.task, worker);
    return;
  }
  bool ran = running(worker, report.task, report.attempt) != nullptr;
  if (ran) {
    measure(*task, static_cast<double>(report.duration_us) * 1e-6, report.nbytes);
  }
  if (task->kind() == TaskState::kMemory) {
    add_holder(*task, worker);
    return;
  }
  if (!task->needed() || task->kind() == TaskState::kErred) {
    if (ran) {
      Detail detail;
      detail.tell = false;
      transition(*task, TaskState::kReleased, std::move(detail));
    }
    free_on(report.task, worker);
    return;
  }
  Detail detail;
  detail.worker = worker.info.id;
  detail.nbytes = report.nbytes;
  detail.value = std::move(report.value);
  detail.ran = ran;
  transition(*task, TaskState::kMemory, std::move(detail));
}

void Step::report(WorkerRecord& worker, RunFailed& report) {
  Task* task = running(worker, report.task, report.attempt);
  if (!task) return;
  if (report.fault && report.fault->cause == FaultCause::kUnable) {
    return unable(worker, *task, std::move(report.fault));
  }
  Detail detail;
  detail.tell = false;
  if (task->retries_left > 0) {
    --task->retries_left;
    transition(*task, TaskState::kReleased, std::move(detail));
    return;
  }
  detail.fault = std::move(report.fault);
  transition(*task, TaskState::kErred, std::move(detail));
}

// The worker lacks what the task's code needs: its tasks go to others from now on. They fail when
// every worker has said so.
void Step::unable(const WorkerRecord& worker, Task& task, FaultPtr fault) {
  Code& code = s_.codes[task.code.value];
  if (!code.unable_on(worker.info.id)) code.unable.push_back(worker.info.id);
  code.why_unable = std::move(fault);
  hand_back(task, {});
}

// Placed anew; `prefer` gets it if it may.
void Step::hand_back(Task& task, WorkerId prefer) {
  Detail released;
  released.tell = false;
  transition(task, TaskState::kReleased, std::move(released));
  WorkerRecord* thief = prefer.valid() ? find(prefer) : nullptr;
  if (!thief || !takes_tasks(*thief)) return;
  if (task.kind() != TaskState::kWaiting || task.as<Waiting>().missing > 0) return;
  Detail detail;
  detail.worker = prefer;
  transition(task, TaskState::kProcessing, std::move(detail));
}

void Step::report(WorkerRecord& worker, RunReturned& report) {
  Task* task = running(worker, report.task, report.attempt);
  if (!task) return;
  WorkerId thief = task->as<Processing>().thief;
  hand_back(*task, thief == worker.info.id ? WorkerId{} : thief);
}

void Step::report(WorkerRecord& worker, RunKept& report) {
  Task* task = running(worker, report.task, report.attempt);
  if (!task) return;
  end_retraction(*task);
  task->as<Processing>().started = true;
}

void Step::report(WorkerRecord& worker, RunSeceded& report) {
  Task* task = running(worker, report.task, report.attempt);
  if (!task) return;
  Processing& run = task->as<Processing>();
  if (run.long_running) return;
  run.long_running = true;
  run.started = true;
  ++worker.long_running;
  worker.occupancy_s -= run.estimate_s;
  run.estimate_s = 0;
  update_load(worker);
}

void Step::report(WorkerRecord& worker, CopyAdded& report) {
  Task* task = find(report.task);
  if (!task) {
    free_on(report.task, worker);
    return;
  }
  switch (task->kind()) {
    case TaskState::kMemory:
      task->as<InMemory>().unreachable = 0;
      add_holder(*task, worker);
      break;
    case TaskState::kReleased:
    case TaskState::kErred: free_on(report.task, worker); return;
    default: {
      // It was taken for lost while this copy was being made.
      Detail detail;
      detail.worker = worker.info.id;
      detail.nbytes = static_cast<int64_t>(s_.codes[task->code.value].nbytes);
      transition(*task, TaskState::kMemory, std::move(detail));
      return;
    }
  }
  auto move = s_.moves.find(report.task);
  if (move == s_.moves.end()) return;
  WorkerRecord* source = find(move->second);
  s_.moves.erase(move);
  if (source && task->waiters == 0 && task->as<InMemory>().holders.size() > 1 &&
      remove_holder(*task, *source)) {
    free_on(report.task, *source);
  }
}

void Step::lost(Task& task) { transition(task, TaskState::kReleased, {}); }

void Step::report(WorkerRecord& worker, CopyMissing& report) {
  Task* task = find(report.task);
  if (task && task->kind() == TaskState::kMemory) {
    InMemory& state = task->as<InMemory>();
    std::vector<WorkerId> without = report.gone;
    if (!report.unreachable.empty() && ++state.unreachable >= kUnreachableMax) {
      without.insert(without.end(), report.unreachable.begin(), report.unreachable.end());
    }
    for (WorkerId id : without) {
      WorkerRecord* holder = find(id);
      if (!holder || !remove_holder(*task, *holder)) continue;
      // Who says so itself has nothing to drop, but may have got it anew since then.
      if (id != worker.info.id) free_on(task->id, *holder);
    }
    if (state.holders.empty()) lost(*task);
  }
  if (!report.needed_by.valid()) return;
  Task* needed_by = running(worker, report.needed_by, report.attempt);
  if (!needed_by) return;
  // Where a worker cannot be reached, its own thread can have the task.
  WorkerId prefer =
      report.gone.empty() && !report.unreachable.empty() ? report.unreachable[0] : WorkerId{};
  WorkerRecord* there = find(prefer);
  if (there && !may_run(*needed_by, *there, false)) prefer = {};
  hand_back(*needed_by, prefer);
}

void Step::report(WorkerRecord& worker, StatusChanged& report) {
  if (worker.status == WorkerStatus::kRetiring) return;
  bool resumed = worker.status != report.status && report.status == WorkerStatus::kRunning;
  worker.status = report.status;
  if (report.status == WorkerStatus::kRetiring) s_.retiring.insert(worker.info.id);
  if (report.status != WorkerStatus::kRunning) s_.queue.forget(worker.info.id);
  update_load(worker);
  if (resumed) {
    retry_no_worker();
  } else {
    retract_all(worker);
  }
  if (report.status == WorkerStatus::kFull) fail_what_only_full_workers_run();
  if (report.status == WorkerStatus::kRetiring) retires_ = true;
}

}  // namespace dusk::cluster
