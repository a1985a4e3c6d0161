#include "dusk/cluster/ready_queue.h"

#include <algorithm>

namespace dusk::cluster {
namespace {

constexpr auto kLater = [](const auto& a, const auto& b) { return b.priority < a.priority; };

}  // namespace

void ReadyQueue::Heap::push(const Entry& entry) {
  if (next_ == run_.size()) {
    run_.clear();
    next_ = 0;
  }
  if (run_.empty() || !(entry.priority < run_.back().priority)) {
    run_.push_back(entry);
  } else {
    heap_.push_back(entry);
    std::push_heap(heap_.begin(), heap_.end(), kLater);
  }
}

bool ReadyQueue::Heap::run_first() const {
  if (heap_.empty()) return true;
  return next_ < run_.size() && !(heap_[0].priority < run_[next_].priority);
}

const ReadyQueue::Entry& ReadyQueue::Heap::front() const {
  return run_first() ? run_[next_] : heap_[0];
}

void ReadyQueue::Heap::pop() {
  if (run_first()) {
    ++next_;
    return;
  }
  std::pop_heap(heap_.begin(), heap_.end(), kLater);
  heap_.pop_back();
}

void ReadyQueue::push(TaskId task, Priority priority, TaskId family) {
  live_.insert(task);
  if (!family.valid()) {
    singles_.push({priority, task});
    return;
  }
  auto [found, added] = families_.try_emplace(family);
  Heap& heap = found->second.heap;
  bool first = heap.empty() || priority < heap.front().priority;
  heap.push({priority, task});
  if (first && !found->second.owner.valid()) order_.push({priority, family});
}

void ReadyQueue::remove(TaskId task) { live_.erase(task); }

// Removes entries of tasks that are not queued any more; false when nothing is left.
bool ReadyQueue::drop_dead(Heap& heap) {
  while (!heap.empty()) {
    if (live_.contains(heap.front().task)) return true;
    heap.pop();
  }
  return false;
}

TaskId ReadyQueue::take(Heap& heap) {
  TaskId task = heap.front().task;
  heap.pop();
  live_.erase(task);
  return task;
}

void ReadyQueue::erase_family(TaskId id) {
  auto found = families_.find(id);
  if (found == families_.end()) return;
  if (found->second.owner.valid()) owned_[found->second.owner.value] = {};
  families_.erase(found);
}

ReadyQueue::Family* ReadyQueue::family_of(WorkerId worker, Priority* priority) {
  TaskId mine = owned_by(worker);
  if (!mine.valid()) return nullptr;
  auto found = families_.find(mine);
  if (found == families_.end() || !drop_dead(found->second.heap)) {
    owned_[worker.value] = {};
    erase_family(mine);
    return nullptr;
  }
  *priority = found->second.heap.front().priority;
  return &found->second;
}

// The first family that nobody owns.
ReadyQueue::Family* ReadyQueue::next_family(Priority* priority, TaskId* id) {
  while (!order_.empty()) {
    *id = order_.front().task;
    auto found = families_.find(*id);
    if (found == families_.end() || found->second.owner.valid()) {
      order_.pop();
      continue;
    }
    if (!drop_dead(found->second.heap)) {
      order_.pop();
      families_.erase(found);
      continue;
    }
    *priority = found->second.heap.front().priority;
    if (order_.front().priority == *priority) return &found->second;
    // Its first task has gone since it was entered.
    order_.pop();
    order_.push({*priority, *id});
  }
  return nullptr;
}

TaskId ReadyQueue::pop(WorkerId worker) {
  Priority own_priority;
  Priority family_priority;
  TaskId family_id;
  Family* own = family_of(worker, &own_priority);
  bool single = drop_dead(singles_);
  if (own && !(single && singles_.front().priority.user > own_priority.user)) {
    return take(own->heap);
  }
  Family* next = next_family(&family_priority, &family_id);
  if (single && (!next || singles_.front().priority < family_priority)) return take(singles_);
  if (next) {
    forget(worker);
    next->owner = worker;
    if (owned_.size() <= worker.value) owned_.resize(worker.value + 1);
    owned_[worker.value] = family_id;
    return take(next->heap);
  }
  if (own) return take(own->heap);
  // Every family is in somebody's hands: take the first of all.
  Heap* best = nullptr;
  for (TaskId id : owned_) {
    auto found = families_.find(id);
    if (found == families_.end() || !drop_dead(found->second.heap)) continue;
    Heap& heap = found->second.heap;
    if (!best || heap.front().priority < best->front().priority) best = &heap;
  }
  return best ? take(*best) : TaskId{};
}

TaskId ReadyQueue::top() {
  Priority family_priority;
  TaskId family_id;
  bool single = drop_dead(singles_);
  Family* next = next_family(&family_priority, &family_id);
  if (single && (!next || singles_.front().priority < family_priority)) {
    return singles_.front().task;
  }
  if (next) return next->heap.front().task;
  for (TaskId id : owned_) {
    auto found = families_.find(id);
    if (found != families_.end() && drop_dead(found->second.heap)) {
      return found->second.heap.front().task;
    }
  }
  return {};
}

void ReadyQueue::forget(WorkerId worker) {
  TaskId id = owned_by(worker);
  if (!id.valid()) return;
  owned_[worker.value] = {};
  auto found = families_.find(id);
  if (found == families_.end()) return;
  found->second.owner = {};
  if (drop_dead(found->second.heap)) {
    order_.push({found->second.heap.front().priority, id});
  } else {
    families_.erase(found);
  }
}

}  // namespace dusk::cluster
