// The checker is checked: every planted bug is found within a bounded number of worlds.
#include "sim/mutants.h"

#include <gtest/gtest.h>

#include "sim/workload.h"

namespace dusk::sim {
namespace {

constexpr uint64_t kWorldsMax = 1500;

TEST(Mutants, AreAllFound) {
  for (const Mutant& mutant : mutants()) {
    Failed failed = run_seeds(
        1, [](uint64_t done) { return done < kWorldsMax; },
        [](uint64_t seed) { return make_plan(seed); }, [](uint64_t, const Outcome&) {},
        mutant.make);
    EXPECT_NE(failed.failure, "") << mutant.what << " is not found";
    std::printf("%s: seed %llu, %s\n", mutant.what, static_cast<unsigned long long>(failed.seed),
                failed.failure.substr(0, 90).c_str());
  }
}

}  // namespace
}  // namespace dusk::sim
