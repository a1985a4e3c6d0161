// The array passes, each a function from expressions to expressions.
#pragma once

#include <span>
#include <vector>

#include "dusk/graph/expr.h"

namespace dusk::collections::array {

// All of them, in order.
std::vector<graph::ExprPtr> optimize(std::span<const graph::ExprPtr> roots);

}  // namespace dusk::collections::array
