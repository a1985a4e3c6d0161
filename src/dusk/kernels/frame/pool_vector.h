// Vectors whose large blocks come from Dusk's buffer pool and are counted in the ledger.
//
// Hash tables and group states grow to megabytes and die with their task; the next task finds the
// pages warm. Small blocks come from the heap.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include "dusk/data/buffer.h"
#include "dusk/data/ledger.h"

namespace dusk::kernels::frame {

template <class T>
struct PoolAllocator {
  using value_type = T;
  static constexpr size_t kPooledBytes = size_t{1} << 16;

  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) {}  // NOLINT

  T* allocate(size_t n) {
    size_t size = n * sizeof(T);
    if (size < kPooledBytes) return static_cast<T*>(::operator new(size));
    size_t capacity = 0;
    void* block = data::pool::take(size, &capacity);
    data::Ledger::process().allocated(static_cast<int64_t>(capacity));
    return static_cast<T*>(block);
  }
  void deallocate(T* block, size_t n) {
    size_t size = n * sizeof(T);
    if (size < kPooledBytes) return ::operator delete(block);
    size_t capacity = data::pool::capacity_of(size);
    data::Ledger::process().freed(static_cast<int64_t>(capacity));
    data::pool::give_back(block, capacity);
  }
  bool operator==(const PoolAllocator&) const { return true; }
};

template <class T>
using PoolVector = std::vector<T, PoolAllocator<T>>;

}  // namespace dusk::kernels::frame
