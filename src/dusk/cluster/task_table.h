// Every task of the scheduler, found by its TaskId or by its key.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dusk/cluster/task.h"

namespace dusk::cluster {

// Records stand in pages, so that they do not move while they live and neighbours in time are
// neighbours in memory. The index of keys keeps 32 bits of a key's hash beside the record's slot
// (open addressing, linear probing): most probes never touch a record.
class TaskTable {
 public:
  // REQUIRES: no task has the key.
  Task& create(std::string key);
  // Null when the task is forgotten.
  Task* find(TaskId id) {
    if (id.slot >= slots_) return nullptr;
    Task& task = at(id.slot);
    return task.alive && task.id.generation == id.generation ? &task : nullptr;
  }
  const Task* find(TaskId id) const { return const_cast<TaskTable*>(this)->find(id); }
  // Null when no task has the key.
  Task* find(std::string_view key);
  const Task* find(std::string_view key) const { return const_cast<TaskTable*>(this)->find(key); }
  // REQUIRES: the task is here.
  void erase(TaskId id);
  size_t size() const { return size_; }

  template <class Visit>
  void for_each(Visit&& visit) const {
    const_cast<TaskTable*>(this)->for_each([&](Task& task) { visit(std::as_const(task)); });
  }
  template <class Visit>
  void for_each(Visit&& visit) {
    for (uint32_t slot = 0; slot < slots_; ++slot) {
      if (at(slot).alive) visit(at(slot));
    }
  }

 private:
  static constexpr uint32_t kPage = 256;
  static constexpr uint32_t kNone = TaskId{}.slot;
  struct Entry {
    uint32_t hash = 0;
    uint32_t slot = kNone;
  };

  Task& at(uint32_t slot) { return pages_[slot / kPage][slot % kPage]; }
  // The entry of the key, or the free one where it would be.
  size_t entry_of(std::string_view key, uint32_t hash);
  void index(uint32_t hash, uint32_t slot);
  void grow_index();
  void remove_entry(size_t entry);

  std::vector<std::unique_ptr<Task[]>> pages_;
  uint32_t slots_ = 0;
  std::vector<uint32_t> free_;
  size_t size_ = 0;
  std::vector<Entry> entries_;  // a power of two, at most three quarters full
};

}  // namespace dusk::cluster
