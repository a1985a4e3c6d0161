// Basic slicing, picking along an axis by number, and selections of whole blocks.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "dusk/collections/array/array_expr.h"

namespace dusk::collections::array {

struct Range {
  int64_t start;
  int64_t stop;
  int64_t step;
};
struct NewAxis {};
using Index = std::variant<int64_t, Range, NewAxis>;  // normalised; an integer drops its axis

ArrayPtr slice(const ArrayPtr& x, const std::vector<Index>& index);
// Elements `indices` of `axis`, in that order, each in [0, n).
ArrayPtr take(const ArrayPtr& x, const std::vector<int64_t>& indices, size_t axis);
// Blocks by number along every axis.
ArrayPtr pick_blocks(const ArrayPtr& x, const std::vector<std::vector<int64_t>>& blocks);
// The same blocks under other declared sizes.
ArrayPtr with_chunks(const ArrayPtr& x, Chunks chunks);

}  // namespace dusk::collections::array
