// A worker's memory: when it is full and stays full, and values that cannot be read back from disk.
// What node/worker_memory.cc does with sizes is done here with what the plan says.
#include <algorithm>

#include "sim/worker_node.h"
#include "sim/world.h"

namespace dusk::sim {

using namespace cluster;

namespace {

constexpr Time kLook = 20'000;
constexpr Time kMemoryPatience = 100'000;  // without anything set free, until there is no hope

}  // namespace

int64_t WorkerNode::held_bytes() const {
  int64_t bytes = 0;
  for (const auto& [task, value] : store_) bytes += value.nbytes;
  for (const auto& [key, value] : named_) bytes += value.nbytes;
  return bytes;
}

uint64_t WorkerNode::fill_memory(Filling filling) {
  fillings_[++last_filling_] = filling;
  world_.network.after(node_, 1, [this] { look_at_memory(); });
  if (!std::exchange(watching_, true)) watch_memory();
  return last_filling_;
}

void WorkerNode::empty_memory(uint64_t filling) {
  fillings_.erase(filling);
  world_.network.after(node_, 1, [this] { look_at_memory(); });
}

void WorkerNode::watch_memory() {
  watching_ = !fillings_.empty() || paused_since_.has_value();
  if (!watching_) return;
  world_.network.after(node_, kLook, [this] {
    look_at_memory();
    watch_memory();
  });
}

bool WorkerNode::memory_full() const {
  int64_t bytes = held_bytes();
  return std::any_of(fillings_.begin(), fillings_.end(),
                     [&](const auto& filling) { return bytes > filling.second.above; });
}

// Nothing can leave memory either.
bool WorkerNode::wedged() const {
  int64_t bytes = held_bytes();
  bool disk_full = world_.slots[slot_].disks_full > 0;
  return std::any_of(fillings_.begin(), fillings_.end(), [&](const auto& filling) {
    return bytes > filling.second.above && (disk_full || filling.second.disk_too);
  });
}

void WorkerNode::look_at_memory() {
  bool pause = memory_full();
  bool paused = paused_since_.has_value();
  Time now = world_.now();
  if (pause && !paused) paused_since_ = now;
  if (!pause) paused_since_.reset();
  bool stuck = wedged() && now - std::max(*paused_since_, freed_at_) >= kMemoryPatience;
  if (stuck) paused_since_ = now;  // the next time after as long
  stuck = stuck && state_.busy == 0;
  if (pause == paused && !stuck) return;
  size_t said = reports_.size();
  apply(MemoryPaused{pause, stuck});
  auto full = [](const WorkerReport& report) {
    const auto* changed = std::get_if<StatusChanged>(&report);
    return changed && changed->status == WorkerStatus::kFull;
  };
  if (stuck &&
      std::none_of(reports_.begin() + static_cast<std::ptrdiff_t>(said), reports_.end(), full)) {
    world_.checker.fail(address_ + " does not say that its memory stays full");
  }
}

// ---- values on disk

void WorkerNode::damage(uint32_t one_in) {
  for (auto& [task, value] : store_) {
    bool on_disk = !value.broken && !value.unsendable;
    if (on_disk && world_.chance("damage", task.packed(), node_, std::max(one_in, 1u))) {
      value.damaged = true;
    }
  }
}

// Somebody has tried to read it.
void WorkerNode::lose(TaskId task) {
  auto datum = state_.data.find(task);
  bool here = datum != state_.data.end() && datum->second.state == Datum::State::kHeld;
  if (here) world_.checker.lost(task, state_.self);
  apply(ValueLost{task});
  if (here && store_.count(task)) world_.checker.fail(address_ + " keeps what it cannot read");
}

}  // namespace dusk::sim
