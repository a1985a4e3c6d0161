// How a message lies on the wire, little-endian:
//
//   u32 bytes of the control part, u32 number of buffers
//   u64 bytes of each buffer
//   the control part, then each buffer
//
// The number kGoodbye instead of buffers says that the sender closes; the control part tells why.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dusk::net {

constexpr size_t kFrameHeadBytes = 8;
constexpr uint32_t kGoodbye = 0xFFFFFFFF;
constexpr uint32_t kGoodbyeBytes = 64 << 10;  // a longer reason is cut

}  // namespace dusk::net
