#include "dusk/node/memory_budget.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "dusk/base/clock.h"
#include "dusk/base/error.h"

namespace dusk::node {
namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(50);
constexpr int64_t kOthersBlockFor = 1'000'000;  // microseconds without anything set free

int64_t now_us() { return base::now_ns() / 1000; }

std::string mebibytes(int64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

}  // namespace

MemoryBudget::Charge::~Charge() {
  if (budget_) budget_->give_back(bytes_, kind_);
}

void MemoryBudget::Charge::leave() {
  if (!budget_ || kind_ != Kind::kHeld) return;
  std::lock_guard lock(budget_->mutex_);
  kind_ = Kind::kLeaving;
  budget_->leaving_ += bytes_;
}

void MemoryBudget::attach(std::function<void()> on_pressure, std::function<void()> on_room) {
  std::lock_guard lock(calls_mutex_);
  on_pressure_ = std::move(on_pressure);
  on_room_ = std::move(on_room);
}

void MemoryBudget::detach() { attach(nullptr, nullptr); }

void MemoryBudget::tell(bool pressure, bool room) {
  if (!pressure && !room) return;
  std::lock_guard lock(calls_mutex_);
  if (pressure && on_pressure_) on_pressure_();
  if (room && on_room_) on_room_();
}

MemoryCharge MemoryBudget::charge(int64_t bytes) {
  bool press = false;
  {
    std::lock_guard lock(mutex_);
    held_ += bytes;
    if (limits_.target > 0 && held_ > limits_.target) press = !std::exchange(pressed_, true);
  }
  tell(press, false);
  return Charge(shared_from_this(), bytes, Charge::Kind::kHeld);
}

// REQUIRES: the mutex.
MemoryCharge MemoryBudget::take(int64_t bytes, bool estimate) {
  reserved_ += bytes;
  if (estimate) estimates_ += bytes;
  return Charge(shared_from_this(), bytes,
                estimate ? Charge::Kind::kEstimate : Charge::Kind::kFirm);
}

bool MemoryBudget::last_resort(int64_t bytes, uint64_t since, int64_t asked_at) const {
  int64_t most = limits_.last_resort > 0 ? limits_.last_resort : limits_.limit;
  if (relieved_ <= since || unmanaged_ + held_ + reserved_ + bytes > most) return false;
  if (reserved_ == 0) return true;
  bool only_estimates = reserved_ == estimates_;
  return only_estimates && now_us() - std::max(freed_at_, asked_at) >= kOthersBlockFor;
}

std::optional<MemoryCharge> MemoryBudget::reserve(int64_t bytes, const std::atomic<bool>& cancelled,
                                                  const std::string& what, bool estimate) {
  std::unique_lock lock(mutex_);
  if (limits_.limit <= 0 || fits(bytes)) return take(bytes, estimate);
  if (bytes > limits_.limit) refuse(bytes, what);
  uint64_t since = reliefs_begun_;
  int64_t asked_at = now_us();
  bool look_again = true;
  ++waiting_;
  auto leave = [&] {
    if (--waiting_ == 0) wanted_ = 0;
  };
  while (!fits(bytes) && !last_resort(bytes, since, asked_at)) {
    if (cancelled.load()) {
      leave();
      return std::nullopt;
    }
    bool idle = reserved_ == estimates_ && relieved_ > since;
    if (idle && now_us() - std::max(freed_at_, asked_at) >= limits_.patience_us) {
      leave();
      refuse(bytes, what);
    }
    wanted_ = std::max(wanted_, bytes);
    if (std::exchange(look_again, false)) {
      pressed_ = true;
      lock.unlock();
      tell(true, false);
      lock.lock();
      continue;
    }
    look_again = changed_.wait_for(lock, kLookAgain) == std::cv_status::timeout;
  }
  leave();
  return take(bytes, estimate);
}

std::optional<MemoryCharge> MemoryBudget::try_reserve(int64_t bytes, bool paused) {
  bool press = false;
  {
    std::lock_guard lock(mutex_);
    bool granted = limits_.limit <= 0 || (!paused && fits(bytes)) ||
                   (refused_ && last_resort(bytes, refused_->since, refused_->asked_at));
    if (granted) {
      refused_.reset();
      return take(bytes);
    }
    if (!refused_) refused_ = Request{bytes, reliefs_begun_, now_us()};
    refused_->bytes = bytes;
    press = !std::exchange(pressed_, true);
  }
  tell(press, false);
  return std::nullopt;
}

void MemoryBudget::withdraw() {
  std::lock_guard lock(mutex_);
  refused_.reset();
}

void MemoryBudget::interrupt() { changed_.notify_all(); }

int64_t MemoryBudget::wanted() const {
  return std::max(waiting_ > 0 ? wanted_ : 0, refused_ ? refused_->bytes : 0);
}

int64_t MemoryBudget::excess() const {
  std::lock_guard lock(mutex_);
  if (limits_.limit <= 0) return 0;
  int64_t staying = held_ - leaving_;
  int64_t over = limits_.target > 0 ? staying - limits_.target : 0;
  if (wanted() > 0) {
    over = std::max(over, unmanaged_ + staying + reserved_ + wanted() - limits_.capacity);
  }
  return std::max<int64_t>(over, 0);
}

void MemoryBudget::relief_begins() {
  std::lock_guard lock(mutex_);
  ++reliefs_begun_;
  pressed_ = false;
}

void MemoryBudget::relief_ends(const std::string& what_hinders, bool more_to_come) {
  bool call = false;
  {
    std::lock_guard lock(mutex_);
    bool soon = more_to_come || leaving_ > 0;
    if (!soon || now_us() - freed_at_ >= kOthersBlockFor) relieved_ = reliefs_begun_;
    hindrance_ = what_hinders;
    call = refused_.has_value();
  }
  changed_.notify_all();
  tell(false, call);
}

void MemoryBudget::set_unmanaged(int64_t bytes) {
  std::lock_guard lock(mutex_);
  unmanaged_ = bytes;
}

void MemoryBudget::give_back(int64_t bytes, Charge::Kind kind) {
  bool call = false;
  {
    std::lock_guard lock(mutex_);
    bool reserved = kind == Charge::Kind::kFirm || kind == Charge::Kind::kEstimate;
    (reserved ? reserved_ : held_) -= bytes;
    if (kind == Charge::Kind::kLeaving) leaving_ -= bytes;
    if (kind == Charge::Kind::kEstimate) estimates_ -= bytes;
    freed_at_ = now_us();
    call = refused_.has_value();
    if (waiting_ > 0) changed_.notify_all();
  }
  tell(false, call);
}

// REQUIRES: the mutex.
void MemoryBudget::refuse(int64_t bytes, const std::string& what) const {
  std::string text = "[" + what + "] it needs " + mebibytes(bytes) +
                     " of memory for its result and for inputs that are on disk; the worker's "
                     "memory_limit is " +
                     mebibytes(limits_.limit);
  if (bytes > limits_.limit) {
    text += ": it can never run here. Make smaller chunks, or give workers more memory";
  } else {
    text += ", of which other values hold " + mebibytes(held_) + " that could not be moved to disk";
    if (unmanaged_ > 0) text += " and the process itself " + mebibytes(unmanaged_);
    if (!hindrance_.empty()) text += " (" + hindrance_ + ")";
    text += ". Free the disk, let go of results, or add workers";
  }
  throw base::Error(base::ErrorKind::kMemory, text);
}

int64_t MemoryBudget::held() const {
  std::lock_guard lock(mutex_);
  return held_;
}

int64_t MemoryBudget::reserved() const {
  std::lock_guard lock(mutex_);
  return reserved_;
}

int64_t MemoryBudget::freed_at() const {
  std::lock_guard lock(mutex_);
  return freed_at_;
}

}  // namespace dusk::node
