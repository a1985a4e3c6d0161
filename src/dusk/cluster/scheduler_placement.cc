// Where a task runs: the least loaded worker that has room for roots, the earliest finish for the
// rest (Dask's objective: time to start plus time to bring the inputs).
#include <algorithm>
#include <cmath>

#include "dusk/base/check.h"
#include "dusk/cluster/scheduler_step.h"

namespace dusk::cluster {

double Step::estimate(const Task& task) const {
  const Code& code = s_.codes[task.code.value];
  if (code.duration_s >= 0) return code.duration_s;
  auto others = s_.habits.find(code.name);
  return others == s_.habits.end() ? s_.options.unknown_duration_s : others->second.duration_s;
}

bool Step::takes_tasks(const WorkerRecord& worker) const {
  return worker.status == WorkerStatus::kRunning && !worker.closing;
}

// What it has beyond its threads and could give to another.
int64_t Step::spare(const WorkerRecord& worker) const {
  return static_cast<int64_t>(worker.processing.size()) - worker.retracting - worker.long_running -
         worker.info.threads;
}

void Step::update_load(WorkerRecord& worker) {
  if (spare(worker) > 0) {
    s_.overfull.insert(worker.info.id);
  } else if (!s_.overfull.empty()) {
    s_.overfull.erase(worker.info.id);
  }
  if (!takes_tasks(worker)) {
    s_.load.remove(worker.info.id);
    return;
  }
  // Tasks count a little by themselves, so that workers with work of no measurable length differ.
  auto count = static_cast<double>(worker.processing.size() + static_cast<size_t>(worker.incoming));
  double load = worker.occupancy_s + count * 1e-6;
  s_.load.set(worker.info.id, load / worker.info.threads);
}

bool Step::has_room(const WorkerRecord& worker) const {
  auto running = static_cast<double>(worker.processing.size()) - worker.long_running;
  double threads = worker.info.threads;
  if (running < std::ceil(s_.options.worker_saturation * threads)) return true;
  return running < s_.options.prefill_max && worker.occupancy_s < s_.options.prefill_s * threads;
}

// Tasks that start from nothing, or from what every other task starts from: they make data without
// freeing any, and it does not matter where they run.
bool Step::root_like(const Task& task) const {
  for (TaskId id : task.dependencies) {
    const Task* input = s_.tasks.find(id);
    if (static_cast<int64_t>(input->dependents_alive) <= 2 * s_.threads) return false;
  }
  return true;
}

// Whether it matters which worker runs it.
bool Step::choosy(const Task& task) const {
  const RequirementsPtr& needs = task.requirements;
  if (needs && (!needs->workers.empty() || !needs->resources.empty())) return true;
  return !s_.codes[task.code.value].unable.empty();
}

bool Step::may_run(const Task& task, const WorkerRecord& worker, bool anywhere) const {
  return !s_.codes[task.code.value].unable_on(worker.info.id) && allowed(task, worker, anywhere);
}

// By its requirements.
bool Step::allowed(const Task& task, const WorkerRecord& worker, bool anywhere) const {
  if (!task.requirements) return true;
  const Requirements& needs = *task.requirements;
  for (const auto& [name, amount] : needs.resources) {
    auto found = worker.info.resources.find(name);
    if (found == worker.info.resources.end() || found->second < amount) return false;
  }
  if (anywhere || needs.workers.empty()) return true;
  return std::any_of(needs.workers.begin(), needs.workers.end(), [&](const std::string& allowed) {
    return allowed == worker.info.address || allowed == worker.info.name ||
           allowed == worker.info.host;
  });
}

double Step::cost(const Task& task, const WorkerRecord& worker) const {
  double missing = 0;
  for (TaskId id : task.dependencies) {
    const auto& input = s_.tasks.find(id)->as<InMemory>();
    bool here = std::find(input.holders.begin(), input.holders.end(), worker.info.id) !=
                input.holders.end();
    if (!here) missing += static_cast<double>(input.nbytes) + s_.options.latency_s * s_.bandwidth;
  }
  return waiting(worker) + missing / s_.bandwidth;
}

// Seconds until a task that is given to the worker now starts.
double Step::waiting(const WorkerRecord& worker) const {
  auto queue = static_cast<double>(worker.processing.size()) * 1e-6;
  return (worker.occupancy_s + queue) / worker.info.threads;
}

Step::Choice Step::place_restricted(const Task& task) {
  static const Requirements none;
  const Requirements& needs = task.requirements ? *task.requirements : none;
  const WorkerRecord* best = nullptr;
  double best_cost = 0;
  for (bool anywhere : {false, true}) {
    if (anywhere && !needs.allow_other_workers) break;
    for (const auto& [id, worker] : s_.workers) {
      if (!takes_tasks(worker) || !may_run(task, worker, anywhere)) continue;
      double c = cost(task, worker);
      for (const auto& [name, amount] : needs.resources) {
        auto used = worker.used.find(name);
        if (used != worker.used.end()) c += used->second / worker.info.resources.at(name);
      }
      if (!best || c < best_cost) {
        best = &worker;
        best_cost = c;
      }
    }
    if (best) return {TaskState::kProcessing, best->info.id, nullptr};
  }
  FaultPtr fault = nobody_able(task);
  return {fault ? TaskState::kErred : TaskState::kNoWorker, {}, std::move(fault)};
}

// Why it fails at once: every worker that is allowed to run it lacks what it needs. Null: one of
// them may come to take it, or none is here.
FaultPtr Step::nobody_able(const Task& task) const {
  const Code& code = s_.codes[task.code.value];
  if (code.unable.empty()) return nullptr;
  bool anywhere = !task.requirements || task.requirements->allow_other_workers;
  bool any = false;
  for (const auto& [id, worker] : s_.workers) {
    if (!allowed(task, worker, anywhere)) continue;
    if (!code.unable_on(id)) return nullptr;
    any = true;
  }
  if (!any) return nullptr;
  auto fault = std::make_shared<Fault>(*code.why_unable);
  fault->task = task.key;
  return fault;
}

// Among the workers that have an input, and the one with least to do: each input is looked at
// once, whoever has it.
WorkerId Step::cheapest(const Task& task) const {
  double latency = s_.options.latency_s * s_.bandwidth;
  double total = 0;
  std::map<WorkerId, double> here{{s_.load.least(), 0}};  // bytes that need not be brought
  for (TaskId id : task.dependencies) {
    const auto& input = s_.tasks.find(id)->as<InMemory>();
    double bytes = static_cast<double>(input.nbytes) + latency;
    total += bytes;
    for (WorkerId holder : input.holders) {
      if (s_.load.contains(holder)) here[holder] += bytes;
    }
  }
  WorkerId best;
  double best_cost = 0;
  for (const auto& [id, bytes] : here) {
    const WorkerRecord& worker = s_.workers.at(id);
    double c = waiting(worker) + (total - bytes) / s_.bandwidth;
    if (best.valid() && c >= best_cost) continue;
    best = id;
    best_cost = c;
  }
  return best;
}

Step::Choice Step::place(const Task& task) {
  if (choosy(task)) return place_restricted(task);
  if (s_.load.empty()) return {TaskState::kNoWorker, {}, nullptr};
  if (root_like(task)) return {TaskState::kQueued, {}, nullptr};
  return {TaskState::kProcessing, cheapest(task), nullptr};
}

// Gives queued tasks to the least loaded workers while these have room.
void Step::fill_workers() {
  while (!s_.queue.empty() && !s_.load.empty()) {
    WorkerRecord& worker = *find(s_.load.least());
    if (!has_room(worker)) return;
    TaskId id = s_.queue.pop(worker.info.id);
    Task* task = find(id);
    DUSK_CHECK(task && task->kind() == TaskState::kQueued, "the queue names a task not queued");
    if (choosy(*task)) {  // since it was queued
      transition(*task, TaskState::kReleased, {});
      follow_up();
      continue;
    }
    Detail detail;
    detail.worker = worker.info.id;
    transition(*task, TaskState::kProcessing, std::move(detail));
  }
}

// A worker has come: tasks without one are placed again.
void Step::retry_no_worker() {
  std::vector<TaskId> again;
  again.swap(s_.no_worker);
  for (TaskId id : again) {
    Task* task = find(id);
    if (!task || task->kind() != TaskState::kNoWorker) continue;
    transition(*task, TaskState::kReleased, {});
  }
  follow_up();
}

// A worker has gone, and may have been the last that could run them.
void Step::retry_unable() {
  for (TaskId id : std::vector<TaskId>(s_.no_worker)) {
    Task* task = find(id);
    if (!task || task->kind() != TaskState::kNoWorker || !nobody_able(*task)) continue;
    transition(*task, TaskState::kReleased, {});
  }
  follow_up();
}

void Step::give(Task& task, WorkerRecord& worker) {
  Code& code = s_.codes[task.code.value];
  if (worker.codes.size() <= code.id.value) worker.codes.resize(code.id.value + 1);
  auto& orders = out_.orders.to(worker.info.id);
  if (!worker.codes[code.id.value]) {
    worker.codes[code.id.value] = true;
    orders.push_back(DefineCode{code.id, code.name, code.body});
  }
  RunTask run;
  run.task = task.id;
  run.attempt = task.attempt;
  run.key = task.key;
  run.code = task.code;
  run.arguments = task.arguments;
  run.priority = task.priority;
  run.requirements = task.requirements;
  run.inputs.reserve(task.dependencies.size());
  for (TaskId id : task.dependencies) {
    run.inputs.push_back(input_of(*find(id)));
    introduce(worker, run.inputs.back().holders);
  }
  run.report_value = std::any_of(task.wanted_by.begin(), task.wanted_by.end(),
                                 [](const Task::Want& want) { return !want.hold; });
  orders.push_back(std::move(run));
}

}  // namespace dusk::cluster
