// CRC-32C (Castagnoli), by the processor's instruction where it has one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dusk::base {

// The checksum of `size` bytes that follow those whose checksum is `before`.
uint32_t crc32c(const void* data, size_t size, uint32_t before = 0);

// The same by table on every processor, for tests.
uint32_t crc32c_by_table(const void* data, size_t size, uint32_t before = 0);

}  // namespace dusk::base
