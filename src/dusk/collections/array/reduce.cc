#include "dusk/collections/array/reduce.h"

#include <algorithm>
#include <cmath>

#include "dusk/base/error.h"
#include "dusk/collections/array/codecs.h"
#include "dusk/collections/array/elementwise.h"
#include "dusk/collections/array/fields.h"

namespace dusk::collections::array {
namespace {

namespace kernels = dusk::kernels::array;
using data::NdArray;
using data::Value;
using kernels::Finalize;
using kernels::PartialState;
using kernels::ReduceSpec;
using kernels::Reduction;

Value to_value(PartialState state) {
  data::ValueList values;
  for (NdArray& part : state) values.emplace_back(std::move(part));
  return Value(std::move(values));
}

PartialState to_state(const Value& value) {
  PartialState state;
  for (const Value& part : value.list()) state.push_back(part.array());
  return state;
}

// The partial state of one chunk, of the elementwise program that leads to it.
class PartialOperation : public graph::Operation {
 public:
  PartialOperation(std::string name, ReduceSpec spec, kernels::Program program, Chunks chunks)
      : name_(std::move(name)),
        spec_(std::move(spec)),
        program_(std::move(program)),
        chunks_(std::move(chunks)) {}
  std::string name() const override { return name_ + "-partial"; }
  bool index_free() const override { return false; }
  std::string detail() const override { return name_ + " of " + program_.text(); }

  int64_t bound(int64_t index) const override {
    int64_t kept = 1;
    auto shape = chunks_.block_shape(index);
    for (size_t d = 0; d < shape.size(); ++d) {
      if (!spec_.reduced[d]) kept *= shape[d];
    }
    return kept < 0 ? -1 : kept * spec_.dtype.itemsize * 4;
  }

  base::Result<Value> run(const graph::TaskContext& context, graph::Inputs inputs) const override {
    std::vector<int64_t> offset(chunks_.ndim(), 0);
    if (chunks_.known()) offset = chunks_.block_offset(context.index);
    return to_value(
        kernels::reduce_partial(spec_, program_, arrays_of(inputs), offset, chunks_.shape()));
  }

  graph::OperationPtr absorb(size_t position, const graph::Operation& producer) const override {
    const auto* inner = dynamic_cast<const ProgramOperation*>(&producer);
    if (!inner) return nullptr;
    return with(kernels::Program::compose(program_, position, inner->program()));
  }
  graph::OperationPtr merge_inputs(size_t first, size_t second) const override {
    kernels::Program merged = program_;
    merged.merge_inputs(first, second);
    return with(std::move(merged));
  }

  std::string_view codec() const override { return "array.partial"; }
  void encode(graph::Encoder& out) const override {
    graph::write_fields(out, name_, spec_, program_, chunks_);
  }
  static graph::OperationPtr decode(graph::Decoder& in) {
    std::string name = in.string();
    auto spec = graph::read_field<ReduceSpec>(in);
    auto program = graph::read_field<kernels::Program>(in);
    auto chunks = graph::read_field<Chunks>(in);
    if (spec.reduced.size() != chunks.ndim()) throw graph::Decoder::damaged();
    return std::make_shared<PartialOperation>(std::move(name), std::move(spec), std::move(program),
                                              std::move(chunks));
  }

 private:
  graph::OperationPtr with(kernels::Program program) const {
    return std::make_shared<PartialOperation>(name_, spec_, std::move(program), chunks_);
  }
  std::string name_;
  ReduceSpec spec_;
  kernels::Program program_;
  Chunks chunks_;
};

class CombineOperation : public graph::Operation {
 public:
  CombineOperation(std::string name, ReduceSpec spec)
      : name_(std::move(name)), spec_(std::move(spec)) {}
  std::string name() const override { return name_ + "-combine"; }
  base::Result<Value> run(const graph::TaskContext&, graph::Inputs inputs) const override {
    if (inputs.size() == 1) return inputs[0];
    std::vector<PartialState> states;
    for (const Value& value : inputs) states.push_back(to_state(value));
    return to_value(kernels::combine(spec_, states));
  }
  std::string_view codec() const override { return "array.combine"; }
  void encode(graph::Encoder& out) const override { graph::write_fields(out, name_, spec_); }
  static graph::OperationPtr decode(graph::Decoder& in) {
    std::string name = in.string();
    return std::make_shared<CombineOperation>(std::move(name), graph::read_field<ReduceSpec>(in));
  }

 private:
  std::string name_;
  ReduceSpec spec_;
};

class FinalizeOperation : public graph::Operation {
 public:
  FinalizeOperation(std::string name, ReduceSpec spec, Finalize how, bool keepdims)
      : name_(std::move(name)), spec_(std::move(spec)), how_(how), keepdims_(keepdims) {}
  std::string name() const override { return name_; }
  base::Result<Value> run(const graph::TaskContext&, graph::Inputs inputs) const override {
    NdArray result = kernels::finalize(spec_, how_, to_state(inputs[0]));
    if (!keepdims_) {
      for (size_t d = spec_.reduced.size(); d-- > 0;) {
        if (spec_.reduced[d]) result = result.squeeze(d);
      }
    }
    return Value(std::move(result));
  }
  std::string_view codec() const override { return "array.finalize"; }
  void encode(graph::Encoder& out) const override {
    graph::write_fields(out, name_, spec_, how_, keepdims_);
  }
  static graph::OperationPtr decode(graph::Decoder& in) {
    std::string name = in.string();
    auto spec = graph::read_field<ReduceSpec>(in);
    auto how = graph::read_field<Finalize>(in);
    return std::make_shared<FinalizeOperation>(std::move(name), std::move(spec), how, in.boolean());
  }

 private:
  std::string name_;
  ReduceSpec spec_;
  Finalize how_;
  bool keepdims_;
};

// Chunks of the states: one block of length 1 on reduced axes.
Chunks state_chunks(const Chunks& chunks, const std::vector<bool>& reduced) {
  std::vector<AxisPtr> axes = chunks.axes();
  for (size_t d = 0; d < axes.size(); ++d) {
    if (reduced[d]) axes[d] = make_axis({1});
  }
  return Chunks(std::move(axes));
}

// The node whose blocks are fully combined states.
class StateExpr : public graph::Expr {
 public:
  StateExpr(const ArrayPtr& x, std::string name, ReduceSpec spec, std::vector<int64_t> split,
            base::Token token)
      : Expr(token, {x}),
        name_(std::move(name)),
        spec_(std::move(spec)),
        split_(std::move(split)),
        chunks_(state_chunks(x->chunks(), spec_.reduced)) {}
  std::string_view kind() const override { return "ReduceState"; }
  std::string describe() const override { return "ReduceState " + name_; }
  int64_t block_count() const override { return chunks_.block_count(); }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override;

  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    const ArrayPtr x = as_array(this->inputs()[0]);
    kernels::Program program;
    program.set_result(program.input(x->dtype()));
    auto grid = x->chunks().grid();
    graph::LayerPtr layer = std::make_shared<graph::BlockwiseLayer>(
        name_ + "-partial", token(),
        std::make_shared<PartialOperation>(name_, spec_, std::move(program), x->chunks()), grid,
        std::vector<graph::BlockwiseLayer::Input>{{inputs[0], graph::BlockMap::identity(grid)}});
    auto combine = std::make_shared<CombineOperation>(name_, spec_);
    for (int round = 0; layer->grid() != chunks_.grid(); ++round) {
      base::Tokenizer token("combine");
      token.add(this->token()).add(round);
      layer = std::make_shared<graph::TreeReduceLayer>(name_ + "-combine", token.finish(), combine,
                                                       layer, layer->grid(), split_);
    }
    return layer;
  }

  const ReduceSpec& spec() const { return spec_; }
  const Chunks& chunks() const { return chunks_; }

 private:
  std::string name_;
  ReduceSpec spec_;
  std::vector<int64_t> split_;  // per axis; 1 on kept axes
  Chunks chunks_;
};

graph::ExprPtr make_state(const ArrayPtr& x, const std::string& name, const ReduceSpec& spec,
                          const std::vector<int64_t>& split) {
  base::Tokenizer token("reduce-state");
  token.add(x->token()).add(static_cast<int>(spec.kind)).add(spec.dtype.str()).add(spec.has_m2);
  for (bool r : spec.reduced) token.add(r);
  token.add(std::span<const int64_t>(split));
  return std::make_shared<StateExpr>(x, name, spec, split, token.finish());
}

graph::ExprPtr StateExpr::with_inputs(std::vector<graph::ExprPtr> inputs) const {
  return make_state(as_array(inputs[0]), name_, spec_, split_);
}

bool is_arg(Reduction kind) {
  return kind == Reduction::kArgMin || kind == Reduction::kArgMax ||
         kind == Reduction::kNanArgMin || kind == Reduction::kNanArgMax;
}
bool is_moments(Reduction kind) {
  return kind == Reduction::kMoments || kind == Reduction::kNanMoments;
}
bool is_extreme(Reduction kind) {
  return kind == Reduction::kMin || kind == Reduction::kMax || kind == Reduction::kNanMin ||
         kind == Reduction::kNanMax;
}

std::vector<int64_t> splits(const ReduceArguments& arguments) {
  auto axes = std::count(arguments.reduced.begin(), arguments.reduced.end(), true);
  auto each = std::max<int64_t>(
      static_cast<int64_t>(std::pow(4.0, 1.0 / static_cast<double>(std::max<int64_t>(axes, 1)))),
      2);
  std::vector<int64_t> split;
  for (size_t d = 0; d < arguments.reduced.size(); ++d) {
    bool given = !arguments.split_every.empty();
    int64_t wanted = given ? std::max<int64_t>(arguments.split_every[d], 2) : each;
    split.push_back(arguments.reduced[d] ? wanted : 1);
  }
  return split;
}

void refuse_empty(const ArrayExpr& x, Reduction kind, const ReduceArguments& arguments) {
  if (!is_extreme(kind) && !is_arg(kind)) return;
  for (size_t d = 0; d < x.ndim(); ++d) {
    if (!arguments.reduced[d] || x.chunks().axis(d)->total() != 0) continue;
    if (is_arg(kind)) {
      throw base::value_error("attempt to get " + arguments.function + " of an empty sequence");
    }
    bool minimum = kind == Reduction::kMin || kind == Reduction::kNanMin;
    throw base::value_error(std::string("zero-size array to reduction operation ") +
                            (minimum ? "minimum" : "maximum") + " which has no identity");
  }
}

Finalize finalize_for(const ReduceArguments& arguments, Reduction kind, const data::DType& dtype) {
  Finalize how;
  how.dtype = dtype;
  how.ddof = arguments.ddof;
  if (is_arg(kind)) how.kind = Finalize::Kind::kArg;
  if (is_moments(kind)) {
    const std::string& f = arguments.function;
    how.kind = f.ends_with("mean")  ? Finalize::Kind::kMean
               : f.ends_with("var") ? Finalize::Kind::kVar
                                    : Finalize::Kind::kStd;
  }
  return how;
}

}  // namespace

void add_reduce_codecs(graph::Codecs& codecs) {
  codecs.operations["array.partial"] = &PartialOperation::decode;
  codecs.operations["array.combine"] = &CombineOperation::decode;
  codecs.operations["array.finalize"] = &FinalizeOperation::decode;
}

ArrayPtr reduce(const ArrayPtr& x, const ReduceArguments& arguments) {
  auto kind = kernels::reduction_named(arguments.function);
  if (!kind) return nullptr;
  // NumPy looks for NaN only: to nanargmin and nanargmax NaT is what it is to argmin and argmax.
  if (x->dtype().is_time() && *kind == Reduction::kNanArgMin) kind = Reduction::kArgMin;
  if (x->dtype().is_time() && *kind == Reduction::kNanArgMax) kind = Reduction::kArgMax;
  // Squares of complex deviations have no kernel; means of complex numbers do without them.
  bool has_m2 = arguments.function != "mean" || !x->dtype().is_complex();
  if (!kernels::reduction_supported(*kind, x->dtype(), has_m2)) return nullptr;
  refuse_empty(*x, *kind, arguments);
  ReduceSpec spec{*kind, arguments.reduced, kernels::reduction_dtype(*kind, x->dtype()), has_m2};
  data::DType result = is_arg(*kind) ? data::kInt64Type : spec.dtype;
  ArrayPtr input = x;
  if (arguments.dtype && !is_arg(*kind) && *arguments.dtype != result) {
    if (!kernels::reduction_supported(*kind, *arguments.dtype, has_m2)) return nullptr;
    input = astype(x, *arguments.dtype);
    if (!input) return nullptr;
    spec.dtype = *arguments.dtype;
    result = *arguments.dtype;
    if (is_moments(*kind) && !result.is_float()) return nullptr;
  }
  Finalize how = finalize_for(arguments, *kind, result);
  std::string state_name = is_moments(*kind) ? "moments" : arguments.function;
  graph::ExprPtr state = make_state(input, state_name, spec, splits(arguments));
  Chunks kept = state_chunks(x->chunks(), arguments.reduced);
  std::vector<AxisPtr> axes;
  for (size_t d = 0; d < x->ndim(); ++d) {
    if (!arguments.reduced[d] || arguments.keepdims) axes.push_back(kept.axis(d));
  }
  Chunks chunks(std::move(axes));
  base::Tokenizer token("reduce");
  token.add(state->token()).add(arguments.function).add(arguments.ddof).add(arguments.keepdims);
  start_token(token, result, chunks);
  // Kept blocks keep their order, so the map from result to state blocks is by number.
  graph::BlockMap map = graph::BlockMap::identity(chunks.grid());
  auto operation =
      std::make_shared<FinalizeOperation>(arguments.function, spec, how, arguments.keepdims);
  return blockwise("Reduce", arguments.function, token.finish(), std::move(operation), result,
                   std::move(chunks), {{state, std::move(map)}});
}

}  // namespace dusk::collections::array
