// A work-stealing deque of task ids: the owner pushes and pops at one end, thieves take from the
// other. Chase and Lev, "Dynamic circular work-stealing deque" (2005), with the orderings of Lê et
// al. (2013) expressed by sequentially consistent accesses instead of fences.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dusk/graph/task_graph.h"

namespace dusk::runtime {

class TaskDeque {
 public:
  TaskDeque() { grow(0, 0); }
  TaskDeque(const TaskDeque&) = delete;
  TaskDeque& operator=(const TaskDeque&) = delete;

  // Owner only.
  void push(graph::TaskId task) {
    int64_t bottom = bottom_.load(std::memory_order_relaxed);
    int64_t top = top_.load(std::memory_order_acquire);
    Ring* ring = ring_.load(std::memory_order_relaxed);
    if (bottom - top > ring->mask) ring = grow(top, bottom);
    ring->at(bottom).store(task, std::memory_order_relaxed);
    bottom_.store(bottom + 1, std::memory_order_seq_cst);
  }

  // Owner only. False when empty.
  bool pop(graph::TaskId* task) {
    int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;
    if (top_.load(std::memory_order_relaxed) > bottom) return false;
    Ring* ring = ring_.load(std::memory_order_relaxed);
    bottom_.store(bottom, std::memory_order_seq_cst);
    int64_t top = top_.load(std::memory_order_seq_cst);
    if (top > bottom) {
      bottom_.store(bottom + 1, std::memory_order_relaxed);
      return false;
    }
    *task = ring->at(bottom).load(std::memory_order_relaxed);
    if (top < bottom) return true;
    bool won = top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                            std::memory_order_relaxed);
    bottom_.store(bottom + 1, std::memory_order_relaxed);
    return won;
  }

  // Any thread. False when empty or when another thread was faster.
  bool steal(graph::TaskId* task) {
    int64_t top = top_.load(std::memory_order_seq_cst);
    int64_t bottom = bottom_.load(std::memory_order_seq_cst);
    if (top >= bottom) return false;
    Ring* ring = ring_.load(std::memory_order_acquire);
    *task = ring->at(top).load(std::memory_order_relaxed);
    return top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                        std::memory_order_relaxed);
  }

  // A hint: may be out of date as soon as it returns.
  bool maybe_empty() const {
    return top_.load(std::memory_order_relaxed) >= bottom_.load(std::memory_order_seq_cst);
  }

 private:
  struct Ring {
    explicit Ring(int64_t size) : mask(size - 1), slots(new std::atomic<graph::TaskId>[size]) {}
    std::atomic<graph::TaskId>& at(int64_t i) { return slots[static_cast<size_t>(i & mask)]; }
    int64_t mask;
    std::unique_ptr<std::atomic<graph::TaskId>[]> slots;
  };

  Ring* grow(int64_t top, int64_t bottom) {
    int64_t size = rings_.empty() ? 256 : 2 * (rings_.back()->mask + 1);
    auto larger = std::make_unique<Ring>(size);
    for (int64_t i = top; i < bottom; ++i) {
      larger->at(i).store(rings_.back()->at(i).load(std::memory_order_relaxed),
                          std::memory_order_relaxed);
    }
    rings_.push_back(std::move(larger));  // old rings stay: a thief may still read one
    ring_.store(rings_.back().get(), std::memory_order_release);
    return rings_.back().get();
  }

  alignas(64) std::atomic<int64_t> top_{0};
  alignas(64) std::atomic<int64_t> bottom_{0};
  std::atomic<Ring*> ring_{nullptr};
  std::vector<std::unique_ptr<Ring>> rings_;
};

}  // namespace dusk::runtime
