// Tasks given to the worker: waiting, ready, executing, ended.
#include <algorithm>

#include "dusk/cluster/worker_step.h"

namespace dusk::cluster {

void WorkerStep::obey(RunTask& order) {
  TaskId task = order.task;
  RunName name{task, order.attempt};
  auto old = s_.runs.find(task);
  if (old != s_.runs.end()) {
    if (old->second.attempt == order.attempt) return;
    CancelRun stale{task, old->second.attempt};
    obey(stale);
  }
  Run& run = s_.runs[task];
  run.attempt = order.attempt;
  run.order = std::move(order);
  // An input without any reachable holder takes the run with it.
  for (size_t i = 0; find(name) && i < run.order.inputs.size(); ++i) {
    need(run.order.inputs[i], name, run);
  }
  if (find(name) && run.missing == 0) become_ready(task, run);
}

void WorkerStep::become_ready(TaskId task, Run& run) {
  run.state = Run::State::kReady;
  s_.ready.push({run.order.priority, {task, run.attempt}});
}

void WorkerStep::obey(RetractTask& order) {
  Run* run = find({order.task, order.attempt});
  if (!run) return;
  if (run->state > Run::State::kReady) {
    out_.reports.push_back(RunKept{order.task, order.attempt});
    return;
  }
  s_.runs.erase(order.task);
  out_.reports.push_back(RunReturned{order.task, order.attempt});
}

void WorkerStep::obey(CancelRun& order) {
  RunName name{order.task, order.attempt};
  Run* run = find(name);
  if (!run) return;
  if (run->state > Run::State::kReady) {
    s_.cancelled[name] = run->state == Run::State::kExecuting;
    out_.cancel.push_back({order.task, order.attempt});
  }
  s_.runs.erase(order.task);
}

void WorkerStep::on(RunWantsBack& event) { s_.returning.push_back({event.task, event.attempt}); }

void WorkerStep::start_ready() {
  while (s_.busy < s_.options.threads && !s_.returning.empty()) {
    RunName name = s_.returning.front();
    s_.returning.pop_front();
    auto cancelled = s_.cancelled.find(name);
    Run* run = find(name);
    if (cancelled != s_.cancelled.end()) {
      cancelled->second = true;
    } else if (run && run->state == Run::State::kLongRunning) {
      run->state = Run::State::kExecuting;
    } else {
      continue;
    }
    ++s_.busy;
    out_.resume.push_back(name);
  }
  while (!s_.paused && s_.busy < s_.options.threads && !s_.ready.empty()) {
    RunName name = s_.ready.top().run;
    s_.ready.pop();
    Run* run = find(name);
    if (!run || run->state != Run::State::kReady) continue;
    if (!take_resources(name, run->order.requirements)) {
      s_.constrained.push_back({run->order.priority, name});
      continue;
    }
    run->state = Run::State::kExecuting;
    ++s_.busy;
    out_.reports.push_back(RunStarted{name.task, name.attempt});
    out_.start.push_back({std::move(run->order)});
  }
}

// All that the run needs, or nothing.
bool WorkerStep::take_resources(const RunName& name, const RequirementsPtr& needs) {
  if (!needs || needs->resources.empty()) return true;
  for (const auto& [resource, amount] : needs->resources) {
    auto total = s_.options.resources.find(resource);
    if (total == s_.options.resources.end()) return false;
    auto used = s_.used.find(resource);
    if ((used == s_.used.end() ? 0 : used->second) + amount > total->second) return false;
  }
  for (const auto& [resource, amount] : needs->resources) s_.used[resource] += amount;
  s_.holding[name] = needs;
  return true;
}

void WorkerStep::return_resources(const RunName& name) {
  auto held = s_.holding.extract(name);
  if (held.empty()) return;
  for (const auto& [resource, amount] : held.mapped()->resources) s_.used[resource] -= amount;
  for (const WorkerState::ReadyRun& run : s_.constrained) s_.ready.push(run);
  s_.constrained.clear();
}

void WorkerStep::on(RunEnded& event) {
  RunName name{event.task, event.attempt};
  return_resources(name);
  bool made = !event.fault && !event.reschedule;
  auto cancelled = s_.cancelled.find(name);
  if (cancelled != s_.cancelled.end()) {
    s_.busy -= cancelled->second;
    s_.cancelled.erase(cancelled);
    auto datum = s_.data.find(event.task);
    bool held = datum != s_.data.end() && datum->second.state == Datum::State::kHeld;
    if (made && !held) out_.drop.push_back(event.task);
    return;
  }
  Run* run = find(name);
  if (!run) return;
  s_.busy -= run->state == Run::State::kExecuting;
  s_.runs.erase(event.task);
  if (event.fault) {
    out_.reports.push_back(
        RunFailed{event.task, event.attempt, event.duration_us, std::move(event.fault)});
  } else if (event.reschedule) {
    out_.reports.push_back(RunReturned{event.task, event.attempt});
  } else {
    keep(event.task, event.nbytes);
    out_.reports.push_back(RunFinished{event.task, event.attempt, event.nbytes, event.duration_us,
                                       std::move(event.value)});
  }
}

void WorkerStep::on(RunLeftThread& event) {
  RunName name{event.task, event.attempt};
  auto cancelled = s_.cancelled.find(name);
  if (cancelled != s_.cancelled.end()) {
    s_.busy -= cancelled->second;
    cancelled->second = false;
    return;
  }
  Run* run = find(name);
  if (!run || run->state != Run::State::kExecuting) return;
  run->state = Run::State::kLongRunning;
  --s_.busy;
  out_.reports.push_back(RunSeceded{event.task, event.attempt});
}

}  // namespace dusk::cluster
