#include "dusk/node/store.h"

namespace dusk::node {

void Store::put(cluster::TaskId task, StoredPtr value) {
  if (budget_) value->charge_to(*budget_);
  std::lock_guard lock(mutex_);
  StoredPtr& place = values_[task];
  nbytes_ += value->nbytes() - (place ? place->nbytes() : 0);
  place.swap(value);
}

void Store::put_named(const std::string& key, StoredPtr value) {
  if (budget_) value->charge_to(*budget_);
  std::lock_guard lock(mutex_);
  StoredPtr& place = named_[key];
  nbytes_ += value->nbytes() - (place ? place->nbytes() : 0);
  place.swap(value);
}

void Store::adopt(cluster::TaskId task, const std::string& key) {
  std::lock_guard lock(mutex_);
  auto found = named_.find(key);
  if (found == named_.end()) return;
  StoredPtr& place = values_[task];
  if (place) nbytes_ -= place->nbytes();
  place = std::move(found->second);
  named_.erase(found);
}

StoredPtr Store::find(cluster::TaskId task) const {
  std::lock_guard lock(mutex_);
  auto found = values_.find(task);
  return found == values_.end() ? nullptr : found->second;
}

StoredPtr Store::take(cluster::TaskId task) {
  std::lock_guard lock(mutex_);
  auto found = values_.find(task);
  if (found == values_.end()) return nullptr;
  StoredPtr taken = std::move(found->second);
  nbytes_ -= taken->nbytes();
  values_.erase(found);
  return taken;
}

bool Store::has_named() const {
  std::lock_guard lock(mutex_);
  return !named_.empty();
}

int64_t Store::nbytes() const {
  std::lock_guard lock(mutex_);
  return nbytes_;
}

std::vector<Store::Entry> Store::in_memory(int64_t bytes_min) const {
  std::vector<Entry> entries;
  std::lock_guard lock(mutex_);
  for (const auto& [task, stored] : values_) {
    if (stored->nbytes() >= bytes_min && stored->in_memory()) entries.emplace_back(task, stored);
  }
  return entries;
}

size_t Store::size() const {
  std::lock_guard lock(mutex_);
  return values_.size();
}

}  // namespace dusk::node
