// Workers in the order of their load: a binary heap that knows where everybody stands.
#pragma once

#include <cstddef>
#include <unordered_map>
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
  bool contains(WorkerId worker) const { return position_.count(worker) != 0; }

 private:
  struct Entry {
    double load;
    WorkerId worker;
    bool operator<(const Entry& other) const {
      return load != other.load ? load < other.load : worker < other.worker;
    }
  };
  void up(size_t at);
  void down(size_t at);
  void place(size_t at, const Entry& entry);

  std::vector<Entry> heap_;
  std::unordered_map<WorkerId, size_t> position_;
};

}  // namespace dusk::cluster
