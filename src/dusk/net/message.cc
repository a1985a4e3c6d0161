#include "dusk/net/message.h"

namespace dusk::net {

int64_t Message::nbytes() const {
  auto total = static_cast<int64_t>(control.size());
  for (const data::BufferPtr& buffer : buffers) total += static_cast<int64_t>(buffer->size());
  return total;
}

}  // namespace dusk::net
