#include "dusk/graph/block_map.h"

#include <algorithm>
#include <cstdlib>

namespace dusk::graph {
namespace {

struct Axis {
  int64_t length;
  int64_t stride;
  bool operator==(const Axis&) const = default;
};

std::vector<Axis> moving_axes(const BlockMap& map) {
  std::vector<Axis> axes;
  for (size_t d = 0; d < map.grid.size(); ++d) {
    if (map.grid[d] != 1) axes.push_back({map.grid[d], map.strides[d]});
  }
  return axes;
}

// Coordinates of `index` in `grid`; a negative index has negative coordinates.
std::vector<int64_t> unravel(int64_t index, const std::vector<int64_t>& grid) {
  std::vector<int64_t> at(grid.size());
  for (size_t d = grid.size(); d-- > 0;) {
    at[d] = index % grid[d];
    index /= grid[d];
  }
  return at;
}

}  // namespace

bool same_map(const BlockMap& a, const BlockMap& b) {
  return a.offset == b.offset && moving_axes(a) == moving_axes(b);
}

bool reads_once(const BlockMap& map) {
  std::vector<Axis> axes = moving_axes(map);
  std::sort(axes.begin(), axes.end(),
            [](const Axis& a, const Axis& b) { return std::abs(a.stride) < std::abs(b.stride); });
  int64_t reach = 0;  // of the faster axes together
  for (const Axis& axis : axes) {
    if (std::abs(axis.stride) <= reach) return false;
    reach += std::abs(axis.stride) * (axis.length - 1);
  }
  return true;
}

std::optional<BlockMap> compose(const BlockMap& outer, const BlockMap& inner) {
  if (outer.is_identity()) return inner;
  if (grid_size(inner.grid) == 0) return std::nullopt;
  BlockMap map{inner.grid, std::vector<int64_t>(inner.grid.size()), outer.offset};
  std::vector<int64_t> least = unravel(inner.offset, outer.grid);
  std::vector<int64_t> most = least;
  for (size_t e = 0; e < outer.grid.size(); ++e) map.offset += least[e] * outer.strides[e];
  for (size_t d = 0; d < inner.grid.size(); ++d) {
    if (inner.grid[d] == 1) continue;
    std::vector<int64_t> step = unravel(inner.strides[d], outer.grid);
    for (size_t e = 0; e < outer.grid.size(); ++e) {
      map.strides[d] += step[e] * outer.strides[e];
      (step[e] < 0 ? least : most)[e] += step[e] * (inner.grid[d] - 1);
    }
  }
  for (size_t e = 0; e < outer.grid.size(); ++e) {
    if (least[e] < 0 || most[e] >= outer.grid[e]) return std::nullopt;
  }
  return map;
}

}  // namespace dusk::graph
