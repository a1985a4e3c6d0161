#include "dusk/net/loop_group.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <atomic>
#include <future>

namespace dusk::net {
namespace {

// A pipe whose reading end belongs to a loop.
class Listening final : public Watcher {
 public:
  Listening(Loop& loop, std::function<void(char)> on_byte)
      : loop_(loop), on_byte_(std::move(on_byte)) {
    if (pipe(ends_) != 0) std::abort();
  }
  ~Listening() override {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  int descriptor() const { return ends_[0]; }
  void say(char byte) { ASSERT_EQ(write(ends_[1], &byte, 1), 1); }
  void on_ready(uint32_t) override {
    char byte = 0;
    if (read(ends_[0], &byte, 1) != 1) return;
    if (byte == '.') loop_.unwatch(ends_[0]);
    on_byte_(byte);
  }
  void on_loop_gone() override {}

 private:
  Loop& loop_;
  std::function<void(char)> on_byte_;
  int ends_[2];
};

void finish(Loop& loop, const std::function<void()>& function) {
  std::promise<void> done;
  loop.post([&] {
    function();
    done.set_value();
  });
  done.get_future().wait();
}

TEST(LoopGroup, LoopsShareAThread) {
  LoopGroup group;
  Loop a, b;
  group.add(a);
  group.add(b);
  std::thread::id on_a, on_b;
  finish(a, [&] {
    on_a = std::this_thread::get_id();
    EXPECT_TRUE(b.in_loop());
  });
  finish(b, [&] { on_b = std::this_thread::get_id(); });
  EXPECT_EQ(on_a, on_b);
  EXPECT_NE(on_a, std::this_thread::get_id());
  EXPECT_FALSE(a.in_loop());
  group.remove(a);
  group.remove(b);
}

TEST(LoopGroup, TimersSocketsAndMessagesOfEachLoop) {
  LoopGroup group;
  Loop a, b;
  group.add(a);
  group.add(b);
  std::promise<char> heard;
  auto listening = std::make_shared<Listening>(b, [&](char byte) {
    if (byte == '.') heard.set_value(byte);
  });
  finish(b, [&] { b.watch(listening->descriptor(), EPOLLIN, listening); });
  std::promise<void> fired;
  // A timer of one loop speaks to the other's socket, after the thread has gone to sleep.
  finish(a, [&] {
    a.after(30'000, [&] {
      listening->say('x');
      listening->say('.');
      b.post([&] { fired.set_value(); });
    });
  });
  EXPECT_EQ(heard.get_future().get(), '.');
  fired.get_future().wait();
  group.remove(b);
  group.remove(a);
}

TEST(LoopGroup, ALoopGoesWhileOthersRun) {
  LoopGroup group;
  Loop stays;
  group.add(stays);
  std::atomic<int> count = 0;
  std::function<void()> again = [&] {
    ++count;
    stays.after(100, again);
  };
  finish(stays, [&] { again(); });
  for (int round = 0; round < 50; ++round) {
    std::atomic<bool> ran = false;
    {
      Loop goes;
      goes.after(60'000'000, [] { FAIL() << "a timer of a loop that is gone"; });
      group.add(goes);
      goes.post([&] { ran = true; });
      group.remove(goes);
      EXPECT_TRUE(ran);
      EXPECT_FALSE(goes.in_loop());
    }
  }
  int before = count;
  while (count == before) std::this_thread::yield();
  group.remove(stays);
}

TEST(LoopGroup, TheSharedOneLivesAsLongAsSomebodyKeepsIt) {
  std::weak_ptr<LoopGroup> seen;
  {
    auto group = LoopGroup::shared();
    EXPECT_EQ(group, LoopGroup::shared());
    seen = group;
  }
  EXPECT_TRUE(seen.expired());
}

}  // namespace
}  // namespace dusk::net
