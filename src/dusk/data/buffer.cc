#include "dusk/data/buffer.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

#include "dusk/base/error.h"
#include "dusk/data/ledger.h"

namespace dusk::data {
namespace pool {
namespace {

constexpr size_t kSmallest = 64;
constexpr int kClasses = 48 * 4;
constexpr size_t kLargest = size_t{1} << 47;
constexpr size_t kHugePage = size_t{2} << 20;

// Four size classes to a power of two: at most a quarter of a block is waste.
int class_of(size_t size) {
  size = std::max(size, kSmallest);
  int log = std::bit_width(size - 1) - 1;
  size_t step = (size_t{1} << log) / 4;
  int quarter = static_cast<int>((size - (size_t{1} << log) + step - 1) / step);
  return log * 4 + quarter;
}
size_t class_bytes(int c) {
  size_t base = size_t{1} << (c / 4);
  size_t bytes = base + base / 4 * static_cast<size_t>(c % 4);
  return (bytes + kSmallest - 1) / kSmallest * kSmallest;
}

struct Shelf {
  std::mutex mutex;
  std::vector<void*> blocks;
};

struct Pool {
  std::array<Shelf, kClasses> shelves;
  std::atomic<size_t> free_bytes{0};
  std::atomic<size_t> free_limit{size_t{2} << 30};
};

Pool& instance() {
  static Pool* pool = new Pool;  // buffers may be freed while statics are destroyed
  return *pool;
}

[[noreturn]] void refuse(size_t bytes) {
  throw base::Error(base::ErrorKind::kMemory,
                    "the system refused " + std::to_string(bytes) + " bytes of memory");
}

void* fresh(size_t bytes) {
  size_t alignment = bytes >= kHugePage ? kHugePage : kBufferAlignment;
  void* block = nullptr;
  if (posix_memalign(&block, alignment, bytes) != 0) refuse(bytes);
  if (bytes >= kHugePage) madvise(block, bytes, MADV_HUGEPAGE);
  return block;
}

}  // namespace

void* take(size_t size, size_t* capacity) {
  if (size > kLargest) refuse(size);
  int c = class_of(size);
  *capacity = class_bytes(c);
  Pool& p = instance();
  Shelf& shelf = p.shelves[static_cast<size_t>(c)];
  {
    std::lock_guard lock(shelf.mutex);
    if (!shelf.blocks.empty()) {
      void* block = shelf.blocks.back();
      shelf.blocks.pop_back();
      p.free_bytes.fetch_sub(*capacity, std::memory_order_relaxed);
      return block;
    }
  }
  return fresh(*capacity);
}

size_t capacity_of(size_t size) { return class_bytes(class_of(size)); }

void give_back(void* block, size_t capacity) {
  Pool& p = instance();
  size_t held = p.free_bytes.fetch_add(capacity, std::memory_order_relaxed) + capacity;
  if (held > p.free_limit.load(std::memory_order_relaxed)) {
    p.free_bytes.fetch_sub(capacity, std::memory_order_relaxed);
    std::free(block);
    return;
  }
  Shelf& shelf = p.shelves[static_cast<size_t>(class_of(capacity))];
  std::lock_guard lock(shelf.mutex);
  shelf.blocks.push_back(block);
}

size_t free_bytes() { return instance().free_bytes.load(std::memory_order_relaxed); }
void set_free_limit(size_t bytes) { instance().free_limit.store(bytes); }

void trim() {
  Pool& p = instance();
  for (int c = 0; c < kClasses; ++c) {
    Shelf& shelf = p.shelves[static_cast<size_t>(c)];
    std::lock_guard lock(shelf.mutex);
    for (void* block : shelf.blocks) std::free(block);
    p.free_bytes.fetch_sub(class_bytes(c) * shelf.blocks.size(), std::memory_order_relaxed);
    shelf.blocks.clear();
  }
}

}  // namespace pool

BufferPtr Buffer::allocate(size_t size) {
  BufferPtr buffer(new Buffer);
  if (size == 0) return buffer;
  size_t capacity = 0;  // the buffer's own once there is a block: take() may throw
  buffer->data_ = static_cast<std::byte*>(pool::take(size, &capacity));
  buffer->size_ = size;
  buffer->capacity_ = capacity;
  Ledger::process().allocated(static_cast<int64_t>(buffer->capacity_));
  return buffer;
}

BufferPtr Buffer::zeroed(size_t size) {
  BufferPtr buffer = allocate(size);
  if (size) std::memset(buffer->data_, 0, size);
  return buffer;
}

BufferPtr Buffer::wrap(const void* data, size_t size, std::shared_ptr<const void> owner) {
  BufferPtr buffer(new Buffer);
  buffer->data_ = static_cast<std::byte*>(const_cast<void*>(data));
  buffer->size_ = size;
  buffer->owner_ = std::move(owner);
  return buffer;
}

Buffer::~Buffer() {
  if (!capacity_) return;
  Ledger::process().freed(static_cast<int64_t>(capacity_));
  pool::give_back(data_, capacity_);
}

}  // namespace dusk::data
