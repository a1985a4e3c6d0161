// The frame passes, each a function from expressions to expressions.
#pragma once

#include <vector>

#include "dusk/graph/expr.h"

namespace dusk::collections::frame {

// All of them, in order: predicates towards the scans, then only the columns
// that are needed, then text keys of group-bys as dictionaries.
std::vector<graph::ExprPtr> optimize(std::vector<graph::ExprPtr> roots);

}  // namespace dusk::collections::frame
