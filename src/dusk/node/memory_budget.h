// What a worker's memory is spent on: values that it keeps, and what is about to exist (results of
// native tasks, messages that are being received).
//
// What exists is charged, whatever there is room for. What does not exist yet asks first: a
// reservation is given when it fits under `capacity`, after others have made room, or when nobody
// else has one and nothing more can be moved out of memory, so that something always goes on; but
// never beyond `limit`. All methods may be called from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace dusk::node {

struct BudgetLimits {
  int64_t limit = 0;        // bytes; 0: everything is granted
  int64_t capacity = 0;     // what reservations and values together should stay under
  int64_t target = 0;       // what values alone should stay under; 0: no such level
  int64_t patience_us = 0;  // without any memory set free, after which reserve() gives up
  int64_t last_resort = 0;  // what may be reached when nothing else moves; 0: the limit
};

class MemoryBudget : public std::enable_shared_from_this<MemoryBudget> {
 public:
  // Bytes that count until it goes.
  class Charge {
   public:
    Charge() = default;
    Charge(Charge&& other) noexcept { swap(other); }
    Charge& operator=(Charge&& other) noexcept {
      Charge(std::move(other)).swap(*this);
      return *this;
    }
    ~Charge();
    int64_t bytes() const { return bytes_; }
    // What it counts is about to go: nothing else need leave for it.
    void leave();
    explicit operator bool() const { return budget_ != nullptr; }

   private:
    friend class MemoryBudget;
    enum class Kind { kHeld, kLeaving, kFirm, kEstimate };
    Charge(std::shared_ptr<MemoryBudget> budget, int64_t bytes, Kind kind)
        : budget_(std::move(budget)), bytes_(bytes), kind_(kind) {}
    void swap(Charge& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      std::swap(kind_, other.kind_);
    }
    std::shared_ptr<MemoryBudget> budget_;
    int64_t bytes_ = 0;
    Kind kind_ = Kind::kHeld;
  };

  explicit MemoryBudget(const BudgetLimits& limits) : limits_(limits) {}

  // `on_pressure` is called when values should leave memory, `on_room` when try_reserve() may say
  // yes after it said no; on any thread. They may not call back.
  void attach(std::function<void()> on_pressure, std::function<void()> on_room);
  void detach();  // neither is called when this has returned

  Charge charge(int64_t bytes);
  // Waits for room. An estimate keeps others from their last resort for a short time only: whoever
  // has it may be waiting for them. Nothing when `cancelled` was set and interrupt() called
  // meanwhile. Throws Error(kMemory) when it can never fit, or when nothing was set free for the
  // patience; `what` says what asks, for the message.
  std::optional<Charge> reserve(int64_t bytes, const std::atomic<bool>& cancelled,
                                const std::string& what, bool estimate = false);
  // Does not wait. `paused`: only what keeps things going. Who was refused asks again, or
  // withdraws.
  std::optional<Charge> try_reserve(int64_t bytes, bool paused);
  void withdraw();
  void interrupt();

  // Memory of the process that nobody counts: it takes room too.
  void set_unmanaged(int64_t bytes);
  // Bytes that should leave memory for all to fit.
  int64_t excess() const;
  // Whoever moves values out of memory has begun to look for some, and has done what can be done;
  // `more_to_come`: what others must do first.
  void relief_begins();
  void relief_ends(const std::string& what_hinders, bool more_to_come = false);
  // When memory was last set free, in microseconds of base::now_ns().
  int64_t freed_at() const;

  int64_t held() const;      // by what exists
  int64_t reserved() const;  // for what will
  const BudgetLimits& limits() const { return limits_; }

 private:
  struct Request {
    int64_t bytes;
    uint64_t since;  // reliefs begun when it was made
    int64_t asked_at;
  };
  bool fits(int64_t bytes) const {
    return unmanaged_ + held_ + reserved_ + bytes <= limits_.capacity;
  }
  bool last_resort(int64_t bytes, uint64_t since, int64_t asked_at) const;
  Charge take(int64_t bytes, bool estimate = false);
  int64_t wanted() const;
  void give_back(int64_t bytes, Charge::Kind kind);
  void tell(bool pressure, bool room);
  [[noreturn]] void refuse(int64_t bytes, const std::string& what) const;

  const BudgetLimits limits_;
  std::mutex calls_mutex_;
  std::function<void()> on_pressure_;
  std::function<void()> on_room_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int64_t held_ = 0;
  int64_t leaving_ = 0;  // of held_
  int64_t reserved_ = 0;
  int64_t estimates_ = 0;  // of reserved_
  int64_t unmanaged_ = 0;
  int64_t wanted_ = 0;              // by the largest of those who wait
  int waiting_ = 0;                 // in reserve()
  std::optional<Request> refused_;  // the last try_reserve() that said no
  uint64_t reliefs_begun_ = 0;
  uint64_t relieved_ = 0;  // the last relief that has ended
  bool pressed_ = false;   // on_pressure was called since the last relief began
  int64_t freed_at_ = 0;   // microseconds of the steady clock
  std::string hindrance_;
};
using MemoryBudgetPtr = std::shared_ptr<MemoryBudget>;
using MemoryCharge = MemoryBudget::Charge;

}  // namespace dusk::node
