#include "dusk/net/loop_group.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <future>
#include <mutex>

#include "dusk/base/check.h"
#include "dusk/net/mailbox.h"
#include "dusk/net/patience.h"
#include "dusk/net/system_error.h"

namespace dusk::net {
namespace {

void watch(int epoll, int descriptor) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  int done = epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
  DUSK_CHECK(done == 0, "epoll refuses a loop");
}

}  // namespace

LoopGroup::LoopGroup() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw system_error("[loop] no descriptor to wait with");
  watch(epoll_, control_.descriptor());
  members_.push_back({&control_});
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "dusk-inproc");
}

LoopGroup::~LoopGroup() {
  call([this] {
    DUSK_CHECK(members_.size() == 1, "a group goes while loops are in it");
    ended_ = true;
  });
  thread_.join();
  ::close(epoll_);
}

void LoopGroup::add(Loop& loop) {
  call([&] {
    loop.enter();
    watch(epoll_, loop.descriptor());
    members_.push_back({&loop});
  });
}

// control_'s turn comes first: the loop gets one more, for what was posted to it.
void LoopGroup::remove(Loop& loop) {
  call([&] {
    loop.tick(true);
    epoll_ctl(epoll_, EPOLL_CTL_DEL, loop.descriptor(), nullptr);
    std::erase_if(members_, [&](const Member& member) { return member.loop == &loop; });
    loop.leave();
  });
}

void LoopGroup::call(const std::function<void()>& function) {
  DUSK_CHECK(!control_.in_loop(), "a loop group waits for itself");
  std::promise<void> done;
  control_.post([&] {
    function();
    done.set_value();
  });
  done.get_future().wait();
}

void LoopGroup::run() {
  control_.enter();
  Patience patience;
  std::array<epoll_event, kEventsAtOnce> events;
  auto busy = [&] {
    return std::any_of(members_.begin(), members_.end(),
                       [](const Member& member) { return member.loop->busy(); });
  };
  auto until_timer = [&] {
    int64_t soonest = -1;
    for (const Member& member : members_) {
      int64_t timer = member.loop->until_timer();
      if (timer >= 0 && (soonest < 0 || timer < soonest)) soonest = timer;
    }
    return soonest;
  };
  auto sleep = [&](bool sleeps) {
    if (sleeps) return prepare_to_sleep();
    woken();
    return true;
  };
  while (!ended_) {
    int count = busy() ? wait_for_events(epoll_, events, 0)
                       : patience.wait(epoll_, events, busy, until_timer, sleep);
    for (int i = 0; i < count; ++i) {
      for (Member& member : members_) {
        member.ready |= member.loop->descriptor() == events[static_cast<size_t>(i)].data.fd;
      }
    }
    // control_ may add and remove members.
    for (size_t i = 0; i < members_.size(); ++i) {
      bool ready = std::exchange(members_[i].ready, false);
      members_[i].loop->tick(ready);
    }
  }
  control_.leave();
}

bool LoopGroup::prepare_to_sleep() {
  bool may = true;
  for (const Member& member : members_) may &= member.loop->mailbox()->prepare_to_wait();
  return may;
}

void LoopGroup::woken() {
  for (const Member& member : members_) member.loop->mailbox()->woken();
}

std::shared_ptr<LoopGroup> LoopGroup::shared() {
  static std::mutex mutex;
  static std::weak_ptr<LoopGroup> current;
  std::lock_guard lock(mutex);
  std::shared_ptr<LoopGroup> group = current.lock();
  if (!group) current = group = std::make_shared<LoopGroup>();
  return group;
}

}  // namespace dusk::net
