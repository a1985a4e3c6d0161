// Python's Observer: collects what runs report.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "dusk/runtime/executor.h"

namespace dusk::bindings {

// Progress may be read from any thread at any time. Keeps the graphs it saw (for the tasks' names)
// as long as it lives.
class PyObserver : public runtime::Observer {
 public:
  struct Event {
    uint32_t run;
    graph::TaskId task;
    int thread;
    int64_t start_ns;
    int64_t end_ns;
    int64_t bytes;
  };
  struct Count {
    std::string name;
    std::atomic<int64_t> done{0};
    int64_t all = 0;
  };

  // The graph that the next run reports on.
  void expect(std::shared_ptr<const graph::TaskGraph> graph);

  void run_started(const graph::TaskGraph& graph) override;
  void task_finished(graph::TaskId task, int thread, int64_t start_ns, int64_t end_ns,
                     int64_t result_bytes) override;

  int64_t done() const { return done_.load(std::memory_order_relaxed); }
  int64_t all() const { return all_.load(std::memory_order_relaxed); }
  const graph::TaskGraph& graph_of(const Event& event) const;
  std::vector<Event> events() const;
  // Copies of (name, done, in all), in the order in which names were first seen.
  std::vector<std::tuple<std::string, int64_t, int64_t>> prefixes() const;
  int64_t origin_ns() const { return origin_ns_; }

 private:
  uint32_t count_of(const std::string& name);

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<const graph::TaskGraph>> graphs_;
  std::vector<uint32_t> name_of_task_;  // of the current run, into counts_
  std::deque<Count> counts_;
  std::unordered_map<std::string, uint32_t> names_;
  std::vector<Event> events_;
  std::atomic<int64_t> done_{0};
  std::atomic<int64_t> all_{0};
  int64_t origin_ns_ = 0;
};

}  // namespace dusk::bindings
