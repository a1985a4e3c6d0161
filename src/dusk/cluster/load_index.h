// Workers in the order of their load: a binary heap that knows where everybody stands.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "dusk/cluster/ids.h"

namespace dusk::cluster {

class LoadIndex {
 public:
  // Adds the worker or moves it. O(log n).
  void set(WorkerId worker, double load);
  void remove(WorkerId worker);
  bool empty() const { return heap_.empty(); }
  size_t size() const { return heap_.size(); }
  // REQUIRES: !empty(). Of equal loads, the worker that joined first.
  WorkerId least() const { return heap_.front().worker; }
  bool contains(WorkerId worker) const { return position_of(worker) != kAbsent; }

 private:
  struct Entry {
    double load;
    WorkerId worker;
    bool operator<(const Entry& other) const {
      return load != other.load ? load < other.load : worker < other.worker;
    }
  };
  static constexpr uint32_t kAbsent = std::numeric_limits<uint32_t>::max();
  uint32_t position_of(WorkerId worker) const {
    return worker.value < positions_.size() ? positions_[worker.value] : kAbsent;
  }
  void up(size_t at);
  void down(size_t at);
  void place(size_t at, const Entry& entry);

  std::vector<Entry> heap_;
  std::vector<uint32_t> positions_;  // by WorkerId
};

}  // namespace dusk::cluster
