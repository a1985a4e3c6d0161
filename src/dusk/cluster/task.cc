#include "dusk/cluster/task.h"

namespace dusk::cluster {

std::string_view to_string(TaskState state) {
  static constexpr std::string_view kNames[kTaskStates] = {
      "released", "waiting", "queued", "no-worker", "processing", "memory", "erred", "forgotten"};
  return kNames[static_cast<size_t>(state)];
}

int64_t body_bytes(const Body& body) {
  if (!body) return 0;
  auto bytes = static_cast<int64_t>(body->header.size());
  for (const data::BufferPtr& buffer : body->buffers) {
    if (buffer) bytes += static_cast<int64_t>(buffer->size());
  }
  return bytes;
}

}  // namespace dusk::cluster
