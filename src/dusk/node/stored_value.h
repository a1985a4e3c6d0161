// One value that a worker keeps: as the object that tasks use, as the frames in which it is sent,
// on disk, or in several of these at a time. All methods may be called from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "dusk/base/error.h"
#include "dusk/data/value.h"
#include "dusk/node/memory_budget.h"
#include "dusk/node/spill_files.h"

namespace dusk::node {

using FramesPtr = std::shared_ptr<const data::Frames>;

// Thrown where a value was to be read back from disk and is damaged: it must be computed again.
class ValueLost : public base::Error {
 public:
  explicit ValueLost(const std::string& why) : base::Error(base::ErrorKind::kOs, why) {}
};

class StoredValue {
 public:
  StoredValue(data::Value value, FramesPtr frames, int64_t nbytes)
      : value_(std::move(value)), here_(true), frames_(std::move(frames)), nbytes_(nbytes) {}
  StoredValue(FramesPtr frames, int64_t nbytes) : frames_(std::move(frames)), nbytes_(nbytes) {}

  // In the place of a value that its holder could not serialise: using it throws TypeError.
  static std::shared_ptr<StoredValue> broken(std::string why);
  // From now on its memory is counted.
  void charge_to(MemoryBudget& budget);

  int64_t nbytes() const { return nbytes_; }
  // Reads it back and decodes it with `decode` if need be. Throws base::Error, and ValueLost.
  data::Value value(data::ForeignDecoder decode);
  // Throws TypeError for what cannot be serialised, and ValueLost. `keep`: for who comes next, at
  // the cost of memory for what is not small.
  FramesPtr frames(bool keep = false);

  // What frames() costs: nothing, reading a file, or another language's lock.
  enum class Way { kAtOnce, kDisk, kForeign };
  Way way() const;
  bool in_memory() const;
  // Whether its memory belongs to another language: to let it go may wait for that one's lock.
  bool foreign() const;

  // While it is pinned it stays in memory.
  void pin() { ++pins_; }
  void unpin() { --pins_; }

  // ---- leaving memory

  enum class Leave {
    kGone,     // it is out of memory; see `garbage`
    kKept,     // it is in use, or there is nothing in memory
    kForeign,  // frames() must be called first, by somebody who may wait for another language
    kFailed,   // it cannot be serialised or written; see `error`
    kFull,     // no room on the disk; see `error`
  };
  struct Left {
    Leave how;
    std::shared_ptr<void> garbage = nullptr;  // what was in memory
    bool foreign = false;                     // to let it go may wait for another language
    std::string error = {};
  };
  // Writes it to `files`, unless it is there, and drops what is in memory. Never waits for another
  // language.
  Left leave_memory(SpillFiles& files);

 private:
  FramesPtr read_back(const SpilledRecord& disk) const;

  mutable std::mutex mutex_;
  data::Value value_;
  bool here_ = false;
  FramesPtr frames_;
  SpilledPtr disk_;
  std::string broken_;
  bool unserialisable_ = false;
  MemoryCharge frames_charge_;  // of frames_ beside value_, for what they do not share
  MemoryCharge charge_;         // while something of it is in memory
  MemoryBudgetPtr budget_;
  std::atomic<int> pins_{0};
  const int64_t nbytes_;
};
using StoredPtr = std::shared_ptr<StoredValue>;

// A value that stays in memory while this lives.
class PinnedValue {
 public:
  PinnedValue() = default;
  explicit PinnedValue(StoredPtr stored) : stored_(std::move(stored)) {
    if (stored_) stored_->pin();
  }
  PinnedValue(PinnedValue&& other) noexcept : stored_(std::move(other.stored_)) {}
  PinnedValue& operator=(PinnedValue&& other) noexcept {
    std::swap(stored_, other.stored_);
    return *this;
  }
  ~PinnedValue() {
    if (stored_) stored_->unpin();
  }
  StoredValue* operator->() const { return stored_.get(); }
  explicit operator bool() const { return stored_ != nullptr; }

 private:
  StoredPtr stored_;
};

}  // namespace dusk::node
