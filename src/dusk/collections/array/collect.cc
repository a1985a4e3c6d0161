#include "dusk/collections/array/collect.h"

#include <algorithm>
#include <utility>

#include "dusk/collections/array/elementwise.h"
#include "dusk/collections/array/map_blocks.h"

namespace dusk::collections::array {
namespace {

using data::NdArray;
using data::Value;
namespace kernels = dusk::kernels::array;

// The final array, and which part of it is whose.
struct Destination {
  NdArray whole;
  Chunks chunks;

  NdArray part(int64_t index) const {
    NdArray view = whole;
    auto offset = chunks.block_offset(index);
    auto shape = chunks.block_shape(index);
    for (size_t d = 0; d < shape.size(); ++d) view = view.slice(d, offset[d], 1, shape[d]);
    return view;
  }
};
using DestinationPtr = std::shared_ptr<Destination>;

// Nothing when the block was put in its place, else the block.
class Store : public graph::Operation {
 public:
  explicit Store(DestinationPtr to) : to_(std::move(to)) {}
  std::string name() const override { return "store"; }
  bool index_free() const override { return false; }
  int64_t bound(int64_t) const override { return 0; }
  base::Result<Value> run(const graph::TaskContext& context, graph::Inputs inputs) const override {
    if (!inputs[0].is_array()) return inputs[0];
    const NdArray& block = inputs[0].array();
    NdArray target = to_->part(context.index);
    if (block.dtype() != target.dtype() || block.shape() != target.shape()) return inputs[0];
    data::copy_elements(block, target);
    return Value();
  }
  graph::OperationPtr absorb(size_t position, const graph::Operation& producer) const override;

 private:
  DestinationPtr to_;
};

class StoreProgram : public graph::Operation {
 public:
  StoreProgram(DestinationPtr to, std::string name, kernels::Program program)
      : to_(std::move(to)), name_(std::move(name)), program_(std::move(program)) {}
  std::string name() const override { return name_; }
  bool index_free() const override { return false; }
  int64_t bound(int64_t) const override { return 0; }
  std::string detail() const override { return program_.text() + ", into the result"; }
  base::Result<Value> run(const graph::TaskContext& context, graph::Inputs inputs) const override {
    NdArray target = to_->part(context.index);
    kernels::evaluate_into(program_, arrays_of(inputs), target);
    return Value();
  }
  graph::OperationPtr absorb(size_t position, const graph::Operation& producer) const override {
    const auto* inner = dynamic_cast<const ProgramOperation*>(&producer);
    if (!inner) return nullptr;
    return std::make_shared<StoreProgram>(
        to_, name_, kernels::Program::compose(program_, position, inner->program()));
  }
  graph::OperationPtr merge_inputs(size_t first, size_t second) const override {
    kernels::Program merged = program_;
    merged.merge_inputs(first, second);
    return std::make_shared<StoreProgram>(to_, name_, std::move(merged));
  }

 private:
  DestinationPtr to_;
  std::string name_;
  kernels::Program program_;
};

graph::OperationPtr Store::absorb(size_t, const graph::Operation& producer) const {
  const auto* inner = dynamic_cast<const ProgramOperation*>(&producer);
  if (!inner || inner->program().result_dtype() != to_->whole.dtype()) return nullptr;
  return std::make_shared<StoreProgram>(to_, inner->name(), inner->program());
}

class CollectExpr : public ArrayExpr {
 public:
  CollectExpr(const ArrayPtr& x, DestinationPtr to, base::Token token)
      : ArrayExpr(token, {x}, x->prefix(), x->dtype(), x->chunks()), to_(std::move(to)) {}
  std::string_view kind() const override { return "Collect"; }
  std::string describe() const override { return "Collect"; }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    base::Tokenizer token("collect");
    token.add(inputs[0]->token());
    return std::make_shared<CollectExpr>(as_array(inputs[0]), to_, token.finish());
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    auto grid = chunks().grid();
    return std::make_shared<graph::BlockwiseLayer>(
        prefix(), token(), std::make_shared<Store>(to_), grid,
        std::vector<graph::BlockwiseLayer::Input>{{inputs[0], graph::BlockMap::identity(grid)}});
  }
  const DestinationPtr& destination() const { return to_; }

 private:
  DestinationPtr to_;
};

}  // namespace

ArrayPtr collect(const ArrayPtr& x) {
  if (x->block_count() < 2 || !x->chunks().known() || x->dtype().is_object()) return x;
  auto to = std::make_shared<Destination>();
  to->chunks = x->chunks();
  to->whole = NdArray::empty(x->dtype(), to_dims(x->shape()));
  base::Tokenizer token("collect");
  token.add(x->token());
  return std::make_shared<CollectExpr>(x, std::move(to), token.finish());
}

bool is_collected(const ArrayExpr& x) { return dynamic_cast<const CollectExpr*>(&x) != nullptr; }

data::NdArray collected(const ArrayExpr& x, const data::ValueList& blocks) {
  Destination& to = *static_cast<const CollectExpr&>(x).destination();
  bool all = std::all_of(blocks.begin(), blocks.end(), [](const Value& v) { return v.is_none(); });
  if (all) return std::exchange(to.whole, NdArray());  // the caller is its only owner
  return assemble(x.chunks(), x.dtype(), collected_blocks(x, blocks));
}

data::ValueList collected_blocks(const ArrayExpr& x, data::ValueList blocks) {
  const Destination& to = *static_cast<const CollectExpr&>(x).destination();
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].is_none()) blocks[i] = Value(to.part(static_cast<int64_t>(i)));
  }
  return blocks;
}

}  // namespace dusk::collections::array
