// Real processes (shells) under a nanny.
#include "dusk/node/nanny.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "dusk/base/error.h"
#include "dusk/node/scheduler.h"

namespace dusk::node {
namespace {

using State = ChildFacts::State;
constexpr int64_t kPatience = 20'000'000;

class NannyTest : public testing::Test {
 protected:
  NannyTest() : scheduler_({{net::Address::parse("inproc://nanny-test")}, {}, {}, {}}) {}
  NannySettings settings() {
    NannySettings given;
    given.scheduler = net::Address::parse("inproc://nanny-test");
    given.quiet = true;
    return given;
  }
  static ChildSettings shell(const std::string& script) {
    return {"child", {{"/bin/sh", "-c", script}, {"PATH=/usr/bin:/bin"}, "settings\n"}, 0};
  }
  static ChildFacts facts(const Nanny& nanny) { return nanny.children().at(0); }
  template <class F>
  static void until(F condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(condition());
  }

  Scheduler scheduler_;
};

TEST_F(NannyTest, AChildGetsItsSettingsAndSaysWhenItIsReady) {
  Nanny nanny(settings());
  nanny.start(shell("read line; echo $line-1 >&3; exec sleep 60"));
  EXPECT_TRUE(nanny.wait(true, kPatience));
  EXPECT_EQ(facts(nanny).state, State::kReady);
  EXPECT_EQ(facts(nanny).address, "settings-1");
}

TEST_F(NannyTest, AChildThatDiesIsStartedAgain) {
  Nanny nanny(settings());
  nanny.start(shell("echo here >&3; exec sleep 60"));
  EXPECT_TRUE(nanny.wait(true, kPatience));
  auto before = static_cast<pid_t>(facts(nanny).pid);
  kill(before, SIGKILL);
  until([&] { return facts(nanny).restarts == 1 && facts(nanny).state == State::kReady; });
  EXPECT_NE(facts(nanny).pid, before);
  EXPECT_NE(facts(nanny).last_end.find("signal 9"), std::string::npos);
}

TEST_F(NannyTest, AStoppedChildCanBeStartedAgain) {
  Nanny nanny(settings());
  ChildNumber number = nanny.start(shell("echo here >&3; exec sleep 60"));
  EXPECT_TRUE(nanny.wait(true, kPatience));
  kill(static_cast<pid_t>(facts(nanny).pid), SIGSTOP);
  EXPECT_TRUE(nanny.restart(number, "it was stopped"));
  until([&] { return facts(nanny).restarts == 1 && facts(nanny).state == State::kReady; });
  EXPECT_NE(facts(nanny).last_end.find("it was stopped"), std::string::npos);
}

TEST_F(NannyTest, AChildThatIsDoneStaysAway) {
  Nanny nanny(settings());
  nanny.start(shell("echo here >&3; exit 0"));
  EXPECT_TRUE(nanny.wait(false, kPatience));
  EXPECT_EQ(facts(nanny).restarts, 0);
}

TEST_F(NannyTest, AChildThatNeverGetsReadyIsGivenUpAndItsLastLinesAreKept) {
  Nanny nanny(settings());
  nanny.start(shell("echo first >&2; echo no luck >&2; exit 3"));
  EXPECT_TRUE(nanny.wait(false, kPatience));
  EXPECT_EQ(facts(nanny).restarts, settings().failed_starts_max - 1);
  EXPECT_NE(facts(nanny).log_tail.find("no luck\n"), std::string::npos);
  EXPECT_NE(facts(nanny).last_end.find("exit status 3"), std::string::npos);
}

TEST_F(NannyTest, AProgramThatIsNotThereIsAnErrorAtOnce) {
  Nanny nanny(settings());
  EXPECT_THROW(nanny.start({"child", {{"/no/such/program"}, {}, ""}, 0}), base::Error);
  EXPECT_TRUE(nanny.children().empty());
}

TEST_F(NannyTest, AChildThatIgnoresTheRequestToEndIsKilled) {
  Nanny nanny(settings());
  ChildNumber number = nanny.start(shell("trap '' TERM; echo here >&3; while :; do sleep 1; done"));
  EXPECT_TRUE(nanny.wait(true, kPatience));
  nanny.stop(number, 50'000);
  EXPECT_TRUE(nanny.wait(false, kPatience));
  EXPECT_EQ(facts(nanny).state, State::kEnded);
}

}  // namespace
}  // namespace dusk::node
