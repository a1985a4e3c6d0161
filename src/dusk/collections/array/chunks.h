// How an array is cut: the sizes of its chunks along every axis.
//
// Axes are shared between arrays that are cut alike. A size of kUnknown means that it is known
// only once the chunk has been computed (boolean masks).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dusk/base/token.h"
#include "dusk/graph/layer.h"

namespace dusk::collections::array {

constexpr int64_t kUnknown = -1;

// One axis: sizes, and where every chunk starts (one more entry than sizes: the last is the total).
struct AxisChunks {
  explicit AxisChunks(std::vector<int64_t> chunk_sizes);
  std::vector<int64_t> sizes;
  std::vector<int64_t> starts;  // meaningless when `known` is false
  bool known = true;
  int64_t total() const { return known ? starts.back() : kUnknown; }
  // The chunk that holds element `position`; positions at a boundary belong to the later chunk.
  int64_t find(int64_t position) const;
};
using AxisPtr = std::shared_ptr<const AxisChunks>;

// A block's place: coordinates in the grid.
using Coordinates = std::vector<int64_t>;

class Chunks {
 public:
  Chunks() = default;
  explicit Chunks(std::vector<AxisPtr> axes) : axes_(std::move(axes)) {}
  // Throws ValueError for negative sizes (other than kUnknown) and axes without a chunk.
  static Chunks from_sizes(std::span<const std::vector<int64_t>> sizes);

  size_t ndim() const { return axes_.size(); }
  const AxisPtr& axis(size_t d) const { return axes_[d]; }
  const std::vector<AxisPtr>& axes() const { return axes_; }
  std::vector<int64_t> shape() const;  // kUnknown where not known
  std::vector<int64_t> grid() const;   // blocks along every axis
  int64_t block_count() const;
  bool known() const;
  std::vector<int64_t> block_shape(int64_t index) const;   // of the block with this C-order number
  std::vector<int64_t> block_offset(int64_t index) const;  // REQUIRES: known()
  Coordinates coordinates(int64_t index) const;
  int64_t elements(int64_t index) const;  // of the block; kUnknown when not known
  void add_to(base::Tokenizer& token) const;
  std::string text() const;  // "(2, 2, 1), (3,)"
  bool operator==(const Chunks& other) const;

 private:
  std::vector<AxisPtr> axes_;
};

AxisPtr make_axis(std::vector<int64_t> sizes);

// The map from blocks of `out` to blocks of an input of `in` chunks, where input axis i follows
// output axis follow[i] (-1: the input has one block there). Axes of one block are broadcast.
graph::BlockMap block_map(const Chunks& out, const Chunks& in, std::span<const int> follow);

// Dask's unify_chunks for one axis label: the finest common blocks. Chunkings of total 1 broadcast.
// Throws ValueError when totals differ or unknown sizes meet others.
AxisPtr common_axis(std::span<const AxisPtr> axes);

}  // namespace dusk::collections::array
