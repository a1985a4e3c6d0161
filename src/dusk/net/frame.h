// How a message lies on the wire, little-endian:
//
//   u32 bytes of the control part, u32 number of buffers
//   u64 bytes of each buffer
//   the control part, then each buffer
//
// The top bit of a buffer's bytes, kSharedBuffer, says that it is shared memory: its descriptor
// comes along with the bytes of the message's head, and its bytes do not follow. Only unix:// can
// do this.
//
// The number kGoodbye instead of buffers says that the sender closes; the control part tells why.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dusk::net {

constexpr size_t kFrameHeadBytes = 8;
constexpr uint64_t kSharedBuffer = uint64_t{1} << 63;
constexpr size_t kSharedMax = 64;  // buffers of a message
constexpr uint32_t kGoodbye = 0xFFFFFFFF;
constexpr uint32_t kGoodbyeBytes = 64 << 10;  // a longer reason is cut

}  // namespace dusk::net
