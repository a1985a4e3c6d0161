// Plans from seeds: what users do in a random world, and (faults.h) what befalls it.
#pragma once

#include "sim/plan.h"
#include "sim/random.h"

namespace dusk::sim {

struct PlanOptions {
  uint32_t workers = 0;  // 0: a few, by the seed
  uint32_t tasks = 0;    // 0: some, by the seed
  bool faults = true;
};

// The same seed and options make the same plan.
Plan make_plan(uint64_t seed, const PlanOptions& options = {});

// How long users are at it.
inline constexpr Time kPlanTime = 2 * kSecond;

void add_users(Plan& plan, Random& random, uint32_t slots);
void add_faults(Plan& plan, Random& random, uint32_t slots);  // faults.cc

}  // namespace dusk::sim
