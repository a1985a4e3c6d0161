// Tasks that could run, held back until a worker has room.
//
// Tasks that feed the same next task are a family. A worker that took one member takes the others
// first, so that the family's reducer finds its inputs in one place; a family in progress yields
// only to a higher user priority. Tasks without a family go strictly by priority. Amortised O(1)
// for pushes in priority order, O(log n) otherwise.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "dusk/base/small_vector.h"
#include "dusk/cluster/ids.h"
#include "dusk/cluster/task_set.h"

namespace dusk::cluster {

class ReadyQueue {
 public:
  // `family` is the task that this one feeds; invalid for none.
  void push(TaskId task, Priority priority, TaskId family);
  // The entry stays until a pop meets it; it is not counted any more.
  void remove(TaskId task);
  // The next task for `worker`; invalid when the queue is empty.
  TaskId pop(WorkerId worker);
  // The task that pop() would give to a worker without a family.
  TaskId top();
  bool empty() const { return live_.empty(); }
  size_t size() const { return live_.size(); }
  // Lets the family of a worker that left go to others.
  void forget(WorkerId worker);

 private:
  struct Entry {
    Priority priority;
    TaskId task;
  };
  // A heap whose common case, pushes in order, is a plain list.
  class Heap {
   public:
    void push(const Entry& entry);
    const Entry& front() const;
    void pop();
    bool empty() const { return next_ == run_.size() && heap_.empty(); }

   private:
    bool run_first() const;
    base::SmallVector<Entry, 2> run_;  // sorted; entries before next_ are gone
    uint32_t next_ = 0;
    base::SmallVector<Entry, 1> heap_;  // those that came out of order
  };
  struct Family {
    Heap heap;
    WorkerId owner;
  };
  bool drop_dead(Heap& heap);
  TaskId take(Heap& heap);
  Family* family_of(WorkerId worker, Priority* priority);
  Family* next_family(Priority* priority, TaskId* id);
  void erase_family(TaskId id);
  TaskId owned_by(WorkerId worker) const {
    return worker.value < owned_.size() ? owned_[worker.value] : TaskId{};
  }

  Heap singles_;
  std::unordered_map<TaskId, Family> families_;
  Heap order_;  // of families that nobody owns, by their first task; task is the family's id
  std::vector<TaskId> owned_;  // by WorkerId: the family in its hands; invalid for none
  TaskSet live_;
};

}  // namespace dusk::cluster
