// Bytes for another process on this host, by memfds that both map instead of a socket that copies
// twice.
//
// Fresh shared memory is slow to touch, so that it must be used again: what is lent is copied into
// one of a few blocks that stay warm. A block is lent by a descriptor that holds a lock on it; the
// lock goes with the last copy of that descriptor, wherever that is, and then the block is free.
// While all are out, nothing is lent and the bytes go the usual way. Blocks are sealed: nobody can
// cut them off or write through another mapping. All functions may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "dusk/base/result.h"
#include "dusk/data/buffer.h"

namespace dusk::data::shared_memory {

// A descriptor to be passed on and closed.
struct Loan {
  int descriptor;
};
// The bytes in a block, from its beginning. Nothing when no block is free, or the system has none.
std::optional<Loan> lend(const void* data, size_t size);

// How many bytes the blocks may have together; what they have beside is given back by and by.
void set_blocks_max(size_t bytes);
size_t blocks_bytes();

// What another process lent, to be read only; takes the descriptor, and keeps it until the buffer
// goes. The error says what is wrong with it: it must be sealed and long enough, so that reading
// never ends this process.
base::Result<BufferPtr> borrow(int descriptor, uint64_t size);

}  // namespace dusk::data::shared_memory
