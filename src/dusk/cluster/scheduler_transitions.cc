// The table of transitions and one function for each: how a task gets from state to state.
#include <array>

#include "dusk/base/check.h"
#include "dusk/cluster/scheduler_step.h"

namespace dusk::cluster {

// kTable[from][to]; null where there is no way.
struct Step::Table {
  std::array<std::array<Transition, kTaskStates>, kTaskStates> at{};

  constexpr void set(TaskState from, TaskState to, Transition f) {
    at[static_cast<size_t>(from)][static_cast<size_t>(to)] = f;
  }
  constexpr Table() {
    using enum TaskState;
    set(kReleased, kWaiting, &Step::released_waiting);
    set(kReleased, kMemory, &Step::released_memory);
    set(kReleased, kErred, &Step::released_erred);
    set(kReleased, kForgotten, &Step::released_forgotten);
    set(kWaiting, kQueued, &Step::waiting_queued);
    set(kWaiting, kNoWorker, &Step::waiting_no_worker);
    set(kErred, kReleased, &Step::erred_released);
    set(kErred, kMemory, &Step::erred_memory);
    set(kMemory, kReleased, &Step::memory_released);
    for (TaskState from : {kWaiting, kQueued, kNoWorker}) {
      set(from, kProcessing, &Step::ready_processing);
      set(from, kReleased, &Step::unready_released);
      set(from, kMemory, &Step::unready_memory);
      set(from, kErred, &Step::unready_erred);
    }
    set(kProcessing, kReleased, &Step::processing_released);
    set(kProcessing, kMemory, &Step::processing_memory);
    set(kProcessing, kErred, &Step::processing_erred);
  }
};

namespace {

bool unfinished(TaskState state) {
  return state == TaskState::kWaiting || state == TaskState::kQueued ||
         state == TaskState::kNoWorker || state == TaskState::kProcessing;
}

std::string story_text(const SchedulerState& state, const Task& task) {
  std::string text = "task " + task.key;
  for (const StoryLine& line : state.story.of(task.id)) text += "\n  " + to_string(line);
  return text;
}

}  // namespace

void Step::transition(Task& task, TaskState to, Detail detail) {
  static constexpr Table kTable;
  TaskState from = task.kind();
  Transition f = kTable.at[static_cast<size_t>(from)][static_cast<size_t>(to)];
  DUSK_CHECK(f, "no way from " + std::string(to_string(from)) + " to " +
                    std::string(to_string(to)) + "; " + story_text(s_, task));
  WorkerId worker = from == TaskState::kProcessing ? task.as<Processing>().worker : detail.worker;
  s_.story.add({now_, task.id, from, to, worker});
  if (unfinished(from) && !unfinished(to)) --s_.unfinished;
  if (!unfinished(from) && unfinished(to)) ++s_.unfinished;
  (this->*f)(task, detail);
}

void Step::follow(TaskId task, TaskState to, FaultPtr fault) {
  bool lets_go = to == TaskState::kReleased || to == TaskState::kForgotten;
  (lets_go ? releases_ : changes_).push_back({task, to, std::move(fault)});
}

void Step::follow_up() {
  for (;;) {
    if (next_change_ < changes_.size()) {
      Change change = std::move(changes_[next_change_++]);
      carry_out(change);
    } else if (next_release_ < releases_.size()) {
      Change change = std::move(releases_[next_release_++]);
      carry_out(change);
    } else {
      break;
    }
  }
  changes_.clear();
  releases_.clear();
  next_change_ = next_release_ = 0;
}

// A change was asked for some steps ago; it happens only if its reason still stands.
void Step::carry_out(const Change& change) {
  Task* task = find(change.task);
  if (!task) return;
  TaskState from = task->kind();
  switch (change.to) {
    case TaskState::kWaiting:
      if (from == TaskState::kReleased && task->needed()) transition(*task, change.to, {});
      return;
    case TaskState::kProcessing:
      if (from == TaskState::kWaiting && task->as<Waiting>().missing == 0) {
        Choice choice = place(*task);
        Detail detail;
        detail.worker = choice.worker;
        detail.fault = std::move(choice.fault);
        transition(*task, choice.to, std::move(detail));
      }
      return;
    case TaskState::kReleased:
      if (!task->needed() && from != TaskState::kReleased && from != TaskState::kErred) {
        transition(*task, change.to, {});
      }
      return;
    case TaskState::kErred:
      if (from == TaskState::kWaiting || from == TaskState::kReleased) {
        Detail detail;
        detail.fault = change.fault;
        transition(*task, change.to, std::move(detail));
      }
      return;
    case TaskState::kForgotten:
      if (task->wanted() || task->dependents_alive > 0) return;
      if (from != TaskState::kReleased && from != TaskState::kErred) {
        transition(*task, TaskState::kReleased, {});
      }
      if (task->kind() == TaskState::kErred) transition(*task, TaskState::kReleased, {});
      transition(*task, TaskState::kForgotten, {});
      return;
    default: DUSK_CHECK(false, "a change that nobody asks for");
  }
}

// ---- out of released

void Step::released_waiting(Task& task, Detail&) {
  if (!task.code.valid()) {
    auto fault = std::make_shared<Fault>();
    fault->cause = FaultCause::kDataLost;
    fault->message = "[" + task.key + "] was sent by a client and every copy of it is lost; " +
                     "scatter it again";
    fault->task = task.key;
    task.state = Waiting{0};
    Detail detail;
    detail.fault = std::move(fault);
    for (TaskId id : task.dependencies) ++find(id)->waiters;
    transition(task, TaskState::kErred, std::move(detail));
    return;
  }
  uint32_t missing = 0;
  FaultPtr fault;
  for (TaskId id : task.dependencies) {
    Task& input = *find(id);
    ++input.waiters;
    if (input.kind() == TaskState::kMemory) continue;
    ++missing;
    if (input.kind() == TaskState::kReleased) follow(id, TaskState::kWaiting);
    if (input.kind() == TaskState::kErred && !fault) fault = input.as<Erred>().fault;
  }
  task.state = Waiting{missing};
  if (fault) {
    follow(task.id, TaskState::kErred, fault);
  } else if (missing == 0) {
    follow(task.id, TaskState::kProcessing);
  }
}

void Step::released_memory(Task& task, Detail& detail) { enter_memory(task, detail); }

void Step::released_erred(Task& task, Detail& detail) { enter_erred(task, detail); }

void Step::released_forgotten(Task& task, Detail&) {
  for (TaskId id : task.dependencies) {
    Task& input = *find(id);
    if (--input.dependents_alive == 0 && !input.wanted()) follow(id, TaskState::kForgotten);
  }
  drop_code(task.code);
  if (!s_.killed_under.empty()) s_.killed_under.erase(task.id);
  s_.tasks.erase(task.id);
}

// ---- out of waiting, queued, no-worker

void Step::waiting_queued(Task& task, Detail&) {
  TaskId family;
  for (TaskId id : task.dependents) {
    if (find(id)) {
      family = id;
      break;
    }
  }
  task.state = Queued{};
  s_.queue.push(task.id, task.priority, family);
}

void Step::waiting_no_worker(Task& task, Detail&) {
  task.state = NoWorker{now_};
  s_.no_worker.push_back(task.id);
}

void Step::ready_processing(Task& task, Detail& detail) {
  if (task.kind() == TaskState::kQueued) s_.queue.remove(task.id);
  WorkerRecord& worker = *find(detail.worker);
  double seconds = estimate(task);
  ++task.attempt;
  Processing state;
  state.worker = detail.worker;
  state.position = static_cast<uint32_t>(worker.processing.size());
  state.estimate_s = seconds;
  state.since = now_;
  task.state = state;
  worker.processing.push_back(task.id);
  worker.occupancy_s += seconds;
  if (task.requirements) {
    for (const auto& [name, amount] : task.requirements->resources) worker.used[name] += amount;
  }
  update_load(worker);
  give(task, worker);
}

void Step::unready_released(Task& task, Detail&) {
  if (task.kind() == TaskState::kQueued) s_.queue.remove(task.id);
  task.state = Released{};
  release_inputs(task);
  after_release(task);
}

// A worker turns out to have the result.
void Step::unready_memory(Task& task, Detail& detail) {
  if (task.kind() == TaskState::kQueued) s_.queue.remove(task.id);
  task.state = Released{};
  enter_memory(task, detail);
  release_inputs(task);
}

void Step::unready_erred(Task& task, Detail& detail) {
  if (task.kind() == TaskState::kQueued) s_.queue.remove(task.id);
  task.state = Released{};
  release_inputs(task);
  enter_erred(task, detail);
}

// ---- out of processing

// The worker's side of a run ends; `tell` when the worker does not know it yet.
void Step::leave_worker(Task& task, bool tell) {
  end_retraction(task);
  Processing& run = task.as<Processing>();
  WorkerRecord& worker = *find(run.worker);
  TaskId last = worker.processing.back();
  worker.processing[run.position] = last;
  find(last)->as<Processing>().position = run.position;
  worker.processing.pop_back();
  worker.occupancy_s -= run.estimate_s;
  if (worker.processing.empty()) worker.occupancy_s = 0;  // no drift of rounding
  if (run.long_running) --worker.long_running;
  if (task.requirements) {
    for (const auto& [name, amount] : task.requirements->resources) worker.used[name] -= amount;
  }
  if (tell) out_.orders.to(run.worker).push_back(CancelRun{task.id, task.attempt});
  update_load(worker);
}

void Step::processing_released(Task& task, Detail& detail) {
  leave_worker(task, detail.tell);
  task.state = Released{};
  release_inputs(task);
  after_release(task);
}

void Step::processing_memory(Task& task, Detail& detail) {
  leave_worker(task, !detail.ran);
  task.state = Released{};
  enter_memory(task, detail);
  release_inputs(task);
}

void Step::processing_erred(Task& task, Detail& detail) {
  leave_worker(task, detail.tell);
  task.state = Released{};
  release_inputs(task);
  enter_erred(task, detail);
}

// ---- into and out of memory

void Step::enter_memory(Task& task, Detail& detail) {
  InMemory state;
  state.nbytes = detail.nbytes;
  task.state = state;
  add_holder(task, *find(detail.worker));
  for (const Task::Want& want : task.wanted_by) {
    if (want.hold) continue;
    introduce(want.client, detail.worker);
    out_.news.to(want.client)
        .push_back(TaskFinished{want.number, task.id, detail.nbytes, detail.worker, detail.value});
  }
  for (TaskId id : task.dependents) {
    Task* dependent = find(id);
    if (!dependent || dependent->kind() != TaskState::kWaiting) continue;
    if (--dependent->as<Waiting>().missing == 0) follow(id, TaskState::kProcessing);
  }
  if (!task.needed()) follow(task.id, TaskState::kReleased);
}

// Nobody needs the result, or (no holder left) it is lost.
void Step::memory_released(Task& task, Detail&) {
  s_.moves.erase(task.id);
  auto holders = task.as<InMemory>().holders;
  bool was_lost = holders.empty();
  for (WorkerId id : holders) {
    WorkerRecord& worker = *find(id);
    remove_holder(task, worker);
    free_on(task.id, worker);
  }
  task.state = Released{};
  if (was_lost) {
    for (const Task::Want& want : task.wanted_by) {
      if (!want.hold) out_.news.to(want.client).push_back(TaskLost{want.number});
    }
    lose_inputs_of_dependents(task);
  }
  after_release(task);
}

// Those that were about to use a lost result wait for it again.
void Step::lose_inputs_of_dependents(Task& task) {
  auto dependents = task.dependents;
  for (TaskId id : dependents) {
    Task* dependent = find(id);
    if (!dependent) continue;
    switch (dependent->kind()) {
      case TaskState::kWaiting: ++dependent->as<Waiting>().missing; break;
      case TaskState::kQueued:
      case TaskState::kNoWorker: transition(*dependent, TaskState::kReleased, {}); break;
      case TaskState::kProcessing:
        if (!dependent->as<Processing>().started) transition(*dependent, TaskState::kReleased, {});
        break;
      default: break;
    }
  }
}

// Back to waiting at once when it is still needed: its inputs must not look unneeded in between.
void Step::after_release(Task& task) {
  if (task.needed()) {
    transition(task, TaskState::kWaiting, {});
  } else if (!task.wanted() && task.dependents_alive == 0) {
    follow(task.id, TaskState::kForgotten);
  }
}

void Step::release_inputs(Task& task) {
  for (TaskId id : task.dependencies) {
    Task& input = *find(id);
    --input.waiters;
    if (!input.needed()) follow(id, TaskState::kReleased);
  }
}

// ---- erred

void Step::enter_erred(Task& task, Detail& detail) {
  task.state = Erred{detail.fault};
  for (const Task::Want& want : task.wanted_by) {
    if (!want.hold) out_.news.to(want.client).push_back(TaskFailed{want.number, detail.fault});
  }
  for (TaskId id : task.dependents) {
    Task* dependent = find(id);
    if (dependent && dependent->kind() == TaskState::kWaiting) {
      follow(id, TaskState::kErred, detail.fault);
    }
  }
}

// Its data has been sent again.
void Step::erred_memory(Task& task, Detail& detail) { enter_memory(task, detail); }

void Step::erred_released(Task& task, Detail&) {
  task.state = Released{};
  after_release(task);
}

}  // namespace dusk::cluster
