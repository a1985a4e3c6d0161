// What a run keeps for each task, and the parts of running one that every executor shares.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "dusk/base/result.h"
#include "dusk/data/value.h"
#include "dusk/graph/task_graph.h"

namespace dusk::runtime {

struct TaskState {
  data::Value value;                 // from the task's end to its last use
  std::atomic<uint32_t> uses{0};     // consumers that have not taken it, and outputs
  std::atomic<uint32_t> missing{0};  // inputs that are not there yet
};

class TaskStates {
 public:
  explicit TaskStates(const graph::TaskGraph& graph);
  TaskState& operator[](graph::TaskId t) { return states_[t]; }

  // Appends the inputs of `t`; an input's last user gets the only reference. `released(task)` is
  // called for every input that is gone from here.
  template <class Released>
  void gather(graph::TaskId t, std::vector<data::Value>& inputs, const Released& released) {
    for (graph::TaskId input : graph_.inputs_of(t)) {
      TaskState& state = states_[input];
      if (state.uses.load(std::memory_order_acquire) == 1) {
        inputs.push_back(std::move(state.value));
        state.value = {};
        state.uses.store(0, std::memory_order_relaxed);
        released(input);
        continue;
      }
      inputs.push_back(state.value);
      if (state.uses.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        state.value = {};
        released(input);
      }
    }
  }

  std::vector<data::Value> take_outputs();

 private:
  const graph::TaskGraph& graph_;
  std::vector<TaskState> states_;
};

// Operation::run() with everything it may throw turned into the error it means, and the task's
// key in it.
base::Result<data::Value> run_task(const graph::TaskGraph& graph, graph::TaskId t,
                                   graph::Inputs inputs, const std::atomic<bool>* cancelled);

// The cancellation flag of the task that this thread is running, or null: a run inside of a task
// ends with the run that the task belongs to.
const std::atomic<bool>* surrounding_cancellation();

// The error for a graph with a task that alone needs more than `memory_limit`, by its bounds.
std::unique_ptr<base::Error> refusal(const graph::TaskGraph& graph, int64_t memory_limit);

}  // namespace dusk::runtime
