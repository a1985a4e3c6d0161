// Virtual time: what is to happen, in the order of (time, when it was asked for).
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "dusk/cluster/ids.h"

namespace dusk::sim {

using cluster::kSecond;
using cluster::Time;

class EventQueue {
 public:
  Time now() const { return now_; }
  bool empty() const { return heap_.empty(); }
  Time next_time() const { return heap_.front().when; }

  template <class F>
  void at(Time when, F action) {
    heap_.push_back(
        {std::max(when, now_), ++sequence_, std::make_unique<Holder<F>>(std::move(action))});
    std::push_heap(heap_.begin(), heap_.end());
  }
  template <class F>
  void after(Time delay, F action) {
    at(now_ + delay, std::move(action));
  }
  // REQUIRES: !empty()
  void run_next() {
    std::pop_heap(heap_.begin(), heap_.end());
    Event event = std::move(heap_.back());
    heap_.pop_back();
    now_ = event.when;
    event.action->run();
  }

 private:
  struct Action {
    virtual ~Action() = default;
    virtual void run() = 0;
  };
  template <class F>
  struct Holder final : Action {
    explicit Holder(F given) : f(std::move(given)) {}
    void run() override { f(); }
    F f;
  };
  struct Event {
    Time when;
    uint64_t sequence;
    std::unique_ptr<Action> action;
    bool operator<(const Event& other) const {
      return when != other.when ? when > other.when : sequence > other.sequence;
    }
  };
  std::vector<Event> heap_;
  Time now_ = 0;
  uint64_t sequence_ = 0;
};

}  // namespace dusk::sim
