#include "dusk/collections/array/reshape_chunks.h"

#include <algorithm>
#include <numeric>

namespace dusk::collections::array {
namespace {

using Sizes = std::vector<int64_t>;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

int64_t product(const Sizes& sizes, size_t first, size_t last) {
  return std::accumulate(sizes.begin() + static_cast<std::ptrdiff_t>(first),
                         sizes.begin() + static_cast<std::ptrdiff_t>(last), int64_t{1},
                         std::multiplies<>());
}

bool all_ones(const Sizes& sizes) {
  return std::all_of(sizes.begin(), sizes.end(), [](int64_t n) { return n == 1; });
}

// Elements of the largest block that axes [first, last] make.
int64_t largest_block(const ChunkLists& chunks, size_t first, size_t last) {
  int64_t elements = 1;
  for (size_t d = first; d <= last; ++d) {
    elements *= *std::max_element(chunks[d].begin(), chunks[d].end());
  }
  return elements;
}

// Elements of every block that axes [first, last] make, in C order.
Sizes block_sizes(const ChunkLists& chunks, size_t first, size_t last) {
  Sizes sizes{1};
  for (size_t d = first; d <= last; ++d) {
    Sizes next;
    next.reserve(sizes.size() * chunks[d].size());
    for (int64_t outer : sizes) {
      for (int64_t n : chunks[d]) next.push_back(outer * n);
    }
    sizes = std::move(next);
  }
  return sizes;
}

// `size` in `pieces` nearly equal parts, smaller ones first.
void append_parts(Sizes& out, int64_t size, int64_t pieces) {
  int64_t part = ceil_div(size, pieces);
  int64_t smaller = part * pieces - size;
  for (int64_t i = 0; i < pieces; ++i) out.push_back(i < smaller ? part - 1 : part);
}

// Every chunk cut into about `factor` chunks.
Sizes cut_each(const Sizes& chunks, int64_t factor) {
  if (factor == 1) return chunks;
  Sizes out;
  for (int64_t left : chunks) {
    double part = std::max(static_cast<double>(left) / static_cast<double>(factor), 1.0);
    while (static_cast<double>(left) >= 2 * part) {
      out.push_back(static_cast<int64_t>(part));
      left -= static_cast<int64_t>(part);
    }
    if (left > 0) out.push_back(left);
  }
  return out;
}

// Chunks moved to multiples of `unit`; what is left over goes to the next one.
Sizes to_multiples(const Sizes& chunks, int64_t unit) {
  Sizes out;
  int64_t rest = 0;
  for (int64_t size : chunks) {
    size += rest;
    rest = size % unit;
    if (size >= unit) out.push_back(size - rest);
  }
  return out;
}

// Axes [first, last], of which all but `first` are whole, are cut until no block has more than
// `elements_max`. Only the outermost axis that is not in single steps may be cut: blocks must stay
// runs of the flat array.
void limit_blocks(ChunkLists& chunks, size_t first, size_t last, int64_t elements_max) {
  for (;;) {
    int64_t largest = largest_block(chunks, first, last);
    if (largest == elements_max) return;
    size_t axis = first;
    while (axis <= last && all_ones(chunks[axis])) ++axis;
    if (axis > last) return;
    Sizes& sizes = chunks[axis];
    Sizes cut;
    if (sizes.size() == 1) {
      append_parts(cut, sizes[0], std::min(ceil_div(largest, elements_max), sizes[0]));
      sizes = std::move(cut);
      if (!all_ones(sizes) || axis == last) return;
      continue;
    }
    int64_t others = largest / *std::max_element(sizes.begin(), sizes.end());
    for (int64_t size : sizes) {
      append_parts(cut, size, std::max<int64_t>(1, ceil_div(size * others, elements_max)));
    }
    sizes = std::move(cut);
    return;
  }
}

class Planner {
 public:
  Planner(const ChunkLists& in, const Sizes& shape) : given_(in), shape_(shape) {
    for (const Sizes& axis : in) {
      in_shape_.push_back(std::accumulate(axis.begin(), axis.end(), int64_t{0}));
    }
    plan_.in.resize(in.size());
    plan_.out.resize(shape.size());
  }

  // From the last axes to the first; `i_` and `o_` count the axes that are left.
  std::optional<ReshapeChunks> run() {
    i_ = in_shape_.size();
    o_ = shape_.size();
    while (i_ > 0 || o_ > 0) {
      if (!step()) return std::nullopt;
    }
    return std::move(plan_);
  }

 private:
  bool step() {
    int64_t in = i_ > 0 ? in_shape_[i_ - 1] : 1;
    int64_t out = o_ > 0 ? shape_[o_ - 1] : 1;
    if (i_ > 0 && o_ > 0 && in == out) {
      plan_.in[i_ - 1] = plan_.out[o_ - 1] = given_[i_ - 1];
      --i_;
      --o_;
      return true;
    }
    if (i_ > 0 && in == 1) {
      plan_.in[--i_] = {1};
      return true;
    }
    if (o_ > 0 && out == 1) {
      plan_.out[--o_] = {1};
      return true;
    }
    if (i_ == 0 || o_ == 0) return false;
    return in < out ? merge(out) : split(in);
  }

  // Several input axes become one.
  bool merge(int64_t out) {
    size_t first = i_ - 1;
    while (first > 0 && product(in_shape_, first, i_) < out) --first;
    if (product(in_shape_, first, i_) != out) return false;
    bool in_single_steps = true;
    for (size_t d = 0; d + 1 < i_; ++d) {
      in_single_steps &= all_ones(given_[d]);
    }
    size_t last = i_ - 1;
    for (size_t d = first; d <= last; ++d) plan_.in[d] = given_[d];
    if (!in_single_steps) {
      int64_t inner_blocks = 1;
      for (size_t d = first + 1; d <= last; ++d) {
        inner_blocks *= static_cast<int64_t>(given_[d].size());
        plan_.in[d] = {in_shape_[d]};
      }
      plan_.in[first] = cut_each(given_[first], inner_blocks);
      limit_blocks(plan_.in, first, last, largest_block(given_, first, last));
    }
    plan_.out[--o_] = block_sizes(plan_.in, first, last);
    i_ = first;
    return true;
  }

  // One input axis becomes several.
  bool split(int64_t in) {
    size_t first = o_ - 1;
    while (first > 0 && product(shape_, first, o_) < in) --first;
    if (product(shape_, first, o_) != in) return false;
    size_t last = o_ - 1;
    int64_t inner = product(shape_, first + 1, o_);
    for (size_t d = first + 1; d <= last; ++d) plan_.out[d] = {shape_[d]};
    for (int64_t size : to_multiples(given_[i_ - 1], inner)) {
      plan_.out[first].push_back(size / inner);
    }
    limit_blocks(plan_.out, first, last, largest_block(given_, i_ - 1, i_ - 1));
    plan_.in[--i_] = block_sizes(plan_.out, first, last);
    o_ = first;
    return true;
  }

  const ChunkLists& given_;
  const Sizes& shape_;
  Sizes in_shape_;
  ReshapeChunks plan_;
  size_t i_ = 0;
  size_t o_ = 0;
};

}  // namespace

std::optional<ReshapeChunks> reshape_chunks(const ChunkLists& in, const Sizes& shape) {
  return Planner(in, shape).run();
}

}  // namespace dusk::collections::array
