// Admits root tasks while the run's results and the bounds of what runs fit the limit.
//
// Tasks whose inputs exist always run: they are what lets results go. When nothing runs, the next
// root is admitted even if it does not fit (the progress reserve), so no run gets stuck.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

#include "dusk/graph/task_graph.h"

namespace dusk::runtime {

class MemoryGate {
 public:
  MemoryGate(const graph::TaskGraph& graph, int64_t limit)
      : graph_(graph), limit_(limit), held_(limit > 0 ? graph.size() : 0) {}

  bool on() const { return limit_ > 0; }
  int64_t bound(graph::TaskId t) const {
    return std::max<int64_t>(0, graph_.operation(t).bound(graph_.index[t]));
  }

  // Whether root `t` may start now; counted as started when it may.
  bool admit(graph::TaskId t) {
    int64_t need = bound(t);
    int64_t used = used_.fetch_add(need, std::memory_order_relaxed);
    if (running_.fetch_add(1, std::memory_order_acq_rel) == 0 || used + need <= limit_) {
      return true;
    }
    used_.fetch_sub(need, std::memory_order_relaxed);
    running_.fetch_sub(1, std::memory_order_acq_rel);
    return false;
  }
  void start(graph::TaskId t) {
    used_.fetch_add(bound(t), std::memory_order_relaxed);
    running_.fetch_add(1, std::memory_order_relaxed);
  }
  // `result_bytes` stay in use until release(t); a task bound to allocate nothing made a view.
  void finish(graph::TaskId t, int64_t result_bytes) {
    int64_t need = bound(t);
    bool view = graph_.operation(t).bound(graph_.index[t]) == 0;
    held_[t] = view ? 0 : result_bytes;
    used_.fetch_add(held_[t] - need, std::memory_order_relaxed);
    running_.fetch_sub(1, std::memory_order_acq_rel);
  }
  void release(graph::TaskId t) { used_.fetch_sub(held_[t], std::memory_order_relaxed); }

 private:
  const graph::TaskGraph& graph_;
  const int64_t limit_;
  std::vector<int64_t> held_;  // by a task's result
  std::atomic<int64_t> used_{0};
  std::atomic<int64_t> running_{0};
};

}  // namespace dusk::runtime
