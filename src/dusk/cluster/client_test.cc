// The client alone: what its futures become, and what it says to the scheduler.
#include "dusk/cluster/client.h"

#include <gtest/gtest.h>

namespace dusk::cluster {
namespace {

class Client : public testing::Test {
 protected:
  void happens(ClientEvent event) {
    out_.clear();
    step(state_, std::move(event), out_);
  }
  TaskNumber submit(const std::string& key) {
    SubmitTask task;
    task.number = ++state_.last_number;
    task.key = key;
    happens(TaskSubmitted{std::move(task)});
    return state_.last_number;
  }
  TaskNumber join(std::vector<TaskNumber> parts) {
    TaskNumber number = ++state_.last_number;
    happens(FuturesJoined{number, "whole", std::move(parts)});
    return number;
  }
  void finish(TaskNumber number) {
    happens(NewsCame{{TaskFinished{number, {number, 1}, 8, {1}, nullptr}}});
  }
  void fail(TaskNumber number) {
    auto fault = std::make_shared<Fault>();
    fault->task = state_.find(number)->key;
    happens(NewsCame{{TaskFailed{number, fault}}});
  }
  FutureStatus status(TaskNumber number) const { return state_.find(number)->status; }
  template <class R>
  int said() const {
    int count = 0;
    for (const auto& request : out_.requests) count += std::holds_alternative<R>(request);
    return count;
  }

  ClientState state_;
  ClientActions out_;
};

TEST_F(Client, AJoinedFutureIsFinishedWithItsLastPart) {
  auto a = submit("a"), b = submit("b");
  auto whole = join({a, b});
  EXPECT_TRUE(out_.requests.empty());
  finish(b);
  EXPECT_EQ(status(whole), FutureStatus::kPending);
  finish(a);
  EXPECT_EQ(status(whole), FutureStatus::kFinished);
  EXPECT_EQ(out_.changed, (std::vector<TaskNumber>{a, whole}));
}

TEST_F(Client, AJoinedFutureOfFinishedPartsOrOfNoneIsFinished) {
  auto a = submit("a");
  finish(a);
  EXPECT_EQ(status(join({a})), FutureStatus::kFinished);
  EXPECT_EQ(status(join({})), FutureStatus::kFinished);
}

TEST_F(Client, AJoinedFutureFailsWithItsFirstPart) {
  auto a = submit("a"), b = submit("b");
  auto whole = join({a, b});
  fail(b);
  EXPECT_EQ(status(whole), FutureStatus::kError);
  EXPECT_EQ(state_.find(whole)->fault->task, "b");
  finish(a);
  EXPECT_EQ(status(whole), FutureStatus::kError);
  happens(FutureRetried{whole});
  EXPECT_EQ(said<RetryTask>(), 1);
  EXPECT_EQ(status(whole), FutureStatus::kPending);
  finish(b);
  EXPECT_EQ(status(whole), FutureStatus::kFinished);
}

TEST_F(Client, APartTwiceCountsTwice) {
  auto a = submit("a");
  happens(FutureRetained{a});
  auto whole = join({a, a});
  finish(a);
  EXPECT_EQ(status(whole), FutureStatus::kFinished);
  happens(FutureReleased{whole});
  EXPECT_EQ(said<ReleaseTask>(), 1);
  EXPECT_TRUE(state_.futures.empty());
}

TEST_F(Client, CancellingAJoinedFutureCancelsItsParts) {
  auto a = submit("a"), b = submit("b");
  auto whole = join({a, b});
  finish(a);
  happens(FutureCancelled{whole, false});
  EXPECT_EQ(said<CancelTask>(), 2);
  EXPECT_EQ(status(whole), FutureStatus::kCancelled);
  happens(FutureReleased{whole});
  EXPECT_EQ(said<ReleaseTask>(), 0);
  EXPECT_TRUE(state_.futures.empty());
}

TEST_F(Client, WithoutAJoinedFutureItsPartsGo) {
  auto a = submit("a"), b = submit("b");
  auto whole = join({a, b});
  happens(FutureReleased{whole});
  EXPECT_EQ(said<ReleaseTask>(), 2);
  finish(a);
  EXPECT_TRUE(state_.futures.empty());
}

TEST_F(Client, AJoinedFutureEndsWithTheScheduler) {
  auto whole = join({submit("a")});
  happens(SchedulerLost{"gone"});
  EXPECT_EQ(status(whole), FutureStatus::kCancelled);
}

TEST_F(Client, ValuesThatGoAreHandedOut) {
  auto a = submit("a");
  auto value = std::make_shared<const data::Frames>(data::Frames{"x", {}});
  happens(NewsCame{{TaskFinished{a, {a, 1}, 8, {1}, value}}});
  EXPECT_TRUE(out_.dropped.empty());
  happens(NewsCame{{TaskFinished{a, {a, 2}, 8, {1}, value}}});
  EXPECT_EQ(out_.dropped.size(), 1u);
  happens(FutureReleased{a});
  EXPECT_EQ(out_.dropped.size(), 1u);
  happens(NewsCame{{TaskFinished{a, {a, 3}, 8, {1}, value}}});
  EXPECT_EQ(out_.dropped.size(), 1u);
}

}  // namespace
}  // namespace dusk::cluster
