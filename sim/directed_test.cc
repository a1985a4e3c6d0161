// Small worlds in which one thing happens, and what must come of it. Faults end with the last line
// of a plan; then every future that is held gives its value or its error.
#include <gtest/gtest.h>

#include "sim/isolate.h"

namespace dusk::sim {
namespace {

Outcome run(const std::string& plan) {
  Outcome outcome = run_isolated(parse_plan(plan));
  EXPECT_EQ(outcome.failure, "");
  return outcome;
}

// Sixty tasks in layers of ten, each of three of the layer before; futures of the last layer.
std::string layers(const std::string& in_between) {
  Plan plan;
  plan.tasks.resize(60);
  std::string text = "config seed=1 inline_max=0\n";
  for (uint32_t i = 10; i < 60; ++i) {
    for (uint32_t n = 0; n < 3; ++n)
      plan.tasks[i].inputs.push_back(i / 10 * 10 - 10 + (i + n) % 10);
  }
  for (uint32_t slot = 0; slot < 4; ++slot) plan.ops.push_back({10, OpKind::kStart, slot, 2, 0});
  plan.ops.push_back({20, OpKind::kConnect, 0, 0, 0});
  for (uint32_t i = 50; i < 60; ++i) plan.ops.push_back({1000 + i, OpKind::kSubmit, 0, i, 0});
  text += to_text(plan).substr(to_text(plan).find('\n') + 1);
  return text + in_between + "1900000 slow 0 0 100\n";
}

TEST(Worlds, WithoutFaultsEveryTaskRunsOnce) {
  Outcome outcome = run(layers(""));
  EXPECT_EQ(outcome.stats.executions, 60u);
  EXPECT_EQ(outcome.stats.delivered, 10u);
  EXPECT_EQ(outcome.stats.errors, 0u);
}

TEST(Worlds, WorkersThatRetireTakeNothingAlong) {
  for (const char* when : {"2000", "5000", "20000", "900000"}) {
    std::string first = std::string(when) + " retire 0 0 0\n";
    Outcome outcome = run(layers(first + "1000000 retire 0 2 0\n"));
    EXPECT_EQ(outcome.stats.executions, 60u) << when;
    EXPECT_EQ(outcome.stats.delivered, 10u);
  }
}

TEST(Worlds, WhatDiesWithAWorkerIsComputedAgain) {
  Outcome outcome = run(layers("900000 kill 1 0 0\n"));
  EXPECT_GT(outcome.stats.executions, 60u);
  EXPECT_EQ(outcome.stats.delivered, 10u);
  EXPECT_EQ(outcome.stats.errors, 0u);
}

// ---- values that cannot be read back from disk

TEST(DamagedValues, AreComputedAgainForTheirClient) {
  Outcome outcome = run(R"(
config seed=1 inline_max=0
task 0
10 start 0 1 0
20 connect 0 0 0
1000 submit 0 0 0
500000 damage 0 1 0
600000 gather 0 0 0
900000 slow 0 0 100
)");
  EXPECT_EQ(outcome.stats.lost, 1u);
  EXPECT_EQ(outcome.stats.executions, 2u);
  EXPECT_EQ(outcome.stats.errors, 0u);
}

TEST(DamagedValues, AreComputedAgainForTasksThatNeedThem) {
  Outcome outcome = run(R"(
config seed=1
task 0
task 1
task 2 inputs=0,1
10 start 0 1 0
20 connect 0 0 0
1000 submit 0 0 0
1000 submit 0 1 0
500000 damage 0 1 0
600000 submit 0 2 0
900000 slow 0 0 100
)");
  EXPECT_EQ(outcome.stats.lost, 2u);
  EXPECT_EQ(outcome.stats.executions, 5u) << "both inputs twice, and their sum once";
  EXPECT_EQ(outcome.stats.errors, 0u);
}

TEST(DamagedValues, AreTakenFromWhoeverHasACopy) {
  Outcome outcome = run(R"(
config seed=1 inline_max=0
task 0
task 1 only=0 inputs=0
10 start 0 1 0
10 start 1 1 0
20 connect 0 0 0
1000 submit 0 0 0
300000 replicate 0 0 2
500000 damage 0 1 0
600000 submit 0 1 0
900000 slow 0 0 100
)");
  EXPECT_EQ(outcome.stats.lost, 1u);
  EXPECT_EQ(outcome.stats.executions, 2u);
  EXPECT_EQ(outcome.stats.delivered, 2u);
}

// ---- workers whose memory and disk are full

TEST(FullWorkers, WhatOnlyTheyMayRunFails) {
  Outcome outcome = run(R"(
config seed=1
task 0 only=0
task 1
10 start 0 1 0
10 start 1 1 0
20 connect 0 0 0
1000 full 0 1 3000000
100000 submit 0 0 0
100000 submit 0 1 0
2000000 slow 0 0 100
)");
  EXPECT_EQ(outcome.stats.refused, 1u);
  EXPECT_EQ(outcome.stats.errors, 1u);
  EXPECT_EQ(outcome.stats.delivered, 1u) << "the other task runs elsewhere";
}

TEST(FullWorkers, EverythingFailsWhenNobodyHasRoom) {
  Outcome outcome = run(R"(
config seed=1
task 9
10 start 0 2 0
10 start 1 2 0
20 connect 0 0 0
1000 full 0 2 3000000
100000 submit 0 3 0
100000 submit 0 9 0
2000000 slow 0 0 100
)");
  EXPECT_EQ(outcome.stats.refused, 2u);
  EXPECT_EQ(outcome.stats.executions, 0u);
}

TEST(FullWorkers, WhatTheyHaveNotBegunRunsElsewhere) {
  Outcome outcome = run(layers("1500 full 0 1 1500000\n"));
  EXPECT_EQ(outcome.stats.errors, 0u);
  EXPECT_EQ(outcome.stats.delivered, 10u);
  EXPECT_EQ(outcome.stats.executions, 60u) << "they keep what they have";
}

TEST(FullWorkers, RunTasksAgainOnceTheyHaveRoom) {
  Outcome outcome = run(R"(
config seed=1
task 1 only=0
10 start 0 1 0
20 connect 0 0 0
1000 full 0 1 500000
100000 submit 0 1 0
1000000 retry 0 1 0
1500000 slow 0 0 100
)");
  EXPECT_EQ(outcome.stats.refused, 1u);
  EXPECT_EQ(outcome.stats.delivered, 1u);
}

TEST(FullWorkers, HaveRoomWhenAResultIsLetGo) {
  Outcome outcome = run(R"(
config seed=1
task 0 nbytes=2000
task 1 only=0
10 start 0 1 0
20 connect 0 0 0
1000 submit 0 0 0
100000 full 0 1 -9000000
400000 submit 0 1 0
800000 release 0 0 0
1000000 retry 0 1 0
1500000 slow 0 0 100
)");
  EXPECT_EQ(outcome.stats.refused, 1u);
  EXPECT_EQ(outcome.stats.delivered, 1u);
}

}  // namespace
}  // namespace dusk::sim
