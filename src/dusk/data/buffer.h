// Aligned memory, counted in the ledger and re-used.
//
// First touch of fresh memory costs more than any kernel, so freed blocks go to a pool by size
// class and come back warm. A Buffer is shared and immutable once it has been handed on; whoever
// allocated it may write until then. Foreign memory (NumPy, Arrow) is wrapped without a copy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace dusk::data {

class Buffer;
using BufferPtr = std::shared_ptr<Buffer>;

constexpr size_t kBufferAlignment = 64;

class Buffer {
 public:
  // Uninitialised memory of `size` bytes, 64-byte aligned. Throws Error(kMemory) when the system
  // has none.
  static BufferPtr allocate(size_t size);
  static BufferPtr zeroed(size_t size);
  // Memory of somebody else, kept alive by `owner`. Not counted in the ledger.
  static BufferPtr wrap(const void* data, size_t size, std::shared_ptr<const void> owner);

  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  size_t size() const { return size_; }
  // What keeps wrapped memory alive; null for memory of Dusk's own.
  const std::shared_ptr<const void>& owner() const { return owner_; }
  bool foreign() const { return capacity_ == 0 && size_ != 0; }

 private:
  Buffer() = default;
  std::byte* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;  // of the pooled block; 0 when foreign or empty
  std::shared_ptr<const void> owner_;
};

// The free blocks behind Buffer::allocate. All functions may be called from any thread.
namespace pool {
void* take(size_t size, size_t* capacity);     // throws Error(kMemory)
size_t capacity_of(size_t size);               // what take() would report
void give_back(void* block, size_t capacity);  // capacity as take() reported it
size_t free_bytes();                           // held in the pool, not live
void set_free_limit(size_t bytes);             // more than this is returned to the system
void trim();                                   // returns every free block to the system
}  // namespace pool

}  // namespace dusk::data
