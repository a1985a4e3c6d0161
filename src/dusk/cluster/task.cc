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

Task& TaskTable::create() {
  uint32_t at;
  uint32_t generation = 0;
  if (free_.empty()) {
    at = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    at = free_.back();
    free_.pop_back();
    generation = slots_[at].task->id.generation + 1;
  }
  Slot& slot = slots_[at];
  if (!slot.task) slot.task = std::make_unique<Task>();
  slot.task->id = {at, generation};
  slot.used = true;
  ++size_;
  return *slot.task;
}

void TaskTable::erase(TaskId id) {
  Slot& slot = slots_[id.slot];
  *slot.task = Task{};
  slot.task->id = id;
  slot.used = false;
  free_.push_back(id.slot);
  --size_;
}

}  // namespace dusk::cluster
