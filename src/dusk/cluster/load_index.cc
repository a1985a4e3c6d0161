#include "dusk/cluster/load_index.h"

namespace dusk::cluster {

void LoadIndex::place(size_t at, const Entry& entry) {
  heap_[at] = entry;
  position_[entry.worker] = at;
}

void LoadIndex::up(size_t at) {
  Entry entry = heap_[at];
  while (at > 0 && entry < heap_[(at - 1) / 2]) {
    place(at, heap_[(at - 1) / 2]);
    at = (at - 1) / 2;
  }
  place(at, entry);
}

void LoadIndex::down(size_t at) {
  Entry entry = heap_[at];
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) ++child;
    if (!(heap_[child] < entry)) break;
    place(at, heap_[child]);
    at = child;
  }
  place(at, entry);
}

void LoadIndex::set(WorkerId worker, double load) {
  auto [found, added] = position_.try_emplace(worker, heap_.size());
  if (added) heap_.push_back({load, worker});
  size_t at = found->second;
  heap_[at].load = load;
  up(at);
  down(position_[worker]);
}

void LoadIndex::remove(WorkerId worker) {
  auto found = position_.find(worker);
  if (found == position_.end()) return;
  size_t at = found->second;
  position_.erase(found);
  Entry last = heap_.back();
  heap_.pop_back();
  if (at == heap_.size()) return;
  place(at, last);
  up(at);
  down(position_[last.worker]);
}

}  // namespace dusk::cluster
