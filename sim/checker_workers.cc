// What is promised of workers whose memory is full: they are given nothing, what they have not
// begun is asked back, and what only they could run fails, with a reason that is true.
#include <algorithm>

#include "sim/checker.h"
#include "sim/world.h"

namespace dusk::sim {

using namespace cluster;

void Checker::There::is(WorkerStatus now) {
  if (status == WorkerStatus::kRetiring) return;
  status = now;
  ran |= now == WorkerStatus::kRunning;
  was_full |= now == WorkerStatus::kFull;
}

bool Checker::There::may_run(const TaskSpec& task) const {
  if (task.gpus > gpus || (task.foreign && !knows_foreign)) return false;
  return task.only < 0 || task.others != 0 || name == "w" + std::to_string(task.only);
}

void Checker::note_workers(const SchedulerEvent& event) {
  changed_ = {};
  joined_ = false;
  for (auto& [id, there] : there_) {
    there.ran = there.was_full = false;
    there.is(there.status);
  }
  if (const auto* joined = std::get_if<WorkerJoined>(&event)) {
    There& there = there_[joined->info.id];
    there.name = joined->info.name;
    there.knows_foreign =
        knows_foreign(static_cast<uint32_t>(std::stoul(joined->info.name.substr(1))));
    auto gpus = joined->info.resources.find("GPU");
    if (gpus != joined->info.resources.end()) there.gpus = static_cast<int64_t>(gpus->second);
    there.is(WorkerStatus::kRunning);
    joined_ = true;
  } else if (const auto* gone = std::get_if<WorkerLeft>(&event)) {
    there_.erase(gone->worker);
  } else if (const auto* asked = std::get_if<ClientAsked>(&event)) {
    for (const ClientRequest& request : asked->requests) {
      const auto* retire = std::get_if<RetireWorker>(&request);
      auto there = retire ? there_.find(retire->worker) : there_.end();
      if (there != there_.end()) there->second.status = WorkerStatus::kRetiring;
    }
  } else if (const auto* reported = std::get_if<WorkerReported>(&event)) {
    auto there = there_.find(reported->worker);
    if (there == there_.end()) return;
    for (const WorkerReport& report : reported->reports) {
      const auto* change = std::get_if<StatusChanged>(&report);
      if (!change) continue;
      there->second.is(change->status);
      changed_ = reported->worker;
    }
  }
}

// All that may run it are full; `in_passing`: or were so at some moment of this step.
bool Checker::hopeless(const TaskSpec& task, bool in_passing) const {
  bool any = false;
  for (const auto& [id, there] : there_) {
    if (there.closing || there.status == WorkerStatus::kRetiring || !there.may_run(task)) continue;
    if (there.status != WorkerStatus::kFull && !(in_passing && there.was_full)) return false;
    any = true;
  }
  return any;
}

void Checker::given_to(const std::string& what, WorkerId to) {
  auto there = there_.find(to);
  if (there == there_.end() || there->second.ran) return;
  fail(what + " is given to worker " + std::to_string(to.value) + ", which takes nothing");
}

// When a worker has come or has said how it is.
void Checker::look_at_workers(const SchedulerState& state) {
  state.tasks.for_each([&](const Task& task) { look_at_unable(task); });
  if (!joined_ && !changed_.valid()) return;
  state.tasks.for_each([&](const Task& task) {
    const TaskSpec& spec = world_.plan.tasks[task_of_key(task.key)];
    if (task.kind() == TaskState::kErred) look_at_failed(task, spec);
    if (task.kind() == TaskState::kNoWorker || task.kind() == TaskState::kQueued) {
      look_at_ready(task, spec);
    }
  });
  auto there = there_.find(changed_);
  if (there == there_.end() || there->second.status == WorkerStatus::kRunning) return;
  for (const auto& [id, given] : given_) {
    if (given.worker != changed_ || given.started || given.asked_back) continue;
    const Task* task = state.tasks.find(id);
    fail((task ? std::string(task->key) : "a task") + " stays with worker " +
         std::to_string(changed_.value) + ", which begins nothing");
  }
}

void Checker::look_at_failed(const Task& task, const TaskSpec& spec) {
  const FaultPtr& fault = task.as<Erred>().fault;
  if (!is_refusal(*fault) || fault->task != task.key) return;
  if (!refused_.emplace(fault.get(), fault).second) return;
  ++world_.stats.refused;
  if (spec.foreign) return;  // the scheduler may not know yet who is unable
  if (!hopeless(spec, true)) fail(task.key + " fails though not every worker for it is full");
}

// For want of a language, as long as nobody who is here has it.
void Checker::look_at_unable(const Task& task) {
  if (task.kind() != TaskState::kErred) return;
  const FaultPtr& fault = task.as<Erred>().fault;
  if (fault->cause != FaultCause::kUnable || fault->task != task.key) return;
  if (!unable_.emplace(fault.get(), fault).second) return;
  const TaskSpec& spec = world_.plan.tasks[task_of_key(task.key)];
  for (const auto& [id, there] : there_) {
    if (there.may_run(spec)) fail(task.key + " fails though a worker can run it");
  }
}

void Checker::look_at_ready(const Task& task, const TaskSpec& spec) {
  bool queued = task.kind() == TaskState::kQueued;
  bool new_here = !queued && task.as<NoWorker>().since == world_.now();
  auto changed = there_.find(changed_);
  bool full = changed != there_.end() && changed->second.status == WorkerStatus::kFull;
  // Whom the scheduler does not know to be unable, it hopes for.
  if (full && !new_here && !spec.foreign && hopeless(spec, false))
    fail(task.key + " waits for full workers");
  if (queued) return;
  for (const auto& [id, there] : there_) {
    if (there.status != WorkerStatus::kRunning || there.closing || !there.may_run(spec)) continue;
    fail(task.key + " waits though worker " + std::to_string(id.value) + " may run it");
  }
}

// Only full workers could run it.
bool Checker::is_refusal(const Fault& fault) {
  return fault.kind == base::ErrorKind::kMemory && fault.worker.empty();
}

}  // namespace dusk::sim
