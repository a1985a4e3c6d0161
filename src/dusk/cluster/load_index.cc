#include "dusk/cluster/load_index.h"

namespace dusk::cluster {

void LoadIndex::place(size_t at, const Entry& entry) {
  heap_[at] = entry;
  positions_[entry.worker.value] = static_cast<uint32_t>(at);
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
  if (positions_.size() <= worker.value) positions_.resize(worker.value + 1, kAbsent);
  uint32_t at = positions_[worker.value];
  if (at == kAbsent) {
    heap_.push_back({load, worker});
    up(heap_.size() - 1);
    return;
  }
  bool less = load < heap_[at].load;
  heap_[at].load = load;
  less ? up(at) : down(at);
}

void LoadIndex::remove(WorkerId worker) {
  size_t at = position_of(worker);
  if (at == kAbsent) return;
  positions_[worker.value] = kAbsent;
  Entry last = heap_.back();
  heap_.pop_back();
  if (at == heap_.size()) return;
  place(at, last);
  up(at);
  down(positions_[last.worker.value]);
}

}  // namespace dusk::cluster
