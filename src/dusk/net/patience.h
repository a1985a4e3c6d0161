// How a thread waits for events: by looking for a short time, if that has paid lately, or else by
// sleeping.
//
// Going to sleep and being woken costs tens of microseconds. While events follow each other faster
// than that, a thread that runs out of work looks for more before it sleeps, and lets others have
// the processor meanwhile. Where others keep it for long, looking costs whole time slices, and a
// sleeper is served sooner: then it sleeps for a while.
#pragma once

#include <sched.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <thread>

#include "dusk/base/clock.h"

namespace dusk::net {

inline constexpr int kEventsAtOnce = 64;

// Events of `epoll`, after at most so many microseconds; < 0: without end.
int wait_for_events(int epoll, std::span<epoll_event> events, int64_t microseconds);

class Patience {
 public:
  // The number of events; 0 when there is mail, a timer is due, or for no reason.
  //
  // has_mail(): whether there is other work than events. until_timer(): microseconds, < 0 without.
  // sleep(true) is called before sleeping, so that who brings work wakes the thread; false when
  // there is some already. sleep(false) is called afterwards.
  template <class HasMail, class UntilTimer, class Sleep>
  int wait(int epoll, std::span<epoll_event> events, HasMail has_mail, UntilTimer until_timer,
           Sleep sleep) {
    int64_t begin = now_us();
    int64_t timer = until_timer();
    if (looks_left_ > 0) {
      int64_t end = begin + (timer < 0 ? kLookUs : std::min(kLookUs, timer));
      while (true) {
        int count = wait_for_events(epoll, events, 0);
        if (count > 0 || has_mail()) {
          looks_left_ = kLooksMax;
          return count;
        }
        int64_t now = now_us();
        if (now >= end) break;
        sched_yield();
        if (now_us() - now > kCrowdedUs) {
          looks_left_ = 0;
          crowded_until_ = now_us() + kCrowdedForUs;
          break;
        }
      }
      looks_left_ = std::max(0, looks_left_ - 1);
      timer = until_timer();
    }
    int count = wait_for_events(epoll, events, sleep(true) ? timer : 0);
    sleep(false);
    static const bool alone = std::thread::hardware_concurrency() == 1;
    int64_t now = now_us();
    bool soon = now - begin < kSoonUs && now >= crowded_until_;
    if (soon && !alone) looks_left_ = std::min(looks_left_ + 1, kLooksMax);
    return count;
  }

 private:
  // How long to look; what counts as work that came soon, with the time that waking takes; and how
  // many misses in a row end the looking.
  static constexpr int64_t kLookUs = 40;
  static constexpr int64_t kSoonUs = 80;
  static constexpr int kLooksMax = 8;
  // Others kept the processor for long, and for how long to believe that they will again.
  static constexpr int64_t kCrowdedUs = 200;
  static constexpr int64_t kCrowdedForUs = 100'000;

  static int64_t now_us() { return base::now_ns() / 1000; }

  int looks_left_ = 0;
  int64_t crowded_until_ = 0;
};

}  // namespace dusk::net
