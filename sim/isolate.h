// Runs a world in a process of its own, so that a machine which stops itself (a broken invariant)
// or never ends is a result like any other.
#pragma once

#include <functional>
#include <string>

#include "sim/world.h"

namespace dusk::sim {

using MakeMutator = std::function<std::unique_ptr<Mutator>()>;

// The outcome; its failure is what the process said last where it did not end by itself.
// `seconds` of the processor are given to it.
Outcome run_isolated(const Plan& plan, const MakeMutator& mutator = {}, int seconds = 60);

// Runs the seeds from `first` in processes of many worlds each, until `go_on` says no (asked
// between worlds) or one fails. `each` gets the outcome of every world.
struct Failed {
  uint64_t seed = 0;
  std::string failure;
};
using EachOutcome = std::function<void(uint64_t seed, const Outcome&)>;
Failed run_seeds(uint64_t first, const std::function<bool(uint64_t done)>& go_on,
                 const std::function<Plan(uint64_t)>& plan, const EachOutcome& each,
                 const MakeMutator& mutator = {});

}  // namespace dusk::sim
