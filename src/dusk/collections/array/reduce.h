// Reductions: a partial state a chunk, combined in a tree, finalised once.
//
// mean, var and std of one array over the same axes share the state's node, so that the array is
// read once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dusk/collections/array/array_expr.h"
#include "dusk/kernels/array/reduce.h"

namespace dusk::collections::array {

struct ReduceArguments {
  std::string function;       // "sum", "mean", "nanstd", "argmin"...
  std::vector<bool> reduced;  // one an axis
  bool keepdims = false;
  std::optional<data::DType> dtype;  // NumPy's dtype=
  double ddof = 0;
  std::vector<int64_t> split_every;  // one an axis, 0 on kept axes; empty: the default
};

// Null when there is no native kernel for the function on this dtype. Throws ValueError for
// reductions of nothing that have no identity, with NumPy's words.
ArrayPtr reduce(const ArrayPtr& x, const ReduceArguments& arguments);

}  // namespace dusk::collections::array
