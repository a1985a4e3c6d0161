#include "dusk/node/stored_value.h"

#include "dusk/data/buffer.h"

namespace dusk::node {
namespace {

constexpr int64_t kKeepFramesMax = 1 << 16;

// Whether no other language's code runs when it is serialised.
bool native(const data::Value& value) {
  if (value.is_foreign()) return false;
  if (!value.is_list()) return true;
  for (const data::Value& item : value.list()) {
    if (!native(item)) return false;
  }
  return true;
}

// Whether all its memory is Dusk's own. Of a table it is not known.
bool own_memory(const data::Value& value) {
  if (value.is_array()) return !value.array().buffer() || !value.array().buffer()->owner();
  if (value.is_table() || value.is_foreign()) return false;
  if (!value.is_list()) return true;
  for (const data::Value& item : value.list()) {
    if (!own_memory(item)) return false;
  }
  return true;
}

// The frames, which count in the budget until the last of their buffers has gone.
FramesPtr charged(const FramesPtr& frames, MemoryCharge charge) {
  auto shared = std::make_shared<MemoryCharge>(std::move(charge));
  data::Frames counted{frames->header, {}};
  for (const data::BufferPtr& buffer : frames->buffers) {
    auto owner =
        std::make_shared<std::pair<data::BufferPtr, std::shared_ptr<MemoryCharge>>>(buffer, shared);
    counted.buffers.push_back(data::Buffer::wrap(buffer->data(), buffer->size(), owner));
  }
  return std::make_shared<const data::Frames>(std::move(counted));
}

struct Garbage {
  Garbage(data::Value v, FramesPtr f) : value(std::move(v)), frames(std::move(f)) {}
  MemoryCharge charge;  // goes after what it counts
  MemoryCharge frames_charge;
  data::Value value;
  FramesPtr frames;
};

// Bytes that frames hold beside the value that they were made of.
int64_t copied_bytes(const data::Frames& frames) {
  auto bytes = static_cast<int64_t>(frames.header.size());
  for (const data::BufferPtr& buffer : frames.buffers) {
    if (!buffer->owner()) bytes += static_cast<int64_t>(buffer->size());
  }
  return bytes;
}

}  // namespace

std::shared_ptr<StoredValue> StoredValue::broken(std::string why) {
  auto stored = std::make_shared<StoredValue>(data::Value(), nullptr, 0);
  stored->broken_ = std::move(why);
  return stored;
}

void StoredValue::charge_to(MemoryBudget& budget) {
  MemoryCharge charge = budget.charge(nbytes_);
  std::lock_guard lock(mutex_);
  budget_ = budget.shared_from_this();
  if (here_ || frames_) charge_ = std::move(charge);
}

FramesPtr StoredValue::read_back(const SpilledRecord& disk) const {
  try {
    return std::make_shared<const data::Frames>(disk.read());
  } catch (const base::Error& error) {
    if (error.kind() == base::ErrorKind::kMemory) throw;
    throw ValueLost(error.what());
  }
}

data::Value StoredValue::value(data::ForeignDecoder decode) {
  if (!broken_.empty()) throw base::type_error(broken_);
  FramesPtr frames;
  SpilledPtr disk;
  {
    std::lock_guard lock(mutex_);
    if (here_) return value_;
    frames = frames_;
    disk = disk_;
  }
  // Not under the mutex: it takes its time, and decoding may wait for another language's lock.
  MemoryCharge charge;
  if (!frames) {
    if (budget_) charge = budget_->charge(nbytes_);
    frames = read_back(*disk);
  }
  data::Value value = data::from_frames(*frames, decode);
  std::lock_guard lock(mutex_);
  if (here_) return value_;
  value_ = std::move(value);
  here_ = true;
  if (!charge_) charge_ = std::move(charge);
  // Made again at no cost; what is on disk need not be serialised again either.
  if (native(value_) || disk_) frames_ = nullptr;
  return value_;
}

StoredValue::Way StoredValue::way() const {
  std::lock_guard lock(mutex_);
  if (frames_ || (here_ && native(value_))) return Way::kAtOnce;
  return disk_ ? Way::kDisk : Way::kForeign;
}

bool StoredValue::in_memory() const {
  std::lock_guard lock(mutex_);
  return here_ || frames_;
}

bool StoredValue::foreign() const {
  std::lock_guard lock(mutex_);
  return here_ && !own_memory(value_);
}

FramesPtr StoredValue::frames(bool keep) {
  if (!broken_.empty()) throw base::type_error(broken_);
  data::Value value;
  SpilledPtr disk;
  {
    std::lock_guard lock(mutex_);
    if (frames_) return frames_;
    disk = disk_;
    if (!disk || (here_ && native(value_))) value = value_;
  }
  if (disk && value.is_none()) {
    MemoryCharge charge;
    if (budget_) charge = budget_->charge(nbytes_);
    return charged(read_back(*disk), std::move(charge));
  }
  keep = !native(value) && (keep || nbytes_ <= kKeepFramesMax);
  try {
    auto frames = std::make_shared<const data::Frames>(data::to_frames(value));
    if (!keep) return frames;
    MemoryCharge charge;
    if (budget_ && nbytes_ > kKeepFramesMax) charge = budget_->charge(copied_bytes(*frames));
    std::lock_guard lock(mutex_);
    if (frames_) return frames_;
    frames_ = frames;
    frames_charge_ = std::move(charge);
    return frames;
  } catch (...) {
    std::lock_guard lock(mutex_);
    unserialisable_ = true;
    throw;
  }
}

StoredValue::Left StoredValue::leave_memory(SpillFiles& files) {
  data::Value value;
  FramesPtr frames;
  SpilledPtr disk;
  {
    std::lock_guard lock(mutex_);
    if (pins_ > 0 || !broken_.empty() || (!here_ && !frames_)) return {Leave::kKept};
    if (unserialisable_) return {Leave::kFailed, nullptr, false, "a value cannot be serialised"};
    disk = disk_;
    frames = frames_;
    if (!disk && !frames && !native(value_)) return {Leave::kForeign};
    if (!disk && !frames) value = value_;
  }
  if (!disk) {
    try {
      if (!frames) frames = std::make_shared<const data::Frames>(data::to_frames(value));
      SpillFiles::Written written = files.write(*frames);
      if (!written.record) {
        return {written.full ? Leave::kFull : Leave::kFailed, nullptr, false, written.error};
      }
      disk = std::move(written.record);
    } catch (const std::exception& error) {
      return {Leave::kFailed, nullptr, false, error.what()};
    }
  }
  auto garbage = std::make_shared<Garbage>(std::move(value), std::move(frames));
  bool foreign = false;
  std::lock_guard lock(mutex_);
  if (!disk_) disk_ = std::move(disk);
  foreign = !own_memory(value_);
  if (pins_ > 0) return {Leave::kKept, std::move(garbage), foreign};
  garbage->value = std::exchange(value_, {});
  here_ = false;
  if (frames_) garbage->frames = std::exchange(frames_, nullptr);
  garbage->charge = std::move(charge_);
  garbage->frames_charge = std::move(frames_charge_);
  garbage->charge.leave();
  garbage->frames_charge.leave();
  return {Leave::kGone, std::move(garbage), foreign};
}

}  // namespace dusk::node
