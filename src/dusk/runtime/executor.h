// Runs a TaskGraph in this process.
//
// One flat structure of dependency counts; a LIFO slot and deque a thread; a priority queue of
// roots that is touched only when nothing downstream is ready, which is where memory is admitted.
// Results are dropped as soon as their last consumer has run. Native tasks never need Python;
// others run on the same threads through Operation::run, which takes the lock it needs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "dusk/base/result.h"
#include "dusk/data/value.h"
#include "dusk/graph/task_graph.h"

namespace dusk::runtime {

// What a run reports while somebody listens. Calls come from any thread, one at a time a task;
// they must be quick and must not throw.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void run_started(const graph::TaskGraph& graph) { (void)graph; }
  virtual void task_started(graph::TaskId task, int thread, int64_t ns) {
    (void)task;
    (void)thread;
    (void)ns;
  }
  virtual void task_finished(graph::TaskId task, int thread, int64_t start_ns, int64_t end_ns,
                             int64_t result_bytes) {
    (void)task;
    (void)thread;
    (void)start_ns;
    (void)end_ns;
    (void)result_bytes;
  }
  virtual void run_finished(bool ok) { (void)ok; }
};

struct RunOptions {
  int num_threads = 0;       // 0: base::cpu_count(); 1 with `synchronous`: the calling thread
  bool synchronous = false;  // everything on the calling thread, in priority order
  int64_t memory_limit = 0;  // bytes of results and running tasks' bounds; 0: none
  Observer* observer = nullptr;
  // Called by the waiting thread about every 20 ms (and between tasks when synchronous); returning
  // an error cancels the run with it. The bindings look for Ctrl-C here.
  std::function<std::unique_ptr<base::Error>()> poll;
  // Keeps the graph and the observer alive. When it is set, a run that poll ended does not wait
  // for its running tasks longer than 50 ms: run() returns and they end by themselves, unheard.
  std::shared_ptr<const void> keep;
};

// Values of graph.outputs, in their order, or the first error: with the failed task's key in
// Error::task(). When it returns, no task of the run is executing and nothing of it is held (but
// see RunOptions::keep). May be called from inside a task: the task's thread then works too.
base::Result<std::vector<data::Value>> run(const graph::TaskGraph& graph,
                                           const RunOptions& options);

// Ends the worker threads that runs share (they are started on demand and otherwise kept).
void stop_threads();

}  // namespace dusk::runtime
