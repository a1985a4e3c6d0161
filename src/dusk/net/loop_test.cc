#include "dusk/net/loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "dusk/net/mailbox.h"

namespace dusk::net {
namespace {

TEST(Loop, RunsPostedFunctionsInOrderOnItsThread) {
  Loop loop;
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) loop.post([&, i] { order.push_back(i); });
  loop.post([&] {
    EXPECT_TRUE(loop.in_loop());
    std::thread([&] { EXPECT_FALSE(loop.in_loop()); }).join();
    loop.stop();
  });
  loop.run();
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
  EXPECT_FALSE(loop.in_loop());
}

TEST(Loop, IsWokenByOtherThreads) {
  Loop loop;
  int count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        loop.post([&] {
          if (++count == 4000) loop.stop();
        });
      }
    });
  }
  loop.run();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count, 4000);
}

TEST(Loop, FiresTimersByTheirTimeAndNeverEarly) {
  Loop loop;
  std::vector<int> order;
  int64_t begin = loop.now();
  loop.after(20'000, [&] {
    EXPECT_GE(loop.now() - begin, 20'000);
    order.push_back(2);
    loop.stop();
  });
  loop.after(300, [&] {
    EXPECT_GE(loop.now() - begin, 300);
    EXPECT_LT(loop.now() - begin, 20'000);
    order.push_back(1);
  });
  loop.after(-5, [&] { order.push_back(0); });
  loop.run();
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
}

TEST(Loop, CancelsTimers) {
  Loop loop;
  bool fired = false;
  auto kept = std::make_shared<int>(1);
  std::weak_ptr<int> watch = kept;
  Loop::TimerId timer = loop.after(100, [&, kept] { fired = true; });
  kept.reset();
  loop.after(50, [&] {
    loop.cancel(timer);
    EXPECT_TRUE(watch.expired());
    loop.cancel(timer);
  });
  loop.after(2000, [&] { loop.stop(); });
  loop.run();
  EXPECT_FALSE(fired);
}

TEST(Loop, EndsTheNextRunWhenItIsStoppedBefore) {
  Loop loop;
  loop.stop();
  loop.run();
  bool again = false;
  loop.post([&] {
    again = true;
    loop.stop();
  });
  loop.run();
  EXPECT_TRUE(again);
}

TEST(Loop, EndsATickAfterEverythingElse) {
  Loop loop;
  std::vector<std::string> order;
  loop.post([&] {
    loop.at_tick_end([&] {
      order.push_back("end");
      loop.at_tick_end([&] {
        order.push_back("next end");
        loop.stop();
      });
    });
    order.push_back("first");
  });
  loop.post([&] { order.push_back("second"); });
  loop.run();
  EXPECT_EQ(order, (std::vector<std::string>{"first", "second", "end", "next end"}));
}

TEST(Loop, DropsWhatIsLeftWithoutCallingIt) {
  auto kept = std::make_shared<int>(1);
  std::weak_ptr<int> watch = kept;
  std::shared_ptr<Mailbox> mailbox;
  {
    Loop loop;
    mailbox = loop.mailbox();
    loop.post([kept] { FAIL(); });
    loop.after(0, [kept] { FAIL(); });
    loop.at_tick_end([kept] { FAIL(); });
    kept.reset();
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
  EXPECT_FALSE(mailbox->post([] { FAIL(); }));
}

}  // namespace
}  // namespace dusk::net
