// Workers whose memory is full and stays full: what only they could run fails, and says why,
// instead of waiting for ever.
#include <algorithm>

#include "dusk/cluster/scheduler_step.h"

namespace dusk::cluster {
namespace {

FaultPtr full_fault(const Task& task, const WorkerTable& workers) {
  auto fault = std::make_shared<Fault>();
  fault->kind = base::ErrorKind::kMemory;
  fault->task = task.key;
  fault->message = "[" + task.key +
                   "] every worker that may run it has used up its memory, and nothing more can be "
                   "moved to disk:";
  for (const auto& [id, worker] : workers) {
    if (worker.status != WorkerStatus::kFull) continue;
    fault->message += " " + worker.info.address + " (" + std::to_string(worker.nbytes >> 20) +
                      " MiB of results, limit " + std::to_string(worker.info.memory_limit >> 20) +
                      " MiB)";
  }
  fault->message += ". Let go of results, free the disk, or add workers or memory";
  return fault;
}

}  // namespace

void Step::fail_what_only_full_workers_run() {
  auto hopeless = [&](const Task& task) {
    bool any = false;
    for (const auto& [id, worker] : s_.workers) {
      if (worker.closing || worker.status == WorkerStatus::kRetiring) continue;
      bool anywhere = !task.requirements || task.requirements->allow_other_workers;
      if (!may_run(task, worker, anywhere)) continue;
      if (worker.status != WorkerStatus::kFull) return false;
      any = true;
    }
    return any;
  };
  std::vector<TaskId> failed;
  for (TaskId id : s_.no_worker) {
    const Task* task = find(id);
    if (task && task->kind() == TaskState::kNoWorker && hopeless(*task)) failed.push_back(id);
  }
  auto fail = [&](TaskId id) {
    Task* task = find(id);
    if (!task || (task->kind() != TaskState::kNoWorker && task->kind() != TaskState::kQueued))
      return;
    Detail detail;
    detail.fault = full_fault(*task, s_.workers);
    transition(*task, TaskState::kErred, std::move(detail));
  };
  for (TaskId id : failed) fail(id);
  // Queued ones may run anywhere; while somebody is left they wait for that one.
  while (s_.load.empty() && !s_.queue.empty()) {
    TaskId id = s_.queue.top();
    Task* task = find(id);
    if (task && choosy(*task)) {  // since it was queued: placed anew
      transition(*task, TaskState::kReleased, {});
      follow_up();
      continue;
    }
    if (!task || !hopeless(*task)) break;
    fail(id);
  }
}

}  // namespace dusk::cluster
