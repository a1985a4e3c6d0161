// Worlds that once broke a promise, shrunk.
#pragma once

#include <span>

namespace dusk::sim {

struct Regression {
  const char* what;
  const char* plan;
};
std::span<const Regression> regressions();

}  // namespace dusk::sim
