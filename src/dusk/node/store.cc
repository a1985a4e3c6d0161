#include "dusk/node/store.h"

#include "dusk/base/error.h"

namespace dusk::node {
namespace {

bool native(const data::Value& value) {
  if (value.is_foreign()) return false;
  if (!value.is_list()) return true;
  for (const data::Value& item : value.list()) {
    if (!native(item)) return false;
  }
  return true;
}

}  // namespace

std::shared_ptr<StoredValue> StoredValue::broken(std::string why) {
  auto stored = std::make_shared<StoredValue>(data::Value(), nullptr, 0);
  stored->broken_ = std::move(why);
  return stored;
}

data::Value StoredValue::value(data::ForeignDecoder decode) {
  if (!broken_.empty()) throw base::type_error(broken_);
  FramesPtr frames;
  {
    std::lock_guard lock(mutex_);
    if (here_) return value_;
    frames = frames_;
  }
  // Not under the mutex: decoding may wait for another language's lock.
  data::Value value = data::from_frames(*frames, decode);
  std::lock_guard lock(mutex_);
  if (!here_) {
    value_ = std::move(value);
    here_ = true;
    if (native(value_)) frames_ = nullptr;  // made again at no cost
  }
  return value_;
}

bool StoredValue::sendable() const {
  std::lock_guard lock(mutex_);
  return frames_ != nullptr || native(value_);
}

bool StoredValue::foreign() const {
  std::lock_guard lock(mutex_);
  return here_ && !native(value_);
}

FramesPtr StoredValue::frames() {
  if (!broken_.empty()) throw base::type_error(broken_);
  data::Value value;
  {
    std::lock_guard lock(mutex_);
    if (frames_) return frames_;
    value = value_;
  }
  auto frames = std::make_shared<const data::Frames>(data::to_frames(value));
  if (!native(value) && nbytes_ <= (1 << 16)) {
    std::lock_guard lock(mutex_);
    if (!frames_) frames_ = frames;
  }
  return frames;
}

void Store::put(cluster::TaskId task, StoredPtr value) {
  std::lock_guard lock(mutex_);
  StoredPtr& place = values_[task];
  nbytes_ += value->nbytes() - (place ? place->nbytes() : 0);
  place.swap(value);
}

void Store::put_named(const std::string& key, StoredPtr value) {
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

size_t Store::size() const {
  std::lock_guard lock(mutex_);
  return values_.size();
}

}  // namespace dusk::node
