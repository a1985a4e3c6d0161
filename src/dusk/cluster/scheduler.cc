#include "dusk/cluster/scheduler.h"

#include "dusk/cluster/scheduler_step.h"

namespace dusk::cluster {

void Step::finish() {
  follow_up();
  fill_workers();
  balance();
  for (WorkerId id : s_.retiring) {
    WorkerRecord& worker = *find(id);
    if (retires_ || worker.processing.empty()) retire_step(worker, retires_);
  }
}

void step(SchedulerState& state, Time now, SchedulerEvent event, SchedulerActions& out) {
  Step step(state, now, out);
  std::visit([&](auto& e) { step.on(e); }, event);
  step.finish();
  if (state.options.validate) validate(state);
}

void step(SchedulerState& state, Time now, std::vector<SchedulerEvent> events,
          SchedulerActions& out) {
  Step step(state, now, out);
  for (SchedulerEvent& event : events) {
    std::visit([&](auto& e) { step.on(e); }, event);
  }
  step.finish();
  if (state.options.validate) validate(state);
}

std::string explain_task(const SchedulerState& state, const Task& task) {
  switch (task.kind()) {
    case TaskState::kReleased: return "nobody asks for it";
    case TaskState::kWaiting: {
      for (TaskId id : task.dependencies) {
        const Task* input = state.tasks.find(id);
        if (input && input->kind() != TaskState::kMemory) {
          return "it waits for " + std::to_string(task.as<Waiting>().missing) +
                 " results, among them '" + input->key + "', which is " +
                 std::string(to_string(input->kind()));
        }
      }
      return "it waits for nothing: this is a bug";
    }
    case TaskState::kQueued:
      return "it is held back until a worker has room; " + std::to_string(state.queue.size()) +
             " tasks are queued for " + std::to_string(state.load.size()) + " workers";
    case TaskState::kNoWorker: {
      if (state.workers.empty()) return "there are no workers";
      const Code& code = state.codes[task.code.value];
      if (!code.unable.empty()) {
        return std::to_string(code.unable.size()) + " workers cannot run it (" +
               code.why_unable->message + "), and no other takes tasks";
      }
      if (!task.requirements) return "no worker takes tasks: all are paused or leaving";
      std::string text = "none of the " + std::to_string(state.workers.size()) + " workers";
      for (const auto& [name, amount] : task.requirements->resources) {
        text += " has " + std::to_string(amount) + " of '" + name + "'";
      }
      for (const std::string& name : task.requirements->workers) text += " is '" + name + "'";
      return text + "; start one that fits, or change the task's annotations";
    }
    case TaskState::kProcessing: {
      const Processing& run = task.as<Processing>();
      return std::string(run.started ? "it runs on " : "it was given to ") +
             state.workers.at(run.worker).info.address;
    }
    case TaskState::kMemory:
      return "its result is on " + std::to_string(task.as<InMemory>().holders.size()) + " workers";
    case TaskState::kErred: return "it failed: " + task.as<Erred>().fault->message;
    default: return "it is forgotten";
  }
}

}  // namespace dusk::cluster
