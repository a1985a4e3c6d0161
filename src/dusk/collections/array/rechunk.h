// The same array cut differently. Every new block gathers the pieces it needs: one copy.
#pragma once

#include "dusk/collections/array/array_expr.h"

namespace dusk::collections::array {

// `x` itself when it is cut so already. Throws ValueError when totals differ or sizes are unknown.
ArrayPtr rechunk(const ArrayPtr& x, const Chunks& chunks);

}  // namespace dusk::collections::array
