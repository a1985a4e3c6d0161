#include "dusk/collections/array/shaping.h"

#include <algorithm>
#include <numeric>

#include "dusk/base/error.h"
#include "dusk/collections/array/codecs.h"
#include "dusk/collections/array/fields.h"
#include "dusk/collections/array/rechunk.h"
#include "dusk/collections/array/reshape_chunks.h"

namespace dusk::collections::array {
namespace {

using data::Value;

// Shapes its block by a function of the block and its number; takes no memory of its own.
class ViewOperation : public graph::Operation {
 public:
  ViewOperation(std::string name, std::string text)
      : name_(std::move(name)), text_(std::move(text)) {}
  std::string name() const override { return name_; }
  std::string detail() const override { return text_; }
  int64_t bound(int64_t) const override { return 0; }

 private:
  std::string name_, text_;
};

class TransposeOperation : public ViewOperation {
 public:
  explicit TransposeOperation(data::Dims axes) : ViewOperation("transpose", ""), axes_(axes) {}
  base::Result<Value> run(const graph::TaskContext&, graph::Inputs inputs) const override {
    const data::NdArray& block = inputs[0].array();
    if (block.ndim() != axes_.size()) {
      throw base::value_error("[transpose] a block has " + std::to_string(block.ndim()) +
                              " axes where the array has " + std::to_string(axes_.size()));
    }
    return Value(block.transpose(axes_));
  }
  std::string_view codec() const override { return "array.transpose"; }
  void encode(graph::Encoder& out) const override {
    out.integers(std::vector<int64_t>(axes_.begin(), axes_.end()));
  }
  static graph::OperationPtr decode(graph::Decoder& in) {
    std::vector<int64_t> axes = in.integers(), sorted = axes;
    std::sort(sorted.begin(), sorted.end());
    for (size_t d = 0; d < sorted.size(); ++d) {
      if (sorted[d] != static_cast<int64_t>(d)) throw graph::Decoder::damaged();
    }
    return std::make_shared<TransposeOperation>(to_dims(axes));
  }

 private:
  data::Dims axes_;
};

class ReshapeOperation : public ViewOperation {
 public:
  explicit ReshapeOperation(Chunks out)
      : ViewOperation("reshape", out.text()), out_(std::move(out)) {}
  bool index_free() const override { return false; }
  base::Result<Value> run(const graph::TaskContext& context, graph::Inputs inputs) const override {
    return Value(inputs[0].array().reshape(to_dims(out_.block_shape(context.index))));
  }
  int64_t bound(int64_t) const override { return -1; }
  std::string_view codec() const override { return "array.reshape"; }
  void encode(graph::Encoder& out) const override { graph::write_fields(out, out_); }
  static graph::OperationPtr decode(graph::Decoder& in) {
    return std::make_shared<ReshapeOperation>(graph::read_field<Chunks>(in));
  }

 private:
  Chunks out_;
};

class BroadcastOperation : public ViewOperation {
 public:
  explicit BroadcastOperation(Chunks out)
      : ViewOperation("broadcast_to", out.text()), out_(std::move(out)) {}
  bool index_free() const override { return false; }
  base::Result<Value> run(const graph::TaskContext& context, graph::Inputs inputs) const override {
    return Value(inputs[0].array().broadcast_to(to_dims(out_.block_shape(context.index))));
  }
  std::string_view codec() const override { return "array.broadcast"; }
  void encode(graph::Encoder& out) const override { graph::write_fields(out, out_); }
  static graph::OperationPtr decode(graph::Decoder& in) {
    return std::make_shared<BroadcastOperation>(graph::read_field<Chunks>(in));
  }

 private:
  Chunks out_;
};

// A run of input axes and the run of output axes that has the same number of elements.
struct Group {
  size_t in_first, in_last, out_first, out_last;  // half open
};

std::vector<Group> groups_of(const std::vector<int64_t>& in, const std::vector<int64_t>& out) {
  std::vector<Group> groups;
  size_t i = 0, o = 0;
  while (i < in.size() || o < out.size()) {
    Group g{i, i, o, o};
    int64_t a = 1, b = 1;
    if (i < in.size()) a = in[g.in_last++];
    if (o < out.size()) b = out[g.out_last++];
    while (a != b) {
      if (a < b && g.in_last < in.size()) {
        a *= in[g.in_last++];
      } else if (g.out_last < out.size()) {
        b *= out[g.out_last++];
      } else {
        a *= in[g.in_last++];
      }
    }
    i = g.in_last;
    o = g.out_last;
    groups.push_back(g);
  }
  return groups;
}

int64_t product(const std::vector<int64_t>& sizes, size_t first, size_t last) {
  int64_t n = 1;
  for (size_t d = first; d < last; ++d) n *= sizes[d];
  return n;
}

// Cuts of the group's elements, in flat positions, that both sides can make.
std::vector<int64_t> common_cuts(const ArrayExpr& x, const Group& g, const std::vector<int64_t>& in,
                                 const std::vector<int64_t>& out) {
  int64_t total = product(in, g.in_first, g.in_last);
  int64_t in_rest = g.in_last > g.in_first ? product(in, g.in_first + 1, g.in_last) : 1;
  int64_t out_rest = g.out_last > g.out_first ? product(out, g.out_first + 1, g.out_last) : 1;
  std::vector<int64_t> cuts{0};
  if (total > 0 && g.in_last > g.in_first) {
    int64_t unit = std::lcm(in_rest, out_rest);
    for (int64_t start : x.chunks().axis(g.in_first)->starts) {
      int64_t cut = start * in_rest / unit * unit;
      if (cut > cuts.back() && cut < total) cuts.push_back(cut);
    }
  }
  cuts.push_back(total);
  return cuts;
}

std::vector<int64_t> sizes_of(const std::vector<int64_t>& cuts, int64_t rest) {
  std::vector<int64_t> sizes;
  for (size_t c = 1; c < cuts.size(); ++c) {
    sizes.push_back((cuts[c] - cuts[c - 1]) / std::max<int64_t>(rest, 1));
  }
  return sizes;
}

}  // namespace

ArrayPtr transpose(const ArrayPtr& x, const std::vector<int64_t>& axes) {
  std::vector<AxisPtr> cut;
  std::vector<int> follow(x->ndim());
  bool same = true;
  for (size_t d = 0; d < axes.size(); ++d) {
    cut.push_back(x->chunks().axis(static_cast<size_t>(axes[d])));
    follow[static_cast<size_t>(axes[d])] = static_cast<int>(d);
    same = same && axes[d] == static_cast<int64_t>(d);
  }
  if (same) return x;
  Chunks chunks(std::move(cut));
  base::Tokenizer token("transpose");
  token.add(x->token()).add(std::span<const int64_t>(axes));
  auto map = block_map(chunks, x->chunks(), follow);
  return blockwise("Transpose", "transpose", token.finish(),
                   std::make_shared<TransposeOperation>(to_dims(axes)), x->dtype(), chunks,
                   {{x, std::move(map)}});
}

namespace {

ReshapeChunks whole(const std::vector<int64_t>& in, const std::vector<int64_t>& out) {
  ReshapeChunks plan;
  for (int64_t n : in) plan.in.push_back({n});
  for (int64_t n : out) plan.out.push_back({n});
  return plan;
}

// Where axes are split unevenly over others: cuts at the positions that both sides can make.
ReshapeChunks uneven(const ArrayExpr& x, const std::vector<int64_t>& shape) {
  auto in = x.shape();
  ReshapeChunks plan = whole(in, shape);
  for (const Group& g : groups_of(in, shape)) {
    if (g.in_last == g.in_first || g.out_last == g.out_first) continue;
    auto cuts = common_cuts(x, g, in, shape);
    plan.in[g.in_first] = sizes_of(cuts, product(in, g.in_first + 1, g.in_last));
    plan.out[g.out_first] = sizes_of(cuts, product(shape, g.out_first + 1, g.out_last));
  }
  return plan;
}

ReshapeChunks chunks_for(const ArrayExpr& x, const std::vector<int64_t>& shape) {
  auto in = x.shape();
  if (x.block_count() == 1 || product(in, 0, in.size()) == 0) return whole(in, shape);
  ChunkLists given;
  for (size_t d = 0; d < in.size(); ++d) given.push_back(x.chunks().axis(d)->sizes);
  auto plan = reshape_chunks(given, shape);
  return plan ? std::move(*plan) : uneven(x, shape);
}

}  // namespace

ArrayPtr reshape(const ArrayPtr& x, const std::vector<int64_t>& shape) {
  require_known("reshape", *x);
  auto in = x->shape();
  if (in == shape) return x;
  if (product(in, 0, in.size()) != product(shape, 0, shape.size())) {
    throw base::value_error("cannot reshape array of size " +
                            std::to_string(product(in, 0, in.size())) + " into shape " +
                            shape_text(shape));
  }
  ReshapeChunks plan = chunks_for(*x, shape);
  ArrayPtr cut = rechunk(x, Chunks::from_sizes(plan.in));
  Chunks chunks = Chunks::from_sizes(plan.out);
  base::Tokenizer token("reshape");
  token.add(cut->token());
  start_token(token, x->dtype(), chunks);
  return blockwise("Reshape", "reshape", token.finish(), std::make_shared<ReshapeOperation>(chunks),
                   x->dtype(), chunks, {{cut, graph::BlockMap::identity(chunks.grid())}});
}

ArrayPtr broadcast_to(const ArrayPtr& x, const Chunks& chunks) {
  auto shape = chunks.shape();
  auto in = x->shape();
  size_t extra = shape.size() - in.size();
  std::vector<AxisPtr> axes = chunks.axes();
  std::vector<AxisPtr> own;
  std::vector<int> follow;
  for (size_t d = 0; d < in.size(); ++d) {
    bool stretched = in[d] == 1 && shape[extra + d] != 1;
    if (!stretched) axes[extra + d] = x->chunks().axis(d);
    own.push_back(stretched ? make_axis({1}) : x->chunks().axis(d));
    follow.push_back(static_cast<int>(extra + d));
  }
  Chunks out(std::move(axes));
  ArrayPtr from = rechunk(x, Chunks(std::move(own)));
  base::Tokenizer token("broadcast-to");
  token.add(from->token());
  start_token(token, x->dtype(), out);
  auto map = block_map(out, from->chunks(), follow);
  return blockwise("BroadcastTo", "broadcast_to", token.finish(),
                   std::make_shared<BroadcastOperation>(out), x->dtype(), out,
                   {{from, std::move(map)}});
}

namespace {

// Every output block is one block of one input.
class ConcatenateLayer : public graph::Layer {
 public:
  ConcatenateLayer(base::Token token, std::vector<graph::LayerPtr> inputs, Chunks chunks,
                   size_t axis, std::vector<int64_t> first_block)
      : Layer("concatenate", token, std::move(inputs)),
        chunks_(std::move(chunks)),
        axis_(axis),
        first_block_(std::move(first_block)) {}
  std::string_view kind() const override { return "concatenate"; }
  int64_t size() const override { return chunks_.block_count(); }
  bool forwards() const override { return true; }
  std::vector<int64_t> grid() const override { return chunks_.grid(); }
  std::string label(int64_t index) const override { return graph::grid_label(index, grid()); }
  const graph::Operation& operation(int64_t) const override { return graph::identity_operation(); }
  void dependencies(int64_t index, std::vector<graph::Dependency>& out) const override {
    Coordinates at = chunks_.coordinates(index);
    auto after = std::upper_bound(first_block_.begin(), first_block_.end() - 1, at[axis_]);
    auto input = static_cast<size_t>(after - first_block_.begin()) - 1;
    at[axis_] -= first_block_[input];
    auto grid = chunks_.grid();
    grid[axis_] = first_block_[input + 1] - first_block_[input];
    int64_t linear = 0;
    for (size_t d = 0; d < at.size(); ++d) linear = linear * grid[d] + at[d];
    out.push_back({static_cast<uint32_t>(input), linear});
  }
  std::string_view codec() const override { return "array.concatenate"; }
  void encode(graph::Encoder& out) const override {
    graph::write_fields(out, chunks_, static_cast<int64_t>(axis_), first_block_);
  }
  static graph::LayerPtr decode(graph::Decoder& in, graph::LayerHead head);

 private:
  Chunks chunks_;
  size_t axis_;
  std::vector<int64_t> first_block_;
};

// Inputs have the blocks that the result has at their places.
graph::LayerPtr ConcatenateLayer::decode(graph::Decoder& in, graph::LayerHead head) {
  auto chunks = graph::read_field<Chunks>(in);
  auto axis = static_cast<size_t>(in.integer(0, static_cast<int64_t>(chunks.ndim()) - 1));
  std::vector<int64_t> first = in.integers();
  int64_t count = chunks.grid()[axis], across = chunks.block_count() / count;
  bool fits = first.size() == head.inputs.size() + 1 && first.front() == 0 && first.back() == count;
  for (size_t i = 0; fits && i < head.inputs.size(); ++i) {
    int64_t own = first[i + 1] - first[i];
    fits = own > 0 && own <= count && head.inputs[i]->size() == own * across;
  }
  if (!fits) throw graph::Decoder::damaged();
  return std::make_shared<ConcatenateLayer>(head.token, std::move(head.inputs), std::move(chunks),
                                            axis, std::move(first));
}

class ConcatenateExpr : public ArrayExpr {
 public:
  ConcatenateExpr(std::vector<graph::ExprPtr> xs, data::DType dtype, Chunks chunks, size_t axis,
                  base::Token token)
      : ArrayExpr(token, std::move(xs), "concatenate", dtype, std::move(chunks)), axis_(axis) {}
  std::string_view kind() const override { return "Concatenate"; }
  std::string describe() const override { return "Concatenate axis=" + std::to_string(axis_); }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    std::vector<ArrayPtr> xs;
    for (const auto& input : inputs) xs.push_back(as_array(input));
    return concatenate(xs, axis_);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    std::vector<int64_t> first{0};
    for (const auto& input : this->inputs()) {
      auto blocks = as_array(input)->chunks().axis(axis_)->sizes.size();
      first.push_back(first.back() + static_cast<int64_t>(blocks));
    }
    return std::make_shared<ConcatenateLayer>(
        token(), std::vector<graph::LayerPtr>(inputs.begin(), inputs.end()), chunks(), axis_,
        std::move(first));
  }

 private:
  size_t axis_;
};

}  // namespace

void add_shaping_codecs(graph::Codecs& codecs) {
  codecs.operations["array.transpose"] = &TransposeOperation::decode;
  codecs.operations["array.reshape"] = &ReshapeOperation::decode;
  codecs.operations["array.broadcast"] = &BroadcastOperation::decode;
  codecs.layers["array.concatenate"] = &ConcatenateLayer::decode;
}

ArrayPtr concatenate(const std::vector<ArrayPtr>& xs, size_t axis) {
  if (xs.size() == 1) return xs[0];
  std::vector<int64_t> sizes;
  std::vector<graph::ExprPtr> inputs;
  base::Tokenizer token("concatenate");
  token.add(axis);
  for (const ArrayPtr& x : xs) {
    const auto& own = x->chunks().axis(axis)->sizes;
    sizes.insert(sizes.end(), own.begin(), own.end());
    inputs.push_back(x);
    token.add(x->token());
  }
  std::vector<AxisPtr> axes = xs[0]->chunks().axes();
  axes[axis] = make_axis(std::move(sizes));
  return std::make_shared<ConcatenateExpr>(std::move(inputs), xs[0]->dtype(),
                                           Chunks(std::move(axes)), axis, token.finish());
}

}  // namespace dusk::collections::array
