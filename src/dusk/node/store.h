// The values that a worker keeps, by task, and those that clients have put here, by key. All
// methods may be called from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dusk/cluster/ids.h"
#include "dusk/node/stored_value.h"

namespace dusk::node {

class Store {
 public:
  // The memory of its values is counted in `budget`; null: it is not.
  explicit Store(MemoryBudgetPtr budget = nullptr) : budget_(std::move(budget)) {}

  void put(cluster::TaskId task, StoredPtr value);
  void put_named(const std::string& key, StoredPtr value);
  void adopt(cluster::TaskId task, const std::string& key);
  StoredPtr find(cluster::TaskId task) const;  // null: not here
  StoredPtr take(cluster::TaskId task);        // out of the store; null: not here
  bool has_named() const;
  int64_t nbytes() const;  // as reported by the values, wherever they are
  size_t size() const;

  using Entry = std::pair<cluster::TaskId, StoredPtr>;
  // Those of at least so many bytes that are in memory, in no order.
  std::vector<Entry> in_memory(int64_t bytes_min) const;

 private:
  const MemoryBudgetPtr budget_;
  mutable std::mutex mutex_;
  std::unordered_map<cluster::TaskId, StoredPtr> values_;
  std::unordered_map<std::string, StoredPtr> named_;
  int64_t nbytes_ = 0;
};

}  // namespace dusk::node
