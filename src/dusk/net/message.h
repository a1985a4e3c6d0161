// What travels: a control part, whose meaning is the sender's and the receiver's business, and raw
// buffers that go with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dusk/data/buffer.h"

namespace dusk::net {

// Buffers may be of 0 bytes; they are never null. A buffer must not change once its message is
// sent.
struct Message {
  std::string control;
  std::vector<data::BufferPtr> buffers;

  // Bytes of the control part and of the buffers.
  int64_t nbytes() const;
};

}  // namespace dusk::net
