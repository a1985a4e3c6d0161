// Worlds that once failed, and fresh ones: DUSK_SIM_MINUTES of them (one minute by default).
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "sim/isolate.h"
#include "sim/regressions.h"
#include "sim/shrink.h"
#include "sim/workload.h"

namespace dusk::sim {
namespace {

TEST(Simulation, WorldsThatOnceFailedKeepEveryPromise) {
  for (const Regression& regression : regressions()) {
    EXPECT_EQ(run_isolated(parse_plan(regression.plan)).failure, "") << regression.what;
  }
}

TEST(Simulation, FreshWorldsKeepEveryPromise) {
  const char* given = std::getenv("DUSK_SIM_MINUTES");
  double seconds = 60 * (given ? std::strtod(given, nullptr) : 1);
  auto clock = std::chrono::system_clock::now().time_since_epoch();
  auto first = static_cast<uint64_t>(clock.count()) / 1000;
  auto begin = std::chrono::steady_clock::now();
  uint64_t worlds = 0;
  Failed failed = run_seeds(
      first,
      [&](uint64_t) {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() <
               seconds;
      },
      [](uint64_t seed) { return make_plan(seed); }, [&](uint64_t, const Outcome&) { ++worlds; });
  std::printf("%llu fresh worlds from seed %llu\n", static_cast<unsigned long long>(worlds),
              static_cast<unsigned long long>(first));
  EXPECT_EQ(failed.failure, "") << "to see it again: ./dev sim --count 1 --seed " << failed.seed;
}

// Without this, a checker that sees nothing would look like a cluster without faults.
TEST(Simulation, WorldsMeetEveryMessage) {
  Trace::Seen seen;
  Stats sum;
  run_seeds(
      1, [](uint64_t done) { return done < 300; }, [](uint64_t seed) { return make_plan(seed); },
      [&](uint64_t, const Outcome& outcome) {
        seen.add(outcome.seen);
        sum.deaths += outcome.stats.deaths;
        sum.errors += outcome.stats.errors;
        sum.delivered += outcome.stats.delivered;
        sum.lost += outcome.stats.lost;
        sum.refused += outcome.stats.refused;
      });
  for (uint64_t count : seen.orders) EXPECT_GT(count, 0u);
  for (uint64_t count : seen.reports) EXPECT_GT(count, 0u);
  for (uint64_t count : seen.news) EXPECT_GT(count, 0u);
  for (uint64_t count : seen.requests) EXPECT_GT(count, 0u);
  EXPECT_GT(sum.deaths, 100u);
  EXPECT_GT(sum.errors, 100u);
  EXPECT_GT(sum.delivered, 1000u);
  EXPECT_GT(sum.lost, 20u);
  EXPECT_GT(sum.refused, 20u);
}

TEST(Simulation, AThousandWorkersKeepEveryPromise) {
  Outcome outcome = run_isolated(make_plan(1, {1000, 2000, true}), {}, 300);
  EXPECT_EQ(outcome.failure, "");
  EXPECT_GT(outcome.stats.executions, 50u);
}

TEST(Simulation, OneSeedIsOneTrace) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Outcome once = run_isolated(make_plan(seed)), again = run_isolated(make_plan(seed));
    EXPECT_EQ(once.hash, again.hash) << seed;
    EXPECT_NE(once.hash, run_isolated(make_plan(seed + 100)).hash);
  }
}

TEST(Plan, IsTheSameAfterBeingText) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::string text = to_text(make_plan(seed));
    EXPECT_EQ(to_text(parse_plan(text)), text);
  }
  EXPECT_THROW(parse_plan("12 nonsense 0 0 0"), base::Error);
  EXPECT_THROW(parse_plan("task 0 colour=3"), base::Error);
  EXPECT_THROW(parse_plan("task 0 inputs=0"), base::Error);
}

TEST(Shrink, KeepsWhatMakesAPlanFail) {
  Plan plan = make_plan(3, {6, 40, true});
  uint32_t last = static_cast<uint32_t>(plan.tasks.size() - 1);
  plan.ops.push_back({kPlanTime, OpKind::kSubmit, 7, last, 0});
  int asked = 0;
  Plan small = shrink(plan, [&](const Plan& candidate) {
    ++asked;
    for (const Op& op : candidate.ops) {
      if (op.who == 7 && op.kind == OpKind::kSubmit) return true;
    }
    return false;
  });
  EXPECT_EQ(small.ops.size(), 1u);
  EXPECT_GT(asked, 1);
}

}  // namespace
}  // namespace dusk::sim
