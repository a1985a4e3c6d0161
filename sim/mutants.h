// Bugs that a cluster could have, planted around the steps of its machines.
#pragma once

#include <span>

#include "sim/isolate.h"

namespace dusk::sim {

struct Mutant {
  const char* what;  // the bug
  MakeMutator make;
};
const std::vector<Mutant>& mutants();

}  // namespace dusk::sim
