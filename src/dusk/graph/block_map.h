// Reasoning about BlockMaps.
#pragma once

#include <optional>

#include "dusk/graph/layer.h"

namespace dusk::graph {

// True when both map every index alike, by construction (axes of length 1 do not matter).
bool same_map(const BlockMap& a, const BlockMap& b);

// True when no two indexes map to one block. May say false where it is true.
bool reads_once(const BlockMap& map);

// `outer` after `inner`: block i maps to outer(inner(i)). Empty when that is no BlockMap, which is
// when inner's blocks wrap around outer's grid.
std::optional<BlockMap> compose(const BlockMap& outer, const BlockMap& inner);

}  // namespace dusk::graph
