// The count of every byte Dusk holds.
//
// One Ledger belongs to a process. Buffers report to it when they come and go; executors reserve
// in it before a task starts. All methods may be called from any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace dusk::data {

class Ledger {
 public:
  // The process's ledger.
  static Ledger& process();

  void allocated(int64_t bytes) {
    int64_t now = live_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    int64_t seen = peak_.load(std::memory_order_relaxed);
    while (now > seen && !peak_.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {
    }
  }
  void freed(int64_t bytes) { live_.fetch_sub(bytes, std::memory_order_relaxed); }

  // Bytes in live buffers (pooled free memory is not counted).
  int64_t live_bytes() const { return live_.load(std::memory_order_relaxed); }
  // The most live_bytes() has been since the last reset_peak().
  int64_t peak_bytes() const { return peak_.load(std::memory_order_relaxed); }
  void reset_peak() { peak_.store(live_bytes(), std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> live_{0};
  std::atomic<int64_t> peak_{0};
};

}  // namespace dusk::data
