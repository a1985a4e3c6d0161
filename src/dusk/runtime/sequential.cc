#include "dusk/runtime/sequential.h"

#include "dusk/base/clock.h"
#include "dusk/runtime/task_state.h"

namespace dusk::runtime {
namespace {

constexpr int64_t kPollNs = 20'000'000;

std::vector<graph::TaskId> by_priority(const graph::TaskGraph& graph) {
  std::vector<graph::TaskId> order(graph.size());
  for (graph::TaskId t = 0; t < graph.size(); ++t) order[graph.priority[t]] = t;
  return order;
}

}  // namespace

base::Result<std::vector<data::Value>> run_sequential(const graph::TaskGraph& graph,
                                                      const RunOptions& options) {
  TaskStates states(graph);
  const std::atomic<bool> never{false};
  const std::atomic<bool>* surrounding = surrounding_cancellation();
  std::vector<data::Value> inputs;
  int64_t polled = base::now_ns();
  for (graph::TaskId t : by_priority(graph)) {
    int64_t start = base::now_ns();
    if (options.poll && start - polled > kPollNs) {
      polled = start;
      if (auto error = options.poll()) return *error;
    }
    if (surrounding && surrounding->load(std::memory_order_relaxed)) {
      return base::Error(base::ErrorKind::kCancelled, "the surrounding run has ended");
    }
    inputs.clear();
    states.gather(t, inputs, [](graph::TaskId) {});
    if (options.observer) options.observer->task_started(t, 0, start);
    auto result = run_task(graph, t, inputs, surrounding ? surrounding : &never);
    if (!result.ok()) return result.error();
    inputs.clear();
    data::Value value = std::move(result).value();
    if (options.observer) {
      options.observer->task_finished(t, 0, start, base::now_ns(), value.nbytes());
    }
    if (states[t].uses.load(std::memory_order_relaxed) > 0) states[t].value = std::move(value);
  }
  return states.take_outputs();
}

}  // namespace dusk::runtime
