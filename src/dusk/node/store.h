// The values that a worker keeps, each as the object that tasks use, or as it came over the wire,
// or both. What came over the wire is decoded by the first task that needs it. All methods may be
// called from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "dusk/cluster/ids.h"
#include "dusk/data/value.h"

namespace dusk::node {

using FramesPtr = std::shared_ptr<const data::Frames>;

class StoredValue {
 public:
  StoredValue(data::Value value, FramesPtr frames, int64_t nbytes)
      : value_(std::move(value)), here_(true), frames_(std::move(frames)), nbytes_(nbytes) {}
  StoredValue(FramesPtr frames, int64_t nbytes) : frames_(std::move(frames)), nbytes_(nbytes) {}

  // In the place of a value that its holder could not serialise: using it throws TypeError.
  static std::shared_ptr<StoredValue> broken(std::string why);

  int64_t nbytes() const { return nbytes_; }
  // Decodes with `decode` if need be. Throws base::Error.
  data::Value value(data::ForeignDecoder decode);
  // Whether frames() returns at once: it never takes another language's lock.
  bool sendable() const;
  // Whether it holds objects of another language: to destroy it may wait for that language's lock.
  bool foreign() const;
  // Throws TypeError for what cannot be serialised.
  FramesPtr frames();

 private:
  mutable std::mutex mutex_;
  data::Value value_;
  bool here_ = false;
  FramesPtr frames_;
  std::string broken_;
  int64_t nbytes_;
};
using StoredPtr = std::shared_ptr<StoredValue>;

class Store {
 public:
  void put(cluster::TaskId task, StoredPtr value);
  void put_named(const std::string& key, StoredPtr value);
  void adopt(cluster::TaskId task, const std::string& key);
  StoredPtr find(cluster::TaskId task) const;  // null: not here
  StoredPtr take(cluster::TaskId task);        // out of the store; null: not here
  bool has_named() const;
  int64_t nbytes() const;  // as reported by the values
  size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<cluster::TaskId, StoredPtr> values_;
  std::unordered_map<std::string, StoredPtr> named_;
  int64_t nbytes_ = 0;
};

}  // namespace dusk::node
