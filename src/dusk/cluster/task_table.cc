#include "dusk/cluster/task_table.h"

#include <functional>

namespace dusk::cluster {
namespace {

uint32_t hash_of(std::string_view key) {
  uint64_t hash = std::hash<std::string_view>()(key);
  return static_cast<uint32_t>(hash ^ (hash >> 32));
}

}  // namespace

Task& TaskTable::create(std::string key) {
  uint32_t slot;
  if (free_.empty()) {
    slot = slots_++;
    if (slot % kPage == 0) pages_.push_back(std::make_unique<Task[]>(kPage));
    at(slot).id = {slot, 0};
  } else {
    slot = free_.back();
    free_.pop_back();
    ++at(slot).id.generation;
  }
  Task& task = at(slot);
  task.key = std::move(key);
  task.alive = true;
  ++size_;
  if (4 * size_ > 3 * entries_.size()) grow_index();
  index(hash_of(task.key), slot);
  return task;
}

Task* TaskTable::find(std::string_view key) {
  if (entries_.empty()) return nullptr;
  const Entry& entry = entries_[entry_of(key, hash_of(key))];
  return entry.slot == kNone ? nullptr : &at(entry.slot);
}

void TaskTable::erase(TaskId id) {
  Task& task = at(id.slot);
  remove_entry(entry_of(task.key, hash_of(task.key)));
  task = Task{};
  task.id = id;
  free_.push_back(id.slot);
  --size_;
}

size_t TaskTable::entry_of(std::string_view key, uint32_t hash) {
  size_t mask = entries_.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const Entry& entry = entries_[i];
    if (entry.slot == kNone || (entry.hash == hash && at(entry.slot).key == key)) return i;
  }
}

void TaskTable::index(uint32_t hash, uint32_t slot) {
  size_t mask = entries_.size() - 1;
  size_t i = hash & mask;
  while (entries_[i].slot != kNone) i = (i + 1) & mask;
  entries_[i] = {hash, slot};
}

void TaskTable::grow_index() {
  std::vector<Entry> old(entries_.empty() ? 64 : 2 * entries_.size());
  old.swap(entries_);
  for (const Entry& entry : old) {
    if (entry.slot != kNone) index(entry.hash, entry.slot);
  }
}

// Entries behind the hole that would not be found any more move into it.
void TaskTable::remove_entry(size_t hole) {
  size_t mask = entries_.size() - 1;
  for (size_t i = (hole + 1) & mask; entries_[i].slot != kNone; i = (i + 1) & mask) {
    size_t home = entries_[i].hash & mask;
    if (((i - home) & mask) < ((i - hole) & mask)) continue;
    entries_[hole] = entries_[i];
    hole = i;
  }
  entries_[hole] = {};
}

}  // namespace dusk::cluster
