// How a value lies in a segment file: one record, which begins on a block of kSpillBlock bytes.
//
//   u64 magic, u32 checksum of the head after this field, u32 bytes of the head
//   u64 number of the record, u32 bytes of the value's header, u32 number of buffers
//   for each buffer: u64 bytes, u32 checksum, u32 zero
//   the value's header
//   zeros up to a block; then each buffer, with zeros up to a block
//
// All integers are little-endian; checksums are CRC-32C. The number tells a record from one that
// lay in the same place before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dusk/base/result.h"
#include "dusk/data/value.h"

namespace dusk::node {

constexpr size_t kSpillBlock = 4096;

constexpr size_t whole_blocks(size_t bytes) {
  return (bytes + kSpillBlock - 1) / kSpillBlock * kSpillBlock;
}

// What stands in front of the buffers.
struct SpillHead {
  uint64_t number = 0;
  std::string header;  // of the value
  struct Part {
    uint64_t bytes = 0;
    uint32_t checksum = 0;
  };
  std::vector<Part> parts;

  size_t record_bytes() const;  // with all padding
};

SpillHead spill_head(uint64_t number, const data::Frames& frames);  // sums up the buffers
// Whole blocks.
std::string encode_spill_head(const SpillHead& head);
// The head at the start of `bytes`, which may be longer. The error says what is damaged.
base::Result<SpillHead> decode_spill_head(const void* bytes, size_t size);

}  // namespace dusk::node
