// Elements at given positions of one axis.
#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/collections/array/codecs.h"
#include "dusk/collections/array/fields.h"
#include "dusk/collections/array/indexing.h"

namespace dusk::collections::array {
namespace {

using data::NdArray;
using data::Value;

// Where one output block finds its elements: per input block, the positions in and out.
struct TakePlan {
  std::vector<int64_t> indices;
  size_t axis;
  Chunks in, out;

  void encode(graph::Encoder& to) const {
    to.integers(indices);
    graph::write_fields(to, static_cast<int64_t>(axis), in, out);
  }
  static std::shared_ptr<const TakePlan> decode(graph::Decoder& from);

  std::vector<int64_t> blocks_of(int64_t out_block) const {
    const AxisChunks& target = *out.axis(axis);
    auto first = indices.begin() + target.starts[static_cast<size_t>(out_block)];
    auto last = indices.begin() + target.starts[static_cast<size_t>(out_block) + 1];
    std::vector<int64_t> blocks;
    for (auto i = first; i != last; ++i) blocks.push_back(in.axis(axis)->find(*i));
    std::sort(blocks.begin(), blocks.end());
    blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
    if (blocks.empty()) blocks.push_back(0);
    return blocks;
  }
};

std::shared_ptr<const TakePlan> TakePlan::decode(graph::Decoder& from) {
  auto plan = std::make_shared<TakePlan>();
  plan->indices = from.integers();
  auto axis = from.integer(0, INT64_MAX);
  plan->axis = static_cast<size_t>(axis);
  plan->in = graph::read_field<Chunks>(from);
  plan->out = graph::read_field<Chunks>(from);
  std::vector<int64_t> in = plan->in.shape(), out = plan->out.shape();
  bool fits = in.size() == out.size() && plan->axis < in.size() && plan->in.known() &&
              plan->out.known() && out[plan->axis] == static_cast<int64_t>(plan->indices.size());
  for (size_t d = 0; fits && d < in.size(); ++d) {
    fits = d == plan->axis || plan->in.axis(d)->sizes == plan->out.axis(d)->sizes;
  }
  if (!fits) throw graph::Decoder::damaged();
  for (int64_t i : plan->indices) {
    if (i < 0 || i >= in[plan->axis]) throw graph::Decoder::damaged();
  }
  return plan;
}

class TakeOperation : public graph::Operation {
 public:
  TakeOperation(std::shared_ptr<const TakePlan> plan, data::DType dtype)
      : plan_(std::move(plan)), dtype_(dtype) {}
  std::string name() const override { return "take"; }
  bool index_free() const override { return false; }
  int64_t bound(int64_t index) const override {
    return plan_->out.elements(index) * dtype_.itemsize;
  }
  base::Result<Value> run(const graph::TaskContext& context, graph::Inputs inputs) const override {
    size_t axis = plan_->axis;
    int64_t block = plan_->out.coordinates(context.index)[axis];
    auto blocks = plan_->blocks_of(block);
    data::Dims shape = inputs[0].array().shape();
    const AxisChunks& target = *plan_->out.axis(axis);
    shape[axis] = target.sizes[static_cast<size_t>(block)];
    NdArray result = NdArray::empty(dtype_, shape);
    int64_t first = target.starts[static_cast<size_t>(block)];
    const AxisChunks& source = *plan_->in.axis(axis);
    for (int64_t i = 0; i < shape[axis]; ++i) {
      int64_t position = plan_->indices[static_cast<size_t>(first + i)];
      int64_t from = source.find(position);
      auto slot = std::lower_bound(blocks.begin(), blocks.end(), from) - blocks.begin();
      NdArray to = result.select(axis, i);
      data::copy_elements(inputs[static_cast<size_t>(slot)].array().select(
                              axis, position - source.starts[static_cast<size_t>(from)]),
                          to);
    }
    return Value(std::move(result));
  }
  std::string_view codec() const override { return "array.take"; }
  void encode(graph::Encoder& out) const override {
    out.dtype(dtype_);
    plan_->encode(out);
  }
  static graph::OperationPtr decode(graph::Decoder& in) {
    data::DType dtype = in.dtype();
    return std::make_shared<TakeOperation>(TakePlan::decode(in), dtype);
  }

 private:
  std::shared_ptr<const TakePlan> plan_;
  data::DType dtype_;
};

class TakeLayer : public graph::Layer {
 public:
  TakeLayer(base::Token token, graph::LayerPtr input, std::shared_ptr<const TakePlan> plan,
            data::DType dtype)
      : Layer("take", token, {std::move(input)}), plan_(plan), operation_(std::move(plan), dtype) {}
  std::string_view kind() const override { return "take"; }
  int64_t size() const override { return plan_->out.block_count(); }
  std::vector<int64_t> grid() const override { return plan_->out.grid(); }
  std::string label(int64_t index) const override { return graph::grid_label(index, grid()); }
  const graph::Operation& operation(int64_t) const override { return operation_; }
  void dependencies(int64_t index, std::vector<graph::Dependency>& out) const override {
    Coordinates at = plan_->out.coordinates(index);
    auto in_grid = plan_->in.grid();
    for (int64_t block : plan_->blocks_of(at[plan_->axis])) {
      int64_t linear = 0;
      for (size_t d = 0; d < at.size(); ++d) {
        linear = linear * in_grid[d] + (d == plan_->axis ? block : at[d]);
      }
      out.push_back({0, linear});
    }
  }
  std::string_view codec() const override { return "array.take"; }
  void encode(graph::Encoder& out) const override { operation_.encode(out); }
  static graph::LayerPtr decode(graph::Decoder& in, graph::LayerHead head) {
    graph::require_inputs(head, 1);
    data::DType dtype = in.dtype();
    auto plan = TakePlan::decode(in);
    if (plan->in.block_count() != head.inputs[0]->size()) throw graph::Decoder::damaged();
    return std::make_shared<TakeLayer>(head.token, std::move(head.inputs[0]), std::move(plan),
                                       dtype);
  }

 private:
  std::shared_ptr<const TakePlan> plan_;
  TakeOperation operation_;
};

class TakeExpr : public ArrayExpr {
 public:
  TakeExpr(const ArrayPtr& x, std::shared_ptr<const TakePlan> plan, base::Token token)
      : ArrayExpr(token, {x}, "take", x->dtype(), plan->out), plan_(std::move(plan)) {}
  std::string_view kind() const override { return "Take"; }
  std::string describe() const override {
    return "Take " + std::to_string(plan_->indices.size()) + " of axis " +
           std::to_string(plan_->axis);
  }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    return take(as_array(inputs[0]), plan_->indices, plan_->axis);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    return std::make_shared<TakeLayer>(token(), inputs[0], plan_, dtype());
  }

 private:
  std::shared_ptr<const TakePlan> plan_;
};

// Dask's rule: pieces as long as the average chunk, joined while the result stays within a quarter
// more than that. An axis taken whole and in order keeps its chunks.
std::vector<int64_t> take_chunks(const std::vector<int64_t>& indices, const AxisChunks& in) {
  constexpr double kTolerance = 1.25;
  if (indices.empty()) return {0};
  int64_t total = in.total();
  auto count = static_cast<int64_t>(indices.size());
  bool whole = count == total && std::is_sorted(indices.begin(), indices.end()) &&
               std::adjacent_find(indices.begin(), indices.end()) == indices.end();
  if (whole) return in.sizes;
  auto blocks = static_cast<int64_t>(in.sizes.size());
  int64_t average = std::max<int64_t>(total / blocks, 1);
  auto limit =
      static_cast<int64_t>(static_cast<double>(total) / static_cast<double>(blocks) * kTolerance);
  std::vector<int64_t> sizes;
  int64_t current = 0;
  for (int64_t done = 0; done < count; done += average) {
    int64_t piece = std::min(average, count - done);
    if (current > 0 && current + piece > limit) {
      sizes.push_back(current);
      current = piece;
      continue;
    }
    current += piece;
    if (static_cast<double>(current) > static_cast<double>(limit) / kTolerance) {
      sizes.push_back(current);
      current = 0;
    }
  }
  if (current > 0) sizes.push_back(current);
  return sizes;
}

}  // namespace

void add_taking_codecs(graph::Codecs& codecs) {
  codecs.operations["array.take"] = &TakeOperation::decode;
  codecs.layers["array.take"] = &TakeLayer::decode;
}

ArrayPtr take(const ArrayPtr& x, const std::vector<int64_t>& indices, size_t axis) {
  require_known("take", *x);
  auto plan = std::make_shared<TakePlan>();
  std::vector<AxisPtr> axes = x->chunks().axes();
  axes[axis] = make_axis(take_chunks(indices, *axes[axis]));
  *plan = {indices, axis, x->chunks(), Chunks(std::move(axes))};
  base::Tokenizer token("take");
  token.add(x->token()).add(axis).add(std::span<const int64_t>(indices));
  return std::make_shared<TakeExpr>(x, std::move(plan), token.finish());
}

}  // namespace dusk::collections::array
