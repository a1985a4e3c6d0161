#include "dusk/runtime/task_state.h"

#include <memory>
#include <new>

namespace dusk::runtime {

TaskStates::TaskStates(const graph::TaskGraph& graph) : graph_(graph), states_(graph.size()) {
  for (graph::TaskId t = 0; t < graph.size(); ++t) {
    states_[t].uses.store(static_cast<uint32_t>(graph.consumers_of(t).size()),
                          std::memory_order_relaxed);
    states_[t].missing.store(static_cast<uint32_t>(graph.inputs_of(t).size()),
                             std::memory_order_relaxed);
  }
  for (graph::TaskId t : graph.outputs) {
    states_[t].uses.fetch_add(1, std::memory_order_relaxed);
  }
}

std::vector<data::Value> TaskStates::take_outputs() {
  std::vector<data::Value> values;
  values.reserve(graph_.outputs.size());
  for (graph::TaskId t : graph_.outputs) {
    TaskState& state = states_[t];
    if (state.uses.fetch_sub(1, std::memory_order_relaxed) == 1) {
      values.push_back(std::move(state.value));
    } else {
      values.push_back(state.value);
    }
  }
  return values;
}

namespace {

thread_local const std::atomic<bool>* running_cancellation = nullptr;

// Marks the thread as running a task of one run, inside of whatever it ran before.
class Marked {
 public:
  explicit Marked(const std::atomic<bool>* cancelled) : before_(running_cancellation) {
    running_cancellation = cancelled;
  }
  ~Marked() { running_cancellation = before_; }

 private:
  const std::atomic<bool>* before_;
};

base::Error named(base::Error error, const graph::TaskGraph& graph, graph::TaskId t) {
  error.set_task(graph.key(t));
  return error;
}

}  // namespace

base::Result<data::Value> run_task(const graph::TaskGraph& graph, graph::TaskId t,
                                   graph::Inputs inputs, const std::atomic<bool>* cancelled) {
  Marked marked(cancelled);
  try {
    auto result = graph.operation(t).run({graph.index[t], cancelled}, inputs);
    if (!result.ok()) return named(result.error(), graph, t);
    return result;
  } catch (const base::Error& error) {
    return named(error, graph, t);
  } catch (const std::bad_alloc&) {
    return named({base::ErrorKind::kMemory, "the system is out of memory"}, graph, t);
  } catch (const std::exception& error) {
    return named({base::ErrorKind::kRuntime, error.what()}, graph, t);
  }
}

const std::atomic<bool>* surrounding_cancellation() { return running_cancellation; }

std::unique_ptr<base::Error> refusal(const graph::TaskGraph& graph, int64_t memory_limit) {
  int64_t most = 0;
  graph::TaskId worst = 0;
  for (graph::TaskId t = 0; t < graph.size(); ++t) {
    int64_t bound = graph.operation(t).bound(graph.index[t]);
    if (bound <= most) continue;
    most = bound;
    worst = t;
  }
  if (most <= memory_limit) return nullptr;
  auto error = std::make_unique<base::Error>(
      base::ErrorKind::kMemory,
      "[compute] task " + graph.key(worst) + " needs up to " + std::to_string(most) +
          " bytes by itself, which is " + std::to_string(most - memory_limit) +
          " bytes more than the memory limit of " + std::to_string(memory_limit) +
          " bytes; smaller chunks or a higher memory_limit would do");
  error->set_task(graph.key(worst));
  return error;
}

}  // namespace dusk::runtime
