// Transposing, reshaping, broadcasting, joining.
#pragma once

#include <vector>

#include "dusk/collections/array/array_expr.h"

namespace dusk::collections::array {

ArrayPtr transpose(const ArrayPtr& x, const std::vector<int64_t>& axes);
// C order. Axes are rechunked where a group of merged or split axes asks for it: within a group
// only the first axis stays cut. Throws ValueError with NumPy's words when sizes differ.
ArrayPtr reshape(const ArrayPtr& x, const std::vector<int64_t>& shape);
// `chunks` cut the new and stretched axes; axes that x has keep x's chunks.
ArrayPtr broadcast_to(const ArrayPtr& x, const Chunks& chunks);
// Along `axis`; the other axes are cut alike already, dtypes are equal.
ArrayPtr concatenate(const std::vector<ArrayPtr>& xs, size_t axis);

}  // namespace dusk::collections::array
