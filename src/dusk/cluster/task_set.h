// A set of tasks as one number for each slot of the scheduler's table: dense, because most of the
// tasks that there are have been or will be in it.
#pragma once

#include <vector>

#include "dusk/cluster/ids.h"

namespace dusk::cluster {

class TaskSet {
 public:
  bool contains(TaskId task) const {
    return task.slot < members_.size() && members_[task.slot] == task.generation + 1;
  }
  void insert(TaskId task) {
    if (contains(task)) return;
    if (members_.size() <= task.slot) members_.resize(task.slot + 1);
    size_ += members_[task.slot] == 0;
    members_[task.slot] = task.generation + 1;
  }
  void erase(TaskId task) {
    if (!contains(task)) return;
    members_[task.slot] = 0;
    --size_;
  }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::vector<uint32_t> members_;  // by slot: the member's generation + 1; 0: none
  size_t size_ = 0;
};

}  // namespace dusk::cluster
