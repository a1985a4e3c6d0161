#include "sim/checker.h"

#include <algorithm>

#include "sim/world.h"

namespace dusk::sim {

using namespace cluster;

namespace {

std::string name_of(const SchedulerState& state, TaskId id) {
  const Task* task = state.tasks.find(id);
  return task ? std::string(task->key) : "task " + std::to_string(id.slot);
}

}  // namespace

void Checker::fail(const std::string& what) {
  if (failure_.empty()) failure_ = std::to_string(world_.now()) + " us: " + what;
}

// ---- what the scheduler hears

void Checker::before(const SchedulerState& state, const SchedulerEvent& event) {
  fresh_.clear();
  went_.clear();
  note_workers(event);
  if (const auto* reported = std::get_if<WorkerReported>(&event)) {
    if (!state.workers.contains(reported->worker)) return;
    for (const WorkerReport& report : reported->reports) heard(state, reported->worker, report);
  } else if (const auto* gone = std::get_if<WorkerLeft>(&event)) {
    left(state, gone->worker);
  } else if (const auto* requests = std::get_if<ClientAsked>(&event)) {
    asked(state, *requests);
  }
}

void Checker::end_run(TaskId task, WorkerId worker, uint32_t attempt) {
  auto found = given_.find(task);
  if (found == given_.end()) return;
  if (found->second.worker == worker && found->second.attempt == attempt) given_.erase(found);
}

void Checker::started(TaskId task, WorkerId worker, uint32_t attempt) {
  auto found = given_.find(task);
  if (found == given_.end()) return;
  if (found->second.worker == worker && found->second.attempt == attempt) {
    found->second.started = true;
  }
}

void Checker::heard(const SchedulerState& state, WorkerId from, const WorkerReport& report) {
  if (const auto* made = std::get_if<RunFinished>(&report)) {
    if (holders_[made->task].insert(from).second) fresh_.insert({made->task, from});
    end_run(made->task, from, made->attempt);
  } else if (const auto* broke = std::get_if<RunFailed>(&report)) {
    auto found = given_.find(broke->task);
    if (found == given_.end() || found->second.worker != from) return;
    if (found->second.attempt != broke->attempt) return;
    if (broke->fault->cause != FaultCause::kUnable) ++raised_[task_of_key(broke->fault->task)];
    given_.erase(found);
  } else if (const auto* begun = std::get_if<RunStarted>(&report)) {
    started(begun->task, from, begun->attempt);
  } else if (const auto* kept = std::get_if<RunKept>(&report)) {
    started(kept->task, from, kept->attempt);
  } else if (const auto* back = std::get_if<RunReturned>(&report)) {
    end_run(back->task, from, back->attempt);
  } else if (const auto* copy = std::get_if<CopyAdded>(&report)) {
    if (holders_[copy->task].insert(from).second) fresh_.insert({copy->task, from});
  } else if (const auto* missing = std::get_if<CopyMissing>(&report)) {
    for (WorkerId id : missing->gone) {
      if (id == from) unreadable_.erase({missing->task, from});
      auto found = holders_.find(missing->task);
      WorkerNode* there = world_.scheduler->worker(id);
      if (found == holders_.end() || !found->second.erase(id)) continue;
      went_.insert({missing->task, id});
      if (!there) continue;
      auto datum = there->state().data.find(missing->task);
      bool has = datum != there->state().data.end() && datum->second.state == Datum::State::kHeld;
      bool same = there->alive() && there->state().self == id;  // not one that has come back
      // Of itself it says so when data sent twice under one key was named and freed in between.
      if (!has && same && id != from && !dropped_.count({missing->task, id})) {
        fail(name_of(state, missing->task) + " is gone from " + there->address() +
             ", which was not told to drop it");
      }
    }
    for (WorkerId id : missing->unreachable) doubted_[missing->task].insert(id);
    if (missing->needed_by.valid()) end_run(missing->needed_by, from, missing->attempt);
  }
}

void Checker::left(const SchedulerState& state, WorkerId worker) {
  for (auto& [task, holders] : holders_) holders.erase(worker);
  std::erase_if(unreadable_, [&](const auto& found) { return found.second == worker; });
  for (auto it = given_.begin(); it != given_.end();) {
    if (it->second.worker == worker) {
      if (const Task* task = state.tasks.find(it->first)) ++killed_[task_of_key(task->key)];
      it = given_.erase(it);
    } else {
      ++it;
    }
  }
}

void Checker::asked(const SchedulerState& state, const ClientAsked& event) {
  auto client = state.clients.find(event.client);
  if (client == state.clients.end()) return;
  for (const ClientRequest& request : event.requests) {
    if (const auto* missing = std::get_if<MissingTask>(&request)) {
      TaskId id = client->second.numbers.find(missing->number);
      if (!id.valid()) continue;
      holders_[id].erase(missing->holder);
      went_.insert({id, missing->holder});
    }
  }
}

// ---- what it says

void Checker::after(const SchedulerState& state, SchedulerActions& actions) {
  // Letters leave together: a run is taken back from one worker before another gets it.
  for (const auto& [to, orders] : actions.orders.letters()) {
    for (const WorkerOrder& order : orders) {
      const auto* cancel = std::get_if<CancelRun>(&order);
      if (cancel) end_run(cancel->task, to, cancel->attempt);
    }
  }
  for (const auto& [to, orders] : actions.orders.letters()) {
    for (const WorkerOrder& order : orders) {
      const auto* adopt = std::get_if<AdoptTask>(&order);
      if (adopt && adopt->task.valid()) holders_[adopt->task].insert(to);
    }
  }
  for (const auto& [to, news] : actions.news.letters()) {
    for (const ClientNews& item : news) told(item);
  }
  // What is let go for one report may be needed again for the next.
  for (const auto& [to, orders] : actions.orders.letters()) {
    for (const WorkerOrder& order : orders) {
      if (const auto* drop = std::get_if<FreeTask>(&order)) freed(state, to, drop->task);
    }
  }
  for (const auto& [to, orders] : actions.orders.letters()) {
    for (const WorkerOrder& order : orders) ordered(state, to, order);
  }
  look_at_workers(state);
}

void Checker::ordered(const SchedulerState& state, WorkerId to, const WorkerOrder& order) {
  if (const auto* run = std::get_if<RunTask>(&order)) {
    for (WorkerId id : holders_[run->task]) {
      if (doubted_[run->task].count(id) || fresh_.count({run->task, id})) continue;
      fail(run->key + " is computed again, though worker " + std::to_string(id.value) +
           " holds it");
    }
    auto given = given_.find(run->task);
    if (given != given_.end()) {
      fail(run->key + " is given to worker " + std::to_string(to.value) + " while worker " +
           std::to_string(given->second.worker.value) + " has it");
    }
    given_[run->task] = {to, run->attempt};
    given_to(run->key, to);
    holds_inputs(*run);
  } else if (const auto* back = std::get_if<RetractTask>(&order)) {
    auto given = given_.find(back->task);
    if (given != given_.end() && given->second.attempt == back->attempt) {
      given->second.asked_back = true;
    }
  } else if (const auto* fetch = std::get_if<FetchTask>(&order)) {
    given_to("a copy of " + name_of(state, fetch->input.task), to);
  } else if (const auto* cancel = std::get_if<CancelRun>(&order)) {
    end_run(cancel->task, to, cancel->attempt);
  } else if (std::holds_alternative<CloseWorker>(order)) {
    auto there = there_.find(to);
    if (there != there_.end()) there->second.closing = true;
    closed(state, to);
  }
}

// Or has held it when this step began.
bool Checker::holds(TaskId task, WorkerId worker) const {
  auto holders = holders_.find(task);
  return (holders != holders_.end() && holders->second.count(worker)) ||
         went_.count({task, worker});
}

// Those that a run is told to get its inputs from have said that they have them.
void Checker::holds_inputs(const RunTask& run) {
  for (const Input& input : run.inputs) {
    for (WorkerId id : input.holders) {
      if (holds(input.task, id)) continue;
      fail(run.key + " is told of an input at worker " + std::to_string(id.value) +
           ", which has it no more");
    }
  }
}

void Checker::freed(const SchedulerState& state, WorkerId by, TaskId id) {
  dropped_.insert({id, by});
  went_.insert({id, by});
  auto holders = holders_.find(id);
  if (holders == holders_.end() || !holders->second.erase(by) || !holders->second.empty()) return;
  holders_.erase(holders);
  if (doubted_[id].count(by)) return;
  const Task* task = state.tasks.find(id);
  if (!task || task->kind() == TaskState::kErred) return;
  bool wanted = std::any_of(task->wanted_by.begin(), task->wanted_by.end(),
                            [](const Task::Want& want) { return !want.hold; });
  if (wanted)
    fail(std::string(task->key) + " is freed by worker " + std::to_string(by.value) +
         ", though a client holds a future of it");
}

// A worker that is retired takes nothing along that somebody holds a future of.
void Checker::closed(const SchedulerState& state, WorkerId worker) {
  for (const auto& [id, holders] : holders_) {
    if (holders.size() != 1 || *holders.begin() != worker) continue;
    const Task* task = state.tasks.find(id);
    if (task && task->wanted()) {
      fail(std::string(task->key) + " is lost: only worker " + std::to_string(worker.value) +
           " has it, and it is closed");
    }
  }
}

void Checker::told(const ClientNews& news) {
  if (const auto* finished = std::get_if<TaskFinished>(&news)) {
    if (!holds(finished->task, finished->holder)) {
      fail("a client is told that worker " + std::to_string(finished->holder.value) +
           " has a result that it has not");
    }
  }
}

// ---- what workers and clients get

void Checker::lost(TaskId task, WorkerId worker) {
  ++world_.stats.lost;
  unreadable_.insert({task, worker});
  dropped_.insert({task, worker});
}

std::string Checker::unsaid() const {
  std::string text;
  for (const auto& [task, worker] : unreadable_) {
    WorkerNode* there = world_.scheduler->worker(worker);
    if (!there || !there->alive() || there->state().self != worker) continue;
    text += "  " + there->address() + " does not say that it cannot read task " +
            std::to_string(task.slot) + "\n";
  }
  return text;
}

void Checker::computed(uint32_t task, uint64_t value) {
  if (value != world_.values[task]) fail(key_of(task) + " is computed from wrong inputs");
}

void Checker::delivered(uint32_t task, uint64_t value) {
  ++world_.stats.delivered;
  if (value != world_.values[task]) fail(key_of(task) + " has a wrong value");
}

// Errors come with their reason, and the reason happened.
void Checker::failed_future(uint32_t task, const Fault& fault) {
  ++world_.stats.errors;
  if (fault.kind == base::ErrorKind::kType) return;  // its value cannot be serialised
  if (fault.kind == base::ErrorKind::kCancelled) {   // submitted after its input had gone
    if (world_.forced_cancels == 0 && world_.restarts == 0 && world_.cancels == 0) {
      fail(key_of(task) + " fails for a cancellation that nobody asked for: " + fault.message);
    }
    return;
  }
  if (is_refusal(fault) && !refused_.count(&fault)) {
    fail(key_of(task) + " fails for full workers, and nobody has just said that it is full");
  }
  uint32_t cause = task_of_key(fault.task);
  if (!world_.makings[task][cause])
    fail(key_of(task) + " fails for " + fault.task + ", its no input");
  const TaskSpec& spec = world_.plan.tasks[cause];
  switch (fault.cause) {
    case FaultCause::kTask:
      if (is_refusal(fault)) return;
      if (raised_[cause] <= spec.retries) fail(fault.task + " fails though retries are left");
      return;
    case FaultCause::kWorkersDied:
      if (killed_[cause] <= world_.plan.config.allowed_failures) {
        fail(fault.task + " is blamed for workers that did not die of it");
      }
      return;
    case FaultCause::kUnable:
      if (!spec.foreign) fail(fault.task + " needs nothing that a worker lacks");
      return;
    case FaultCause::kNoWorker: return fail(fault.task + " fails for want of a worker");
    case FaultCause::kDataLost:
      if (!world_.scattered.count(cause)) fail(fault.task + " was never sent by a client");
      return;
  }
}

}  // namespace dusk::sim
