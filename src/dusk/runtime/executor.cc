#include "dusk/runtime/executor.h"

#include "dusk/runtime/sequential.h"
#include "dusk/runtime/task_state.h"
#include "dusk/runtime/threaded.h"
#include "dusk/runtime/worker_pool.h"

namespace dusk::runtime {

base::Result<std::vector<data::Value>> run(const graph::TaskGraph& graph,
                                           const RunOptions& options) {
  if (options.memory_limit > 0) {
    if (auto error = refusal(graph, options.memory_limit)) return *error;
  }
  if (options.observer) options.observer->run_started(graph);
  auto result = options.synchronous ? run_sequential(graph, options) : run_threaded(graph, options);
  if (options.observer) options.observer->run_finished(result.ok());
  return result;
}

void stop_threads() { WorkerPool::process().stop(); }

}  // namespace dusk::runtime
