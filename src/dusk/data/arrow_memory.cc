#include <arrow/buffer.h>
#include <arrow/memory_pool.h>
#include <arrow/status.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "dusk/base/error.h"
#include "dusk/data/ledger.h"
#include "dusk/data/table.h"

namespace dusk::data {
namespace {

alignas(kBufferAlignment) uint8_t nothing[kBufferAlignment];

class Pool : public arrow::MemoryPool {
 public:
  using arrow::MemoryPool::Allocate;
  using arrow::MemoryPool::Free;
  using arrow::MemoryPool::Reallocate;

  arrow::Status Allocate(int64_t size, int64_t alignment, uint8_t** out) override {
    if (size < 0) return arrow::Status::Invalid("a negative size was asked for");
    if (alignment > static_cast<int64_t>(kBufferAlignment)) {
      return arrow::Status::NotImplemented("alignments above 64 bytes");
    }
    if (size == 0) {
      *out = nothing;
      return arrow::Status::OK();
    }
    try {
      size_t capacity = 0;
      *out = static_cast<uint8_t*>(pool::take(static_cast<size_t>(size), &capacity));
      count(static_cast<int64_t>(capacity));
    } catch (const base::Error& error) {
      return arrow::Status::OutOfMemory(error.what());
    }
    return arrow::Status::OK();
  }

  arrow::Status Reallocate(int64_t old_size, int64_t new_size, int64_t alignment,
                           uint8_t** block) override {
    if (old_size > 0 && new_size > 0 && stays(*block, old_size, new_size)) {
      return arrow::Status::OK();
    }
    uint8_t* fresh = nullptr;
    ARROW_RETURN_NOT_OK(Allocate(new_size, alignment, &fresh));
    std::memcpy(fresh, *block, static_cast<size_t>(std::min(old_size, new_size)));
    Free(*block, old_size, alignment);
    *block = fresh;
    return arrow::Status::OK();
  }

  void Free(uint8_t* block, int64_t size, int64_t) override {
    if (block == nothing) return;
    auto held = static_cast<int64_t>(take_capacity(block, size));
    live_.fetch_sub(held, std::memory_order_relaxed);
    Ledger::process().freed(held);
    pool::give_back(block, static_cast<size_t>(held));
  }

  int64_t bytes_allocated() const override { return live_.load(std::memory_order_relaxed); }
  int64_t max_memory() const override { return most_.load(std::memory_order_relaxed); }
  int64_t total_bytes_allocated() const override { return total_.load(std::memory_order_relaxed); }
  int64_t num_allocations() const override { return times_.load(std::memory_order_relaxed); }
  std::string backend_name() const override { return "dusk"; }

 private:
  static size_t capacity(int64_t size) { return pool::capacity_of(static_cast<size_t>(size)); }

  // Whether the block can hold `new_size` bytes where it is: within its size class, or, when it is
  // large and shrinks by less than half, under the class it has (readers of columns reserve for
  // the most values there can be and then cut the rest off).
  bool stays(uint8_t* block, int64_t old_size, int64_t new_size) {
    std::lock_guard lock(mutex_);
    auto known = outsized_.find(block);
    size_t held = known == outsized_.end() ? capacity(old_size) : known->second;
    size_t wanted = capacity(new_size);
    if (wanted == held) {
      if (known != outsized_.end()) outsized_.erase(known);
      return true;
    }
    if (wanted > held || held < kOutsizedMin || held > 2 * wanted) return false;
    outsized_[block] = held;
    return true;
  }

  // What pool::take() reported for a block that is given back now.
  size_t take_capacity(uint8_t* block, int64_t size) {
    if (capacity(size) * 2 >= kOutsizedMin) {
      std::lock_guard lock(mutex_);
      auto known = outsized_.find(block);
      if (known != outsized_.end()) {
        size_t held = known->second;
        outsized_.erase(known);
        return held;
      }
    }
    return capacity(size);
  }

  void count(int64_t bytes) {
    Ledger::process().allocated(bytes);
    total_.fetch_add(bytes, std::memory_order_relaxed);
    times_.fetch_add(1, std::memory_order_relaxed);
    int64_t now = live_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    int64_t seen = most_.load(std::memory_order_relaxed);
    while (now > seen && !most_.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {
    }
  }

  static constexpr size_t kOutsizedMin = size_t{64} << 10;
  std::mutex mutex_;
  std::unordered_map<uint8_t*, size_t> outsized_;  // capacities of blocks that were cut in place
  std::atomic<int64_t> live_{0}, most_{0}, total_{0}, times_{0};
};

class WrappedBuffer : public arrow::Buffer {
 public:
  explicit WrappedBuffer(BufferPtr held)
      : arrow::Buffer(reinterpret_cast<const uint8_t*>(held->data()),
                      static_cast<int64_t>(held->size())),
        held_(std::move(held)) {}
  const BufferPtr& held() const { return held_; }

 private:
  BufferPtr held_;
};

}  // namespace

arrow::MemoryPool* arrow_pool() {
  static Pool* pool = new Pool;  // buffers may be freed while statics are destroyed
  return pool;
}

std::shared_ptr<arrow::Buffer> to_arrow_buffer(BufferPtr buffer) {
  return std::make_shared<WrappedBuffer>(std::move(buffer));
}

BufferPtr from_arrow_buffer(std::shared_ptr<arrow::Buffer> buffer) {
  if (auto wrapped = dynamic_cast<const WrappedBuffer*>(buffer.get())) return wrapped->held();
  const uint8_t* data = buffer->data();
  auto size = static_cast<size_t>(buffer->size());
  return Buffer::wrap(data, size, std::move(buffer));
}

}  // namespace dusk::data
