#include "dusk/collections/array/indexing.h"

#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/collections/array/codecs.h"
#include "dusk/collections/array/fields.h"

namespace dusk::collections::array {
namespace {

using data::NdArray;
using data::Value;

// What one output block takes of one input block, along one axis.
struct Piece {
  int64_t block;
  int64_t start;
  int64_t step;
  int64_t count;

  static auto members(auto& self) {
    return std::tie(self.block, self.start, self.step, self.count);
  }
};

// One output axis (or a dropped one) and the pieces its blocks are made of.
struct AxisPlan {
  enum class Kind { kRange, kPoint, kNew } kind;
  size_t input_axis = 0;  // unused for kNew
  std::vector<Piece> pieces;

  static auto members(auto& self) { return std::tie(self.kind, self.input_axis, self.pieces); }
};

}  // namespace
}  // namespace dusk::collections::array

template <>
struct dusk::graph::LastOf<dusk::collections::array::AxisPlan::Kind> {
  static constexpr auto value = dusk::collections::array::AxisPlan::Kind::kNew;
};

namespace dusk::collections::array {
namespace {

std::vector<Piece> range_pieces(const AxisChunks& axis, const Range& range) {
  std::vector<Piece> pieces;
  auto blocks = static_cast<int64_t>(axis.sizes.size());
  if (!axis.known) {  // only the full slice is possible
    for (int64_t b = 0; b < blocks; ++b) pieces.push_back({b, 0, 1, kUnknown});
    return pieces;
  }
  int64_t span = range.step > 0 ? range.stop - range.start : range.start - range.stop;
  int64_t magnitude = range.step > 0 ? range.step : -range.step;
  int64_t total = span > 0 ? (span + magnitude - 1) / magnitude : 0;
  for (int64_t done = 0; done < total;) {
    int64_t position = range.start + done * range.step;
    int64_t block = axis.find(position);
    int64_t low = axis.starts[static_cast<size_t>(block)];
    int64_t high = axis.starts[static_cast<size_t>(block) + 1];
    int64_t room =
        range.step > 0 ? (high - 1 - position) / magnitude + 1 : (position - low) / magnitude + 1;
    int64_t count = std::min(room, total - done);
    pieces.push_back({block, position - low, range.step, count});
    done += count;
  }
  if (pieces.empty()) pieces.push_back({0, 0, 1, 0});
  return pieces;
}

class SliceOperation : public graph::Operation {
 public:
  SliceOperation(std::vector<AxisPlan> plans, Chunks out, std::string text)
      : plans_(std::move(plans)), out_(std::move(out)), text_(std::move(text)) {}
  std::string name() const override { return "getitem"; }
  bool index_free() const override { return false; }
  std::string detail() const override { return text_; }
  int64_t bound(int64_t) const override { return 0; }

  base::Result<Value> run(const graph::TaskContext& context, graph::Inputs inputs) const override {
    NdArray block = inputs[0].array();
    require_axes(block);
    int64_t whole = block.nbytes();
    Coordinates at = out_.coordinates(context.index);
    size_t axis = 0;    // of the block as it is now
    size_t output = 0;  // of the result
    for (const AxisPlan& plan : plans_) {
      if (plan.kind == AxisPlan::Kind::kNew) {
        block = block.expand(axis++);
        ++output;
      } else if (plan.kind == AxisPlan::Kind::kPoint) {
        require_inside(block, axis, plan.pieces[0]);
        block = block.select(axis, plan.pieces[0].start);
      } else {
        const Piece& p = plan.pieces[static_cast<size_t>(at[output++])];
        if (p.count > 0) require_inside(block, axis, p);
        if (p.count != kUnknown) block = block.slice(axis, p.start, p.step, p.count);
        ++axis;
      }
    }
    // A small view must not keep a large block alive.
    if (block.nbytes() * 2 < whole) {
      NdArray copy = NdArray::empty(block.dtype(), block.shape());
      data::copy_elements(block, copy);
      return Value(std::move(copy));
    }
    return Value(std::move(block));
  }
  std::string_view codec() const override { return "array.slice"; }
  void encode(graph::Encoder& out) const override { graph::write_fields(out, plans_, out_, text_); }
  static std::shared_ptr<const SliceOperation> read(graph::Decoder& in);
  static graph::OperationPtr decode(graph::Decoder& in) { return read(in); }
  const std::vector<AxisPlan>& plans() const { return plans_; }
  const Chunks& out() const { return out_; }

 private:
  // Blocks may differ from what their array declares.
  void require_axes(const NdArray& block) const {
    size_t axes = 0;
    for (const AxisPlan& plan : plans_) axes += plan.kind != AxisPlan::Kind::kNew;
    if (block.ndim() == axes) return;
    throw base::value_error("[getitem] a block has " + std::to_string(block.ndim()) +
                            " axes where the array has " + std::to_string(axes));
  }
  static void require_inside(const NdArray& block, size_t axis, const Piece& p) {
    int64_t length = block.shape()[axis];
    __int128 last = p.start + static_cast<__int128>(p.step) * (p.count - 1);
    if (p.start >= 0 && p.start < length && last >= 0 && last < length) return;
    throw base::value_error("[getitem] a block has " + std::to_string(length) +
                            " elements along axis " + std::to_string(axis) +
                            ", fewer than the array's chunks say");
  }

  std::vector<AxisPlan> plans_;
  Chunks out_;
  std::string text_;
};

// Every output axis has a piece for each of its blocks.
std::shared_ptr<const SliceOperation> SliceOperation::read(graph::Decoder& in) {
  auto plans = graph::read_field<std::vector<AxisPlan>>(in);
  auto out = graph::read_field<Chunks>(in);
  size_t output = 0;
  for (const AxisPlan& plan : plans) {
    if (plan.kind == AxisPlan::Kind::kPoint) {
      if (plan.pieces.size() != 1) throw graph::Decoder::damaged();
      continue;
    }
    if (output == out.ndim()) throw graph::Decoder::damaged();
    size_t blocks = out.axis(output++)->sizes.size();
    if (blocks != (plan.kind == AxisPlan::Kind::kNew ? 1 : plan.pieces.size())) {
      throw graph::Decoder::damaged();
    }
    for (const Piece& p : plan.pieces) {
      if (p.count < kUnknown || p.step == 0) throw graph::Decoder::damaged();
    }
  }
  if (output != out.ndim()) throw graph::Decoder::damaged();
  return std::make_shared<const SliceOperation>(std::move(plans), std::move(out), in.string());
}

// Slicing that skips blocks irregularly; BlockwiseLayer serves the other cases.
class SliceLayer : public graph::Layer {
 public:
  SliceLayer(base::Token token, graph::LayerPtr input,
             std::shared_ptr<const SliceOperation> operation, std::vector<int64_t> in_grid)
      : Layer("getitem", token, {std::move(input)}),
        operation_(std::move(operation)),
        in_grid_(std::move(in_grid)) {}
  std::string_view kind() const override { return "slice"; }
  int64_t size() const override { return operation_->out().block_count(); }
  std::vector<int64_t> grid() const override { return operation_->out().grid(); }
  std::string label(int64_t index) const override { return graph::grid_label(index, grid()); }
  const graph::Operation& operation(int64_t) const override { return *operation_; }
  void dependencies(int64_t index, std::vector<graph::Dependency>& out) const override {
    Coordinates at = operation_->out().coordinates(index);
    std::vector<int64_t> block(in_grid_.size(), 0);
    size_t output = 0;
    for (const AxisPlan& plan : operation_->plans()) {
      if (plan.kind == AxisPlan::Kind::kNew) {
        ++output;
        continue;
      }
      size_t piece = plan.kind == AxisPlan::Kind::kPoint ? 0 : static_cast<size_t>(at[output++]);
      block[plan.input_axis] = plan.pieces[piece].block;
    }
    int64_t linear = 0;
    for (size_t d = 0; d < block.size(); ++d) linear = linear * in_grid_[d] + block[d];
    out.push_back({0, linear});
  }
  std::string_view codec() const override { return "array.slice"; }
  void encode(graph::Encoder& out) const override {
    operation_->encode(out);
    out.integers(in_grid_);
  }
  static graph::LayerPtr decode(graph::Decoder& in, graph::LayerHead head);

 private:
  std::shared_ptr<const SliceOperation> operation_;
  std::vector<int64_t> in_grid_;
};

graph::LayerPtr SliceLayer::decode(graph::Decoder& in, graph::LayerHead head) {
  graph::require_inputs(head, 1);
  auto operation = SliceOperation::read(in);
  std::vector<int64_t> grid = graph::read_grid(in);
  if (graph::grid_size(grid) != head.inputs[0]->size()) throw graph::Decoder::damaged();
  for (const AxisPlan& plan : operation->plans()) {
    if (plan.kind == AxisPlan::Kind::kNew) continue;
    if (plan.input_axis >= grid.size()) throw graph::Decoder::damaged();
    for (const Piece& p : plan.pieces) {
      if (p.block < 0 || p.block >= grid[plan.input_axis]) throw graph::Decoder::damaged();
    }
  }
  return std::make_shared<SliceLayer>(head.token, std::move(head.inputs[0]), std::move(operation),
                                      std::move(grid));
}

// The affine map from output to input blocks, when there is one.
std::optional<graph::BlockMap> affine(const std::vector<AxisPlan>& plans, const Chunks& in,
                                      const Chunks& out) {
  graph::BlockMap map;
  map.grid = out.grid();
  map.strides.assign(map.grid.size(), 0);
  std::vector<int64_t> step(in.ndim(), 1);
  auto in_grid = in.grid();
  for (size_t d = in.ndim(); d-- > 1;) step[d - 1] = step[d] * in_grid[d];
  size_t output = 0;
  for (const AxisPlan& plan : plans) {
    if (plan.kind == AxisPlan::Kind::kNew) {
      ++output;
      continue;
    }
    const auto& pieces = plan.pieces;
    map.offset += pieces[0].block * step[plan.input_axis];
    if (plan.kind == AxisPlan::Kind::kPoint) continue;
    int64_t jump = pieces.size() > 1 ? pieces[1].block - pieces[0].block : 0;
    for (size_t i = 1; i < pieces.size(); ++i) {
      if (pieces[i].block - pieces[i - 1].block != jump) return {};
    }
    map.strides[output++] = jump * step[plan.input_axis];
  }
  return map;
}

class SliceExpr : public ArrayExpr {
 public:
  SliceExpr(const ArrayPtr& x, std::vector<Index> index, std::vector<AxisPlan> plans, Chunks chunks,
            base::Token token, std::string text)
      : ArrayExpr(token, {x}, "getitem", x->dtype(), std::move(chunks)),
        index_(std::move(index)),
        plans_(std::move(plans)),
        text_(std::move(text)) {}
  std::string_view kind() const override { return "Slice"; }
  std::string describe() const override { return "Slice " + text_; }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    return slice(as_array(inputs[0]), index_);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    const Chunks& in = as_array(this->inputs()[0])->chunks();
    auto operation = std::make_shared<const SliceOperation>(plans_, chunks(), text_);
    if (auto map = affine(plans_, in, chunks())) {
      return std::make_shared<graph::BlockwiseLayer>(
          "getitem", token(), operation, chunks().grid(),
          std::vector<graph::BlockwiseLayer::Input>{{inputs[0], *map}});
    }
    return std::make_shared<SliceLayer>(token(), inputs[0], operation, in.grid());
  }

 private:
  std::vector<Index> index_;
  std::vector<AxisPlan> plans_;
  std::string text_;
};

std::string text_of(const std::vector<Index>& index) {
  std::string text;
  for (const Index& i : index) {
    if (!text.empty()) text += ", ";
    if (const auto* point = std::get_if<int64_t>(&i)) {
      text += std::to_string(*point);
    } else if (const auto* r = std::get_if<Range>(&i)) {
      text += std::to_string(r->start) + ":" + std::to_string(r->stop);
      if (r->step != 1) text += ":" + std::to_string(r->step);
    } else {
      text += "None";
    }
  }
  return "[" + text + "]";
}

bool is_whole(const AxisChunks& axis, const Range& r) {
  return r.step == 1 && r.start == 0 && (!axis.known || r.stop == axis.total());
}

}  // namespace

ArrayPtr slice(const ArrayPtr& x, const std::vector<Index>& index) {
  std::vector<AxisPlan> plans;
  std::vector<AxisPtr> axes;
  size_t axis = 0;
  bool whole = true;
  for (const Index& i : index) {
    if (std::holds_alternative<NewAxis>(i)) {
      plans.push_back({AxisPlan::Kind::kNew, 0, {}});
      axes.push_back(make_axis({1}));
      whole = false;
      continue;
    }
    if (axis >= x->ndim()) {
      throw base::index_error("too many indices for array: array is " + std::to_string(x->ndim()) +
                              "-dimensional");
    }
    const AxisPtr& in = x->chunks().axis(axis);
    if (const auto* r = std::get_if<Range>(&i)) {
      bool same = is_whole(*in, *r);
      if (!in->known && !same) {
        throw base::value_error("[getitem] Arrays chunk sizes (" + x->chunks().text() +
                                ") are unknown; call x.compute_chunk_sizes() first");
      }
      whole = whole && same;
      AxisPlan plan{AxisPlan::Kind::kRange, axis, {}};
      if (same) {
        for (size_t b = 0; b < in->sizes.size(); ++b) {
          plan.pieces.push_back({static_cast<int64_t>(b), 0, 1, in->sizes[b]});
        }
        axes.push_back(in);
      } else {
        plan.pieces = range_pieces(*in, *r);
        std::vector<int64_t> sizes;
        for (const Piece& p : plan.pieces) sizes.push_back(p.count);
        axes.push_back(make_axis(std::move(sizes)));
      }
      plans.push_back(std::move(plan));
    } else {
      int64_t at = std::get<int64_t>(i);
      if (!in->known) {
        throw base::value_error("[getitem] Arrays chunk sizes (" + x->chunks().text() +
                                ") are unknown; call x.compute_chunk_sizes() first");
      }
      int64_t block = in->find(at);
      plans.push_back({AxisPlan::Kind::kPoint,
                       axis,
                       {{block, at - in->starts[static_cast<size_t>(block)], 1, 1}}});
      whole = false;
    }
    ++axis;
  }
  for (; axis < x->ndim(); ++axis) {
    const AxisPtr& in = x->chunks().axis(axis);
    AxisPlan plan{AxisPlan::Kind::kRange, axis, {}};
    for (size_t b = 0; b < in->sizes.size(); ++b) {
      plan.pieces.push_back({static_cast<int64_t>(b), 0, 1, in->sizes[b]});
    }
    plans.push_back(std::move(plan));
    axes.push_back(in);
  }
  if (whole) return x;
  std::string text = text_of(index);
  Chunks chunks(std::move(axes));
  base::Tokenizer token("slice");
  token.add(x->token()).add(text);
  start_token(token, x->dtype(), chunks);
  return std::make_shared<SliceExpr>(x, index, std::move(plans), std::move(chunks), token.finish(),
                                     text);
}

void add_indexing_codecs(graph::Codecs& codecs) {
  codecs.operations["array.slice"] = &SliceOperation::decode;
  codecs.layers["array.slice"] = &SliceLayer::decode;
}

namespace {

class PickExpr : public ArrayExpr {
 public:
  PickExpr(const ArrayPtr& x, std::vector<int64_t> numbers, Chunks chunks, base::Token token)
      : ArrayExpr(token, {x}, "blocks", x->dtype(), std::move(chunks)),
        numbers_(std::move(numbers)) {}
  std::string_view kind() const override { return "Blocks"; }
  std::string describe() const override { return "Blocks " + std::to_string(numbers_.size()); }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    base::Tokenizer token("blocks");
    token.add(inputs[0]->token()).add(std::span<const int64_t>(numbers_));
    start_token(token, dtype(), chunks());
    return std::make_shared<PickExpr>(as_array(inputs[0]), numbers_, chunks(), token.finish());
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    return std::make_shared<graph::PickLayer>("blocks", token(), inputs[0], numbers_,
                                              chunks().grid());
  }

 private:
  std::vector<int64_t> numbers_;
};

}  // namespace

ArrayPtr pick_blocks(const ArrayPtr& x, const std::vector<std::vector<int64_t>>& blocks) {
  std::vector<AxisPtr> axes;
  std::vector<int64_t> numbers{0};
  for (size_t d = 0; d < x->ndim(); ++d) {
    const auto& in = x->chunks().axis(d)->sizes;
    std::vector<int64_t> sizes, next;
    for (int64_t b : blocks[d]) {
      if (b < 0 || b >= static_cast<int64_t>(in.size())) {
        throw base::index_error("[blocks] block " + std::to_string(b) +
                                " is out of range for axis " + std::to_string(d) + " with " +
                                std::to_string(in.size()) + " blocks");
      }
      sizes.push_back(in[static_cast<size_t>(b)]);
    }
    for (int64_t n : numbers) {
      for (int64_t b : blocks[d]) next.push_back(n * static_cast<int64_t>(in.size()) + b);
    }
    numbers = std::move(next);
    axes.push_back(make_axis(std::move(sizes)));
  }
  Chunks chunks(std::move(axes));
  base::Tokenizer token("blocks");
  token.add(x->token()).add(std::span<const int64_t>(numbers));
  start_token(token, x->dtype(), chunks);
  return std::make_shared<PickExpr>(x, std::move(numbers), std::move(chunks), token.finish());
}

ArrayPtr with_chunks(const ArrayPtr& x, Chunks chunks) {
  if (chunks.grid() != x->chunks().grid()) {
    throw base::value_error("[chunks] " + chunks.text() + " does not have the blocks of " +
                            x->chunks().text());
  }
  std::vector<int64_t> numbers(static_cast<size_t>(x->block_count()));
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int64_t>(i);
  base::Tokenizer token("with-chunks");
  token.add(x->token());
  start_token(token, x->dtype(), chunks);
  return std::make_shared<PickExpr>(x, std::move(numbers), std::move(chunks), token.finish());
}

}  // namespace dusk::collections::array
