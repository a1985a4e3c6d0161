#include "dusk/collections/array/chunks.h"

#include <algorithm>
#include <set>

#include "dusk/base/error.h"

namespace dusk::collections::array {

AxisChunks::AxisChunks(std::vector<int64_t> chunk_sizes) : sizes(std::move(chunk_sizes)) {
  starts.reserve(sizes.size() + 1);
  int64_t at = 0;
  for (int64_t size : sizes) {
    starts.push_back(at);
    if (size == kUnknown) known = false;
    at += size;
  }
  starts.push_back(at);
}

int64_t AxisChunks::find(int64_t position) const {
  auto after = std::upper_bound(starts.begin(), starts.end() - 1, position);
  return static_cast<int64_t>(after - starts.begin()) - 1;
}

AxisPtr make_axis(std::vector<int64_t> sizes) {
  return std::make_shared<const AxisChunks>(std::move(sizes));
}

Chunks Chunks::from_sizes(std::span<const std::vector<int64_t>> sizes) {
  std::vector<AxisPtr> axes;
  for (const auto& axis : sizes) {
    if (axis.empty()) throw base::value_error("[chunks] an axis needs at least one chunk");
    for (int64_t size : axis) {
      if (size < kUnknown) {
        throw base::value_error("[chunks] a chunk cannot have " + std::to_string(size) +
                                " elements");
      }
    }
    axes.push_back(make_axis(axis));
  }
  return Chunks(std::move(axes));
}

std::vector<int64_t> Chunks::shape() const {
  std::vector<int64_t> shape;
  for (const auto& axis : axes_) shape.push_back(axis->total());
  return shape;
}

std::vector<int64_t> Chunks::grid() const {
  std::vector<int64_t> grid;
  for (const auto& axis : axes_) grid.push_back(static_cast<int64_t>(axis->sizes.size()));
  return grid;
}

int64_t Chunks::block_count() const { return graph::grid_size(grid()); }

bool Chunks::known() const {
  return std::all_of(axes_.begin(), axes_.end(), [](const AxisPtr& a) { return a->known; });
}

Coordinates Chunks::coordinates(int64_t index) const {
  Coordinates at(axes_.size());
  for (size_t d = axes_.size(); d-- > 0;) {
    auto n = static_cast<int64_t>(axes_[d]->sizes.size());
    at[d] = index % n;
    index /= n;
  }
  return at;
}

std::vector<int64_t> Chunks::block_shape(int64_t index) const {
  Coordinates at = coordinates(index);
  for (size_t d = 0; d < at.size(); ++d) at[d] = axes_[d]->sizes[static_cast<size_t>(at[d])];
  return at;
}

std::vector<int64_t> Chunks::block_offset(int64_t index) const {
  Coordinates at = coordinates(index);
  for (size_t d = 0; d < at.size(); ++d) at[d] = axes_[d]->starts[static_cast<size_t>(at[d])];
  return at;
}

int64_t Chunks::elements(int64_t index) const {
  int64_t count = 1;
  for (int64_t n : block_shape(index)) {
    if (n == kUnknown) return kUnknown;
    count *= n;
  }
  return count;
}

void Chunks::add_to(base::Tokenizer& token) const {
  token.add(axes_.size());
  for (const auto& axis : axes_) token.add(std::span<const int64_t>(axis->sizes));
}

std::string Chunks::text() const {
  std::string text;
  for (const auto& axis : axes_) {
    text += text.empty() ? "(" : ", (";
    for (size_t i = 0; i < axis->sizes.size() && i < 6; ++i) {
      if (i) text += ", ";
      text += axis->sizes[i] == kUnknown ? "nan" : std::to_string(axis->sizes[i]);
    }
    text += axis->sizes.size() > 6 ? ", ...)" : axis->sizes.size() == 1 ? ",)" : ")";
  }
  return text;
}

bool Chunks::operator==(const Chunks& other) const {
  return axes_.size() == other.axes_.size() &&
         std::equal(
             axes_.begin(), axes_.end(), other.axes_.begin(),
             [](const AxisPtr& a, const AxisPtr& b) { return a == b || a->sizes == b->sizes; });
}

graph::BlockMap block_map(const Chunks& out, const Chunks& in, std::span<const int> follow) {
  graph::BlockMap map;
  map.grid = out.grid();
  map.strides.assign(map.grid.size(), 0);
  int64_t step = 1;
  for (size_t i = in.ndim(); i-- > 0;) {
    auto blocks = static_cast<int64_t>(in.axis(i)->sizes.size());
    if (blocks > 1 && follow[i] >= 0) map.strides[static_cast<size_t>(follow[i])] += step;
    step *= blocks;
  }
  return map;
}

AxisPtr common_axis(std::span<const AxisPtr> axes) {
  std::vector<AxisPtr> real;
  for (const AxisPtr& axis : axes) {
    if (axis->known && axis->total() == 1 && axis->sizes.size() == 1) continue;
    if (std::none_of(real.begin(), real.end(),
                     [&](const AxisPtr& r) { return r == axis || r->sizes == axis->sizes; })) {
      real.push_back(axis);
    }
  }
  if (real.empty()) return axes[0];
  if (real.size() == 1) return real[0];
  for (const AxisPtr& axis : real) {
    if (!axis->known) {
      throw base::value_error("Arrays chunk sizes (" + Chunks({axis}).text() +
                              ") are unknown.\n\nA possible solution:\n"
                              "  x.compute_chunk_sizes()");
    }
    if (axis->total() != real[0]->total()) {
      throw base::value_error("Chunks do not add up to same value: " + Chunks({real[0]}).text() +
                              " and " + Chunks({axis}).text());
    }
  }
  std::set<int64_t> cuts;
  for (const AxisPtr& axis : real) cuts.insert(axis->starts.begin(), axis->starts.end());
  std::vector<int64_t> sizes;
  for (auto at = std::next(cuts.begin()); at != cuts.end(); ++at) {
    sizes.push_back(*at - *std::prev(at));
  }
  if (sizes.empty()) sizes = {0};
  return make_axis(std::move(sizes));
}

}  // namespace dusk::collections::array
