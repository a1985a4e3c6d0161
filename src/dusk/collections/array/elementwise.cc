#include "dusk/collections/array/elementwise.h"

#include <algorithm>
#include <cstring>

#include "dusk/base/error.h"
#include "dusk/collections/array/codecs.h"
#include "dusk/collections/array/fields.h"
#include "dusk/collections/array/rechunk.h"

namespace dusk::collections::array {
namespace kernels = dusk::kernels::array;

std::vector<data::NdArray> arrays_of(graph::Inputs inputs) {
  std::vector<data::NdArray> arrays;
  arrays.reserve(inputs.size());
  for (const data::Value& value : inputs) arrays.push_back(value.array());
  return arrays;
}

ProgramOperation::ProgramOperation(std::string name, kernels::Program program, Chunks chunks)
    : name_(std::move(name)), program_(std::move(program)), chunks_(std::move(chunks)) {}

base::Result<data::Value> ProgramOperation::run(const graph::TaskContext&,
                                                graph::Inputs inputs) const {
  return data::Value(kernels::evaluate(program_, arrays_of(inputs)));
}

int64_t ProgramOperation::bound(int64_t index) const {
  int64_t elements = chunks_.elements(index);
  return elements == kUnknown ? -1 : elements * program_.result_dtype().itemsize;
}

graph::OperationPtr ProgramOperation::absorb(size_t position,
                                             const graph::Operation& producer) const {
  const auto* inner = dynamic_cast<const ProgramOperation*>(&producer);
  if (!inner) return nullptr;
  return std::make_shared<ProgramOperation>(
      name_, kernels::Program::compose(program_, position, inner->program_), chunks_);
}

graph::OperationPtr ProgramOperation::merge_inputs(size_t first, size_t second) const {
  kernels::Program merged = program_;
  merged.merge_inputs(first, second);
  return std::make_shared<ProgramOperation>(name_, std::move(merged), chunks_);
}

void ProgramOperation::encode(graph::Encoder& out) const {
  graph::write_fields(out, name_, program_, chunks_);
}

void add_elementwise_codecs(graph::Codecs& codecs) {
  codecs.operations["array.program"] = [](graph::Decoder& in) -> graph::OperationPtr {
    std::string name = in.string();
    auto program = graph::read_field<kernels::Program>(in);
    return std::make_shared<ProgramOperation>(std::move(name), std::move(program),
                                              graph::read_field<Chunks>(in));
  };
}

namespace {

[[noreturn]] void cannot_broadcast(std::span<const ArrayPtr> arrays) {
  std::string shapes;
  for (const auto& a : arrays) shapes += " " + shape_text(a->shape());
  throw base::value_error("operands could not be broadcast together with shapes" + shapes);
}

bool is_one(const AxisPtr& axis) {
  return axis->known && axis->total() == 1 && axis->sizes.size() == 1;
}

// Axis `label`, counted from the last, of `x`; null when x has fewer.
AxisPtr axis_from_end(const ArrayExpr& x, size_t label) {
  return label < x.ndim() ? x.chunks().axis(x.ndim() - 1 - label) : nullptr;
}

AxisPtr unify_label(std::span<const ArrayPtr> arrays, size_t label) {
  std::vector<AxisPtr> axes;
  int64_t total = kUnknown;
  for (const auto& a : arrays) {
    AxisPtr axis = axis_from_end(*a, label);
    if (!axis) continue;
    axes.push_back(axis);
    if (!axis->known || is_one(axis) || axis->total() == 1) continue;
    if (total != kUnknown && axis->total() != total) cannot_broadcast(arrays);
    total = axis->total();
  }
  if (total != kUnknown) {  // axes of total 1 in several (empty) chunks still broadcast
    std::erase_if(axes, [&](const AxisPtr& a) { return a->known && a->total() == 1; });
  }
  return common_axis(axes);
}

}  // namespace

Unified unify(std::span<const ArrayPtr> arrays) {
  size_t ndim = 0;
  for (const auto& a : arrays) ndim = std::max(ndim, a->ndim());
  std::vector<AxisPtr> axes(ndim);
  for (size_t label = 0; label < ndim; ++label) {
    axes[ndim - 1 - label] = unify_label(arrays, label);
  }
  Unified unified{{}, Chunks(std::move(axes))};
  for (const auto& a : arrays) {
    std::vector<AxisPtr> wanted;
    for (size_t d = 0; d < a->ndim(); ++d) {
      const AxisPtr& own = a->chunks().axis(d);
      const AxisPtr& common = unified.chunks.axis(ndim - a->ndim() + d);
      bool stretched = own->known && own->total() == 1 && !(common->known && common->total() == 1);
      wanted.push_back(stretched ? make_axis({1}) : common);
    }
    unified.arrays.push_back(rechunk(a, Chunks(std::move(wanted))));
  }
  return unified;
}

namespace {

bool is_comparison(const std::string& function) {
  return function == "less" || function == "less_equal" || function == "greater" ||
         function == "greater_equal" || function == "equal" || function == "not_equal";
}

// A Python integer compared with integers that cannot hold it is compared by value (NumPy 2).
bool keeps_its_type(const Scalar& scalar, std::span<const Argument> arguments) {
  if (!scalar.weak || scalar.value.dtype != data::kInt64Type) return false;
  int64_t value;
  std::memcpy(&value, scalar.value.bytes, sizeof value);
  return std::any_of(arguments.begin(), arguments.end(), [&](const Argument& other) {
    const auto* array = std::get_if<ArrayPtr>(&other);
    return array && (*array)->dtype().is_integer() && !kernels::int_fits((*array)->dtype(), value);
  });
}

}  // namespace

ArrayPtr elementwise(const std::string& function, std::span<const Argument> arguments,
                     std::optional<data::DType> dtype) {
  std::vector<kernels::Operand> operands;
  std::vector<ArrayPtr> arrays;
  for (const Argument& argument : arguments) {
    if (const auto* array = std::get_if<ArrayPtr>(&argument)) {
      operands.push_back({(*array)->dtype(), false});
      arrays.push_back(*array);
    } else {
      const auto& scalar = std::get<Scalar>(argument);
      bool by_value = is_comparison(function) && keeps_its_type(scalar, arguments);
      operands.push_back({scalar.value.dtype, scalar.weak && !by_value});
    }
  }
  auto loop = kernels::resolve(function, operands);
  if (!loop || (dtype && loop->result != *dtype)) return nullptr;
  Unified unified = unify(arrays);
  kernels::Program program;
  std::vector<kernels::Register> registers;
  std::vector<BlockwiseInput> inputs;
  base::Tokenizer token("elementwise");
  token.add(function);
  for (const Argument& argument : arguments) {
    if (const auto* scalar = std::get_if<Scalar>(&argument)) {
      registers.push_back(program.constant(scalar->value));
      token.add(scalar->value.dtype.str()).bytes(scalar->value.bytes, sizeof scalar->value.bytes);
      token.add(scalar->weak);
      continue;
    }
    const ArrayPtr& array = unified.arrays[inputs.size()];
    registers.push_back(program.input(array->dtype()));
    std::vector<int> follow(array->ndim());
    for (size_t d = 0; d < array->ndim(); ++d) {
      follow[d] = static_cast<int>(unified.chunks.ndim() - array->ndim() + d);
    }
    token.add(array->token());
    inputs.push_back({array, block_map(unified.chunks, array->chunks(), follow)});
  }
  program.set_result(program.call(*loop, registers));
  start_token(token, loop->result, unified.chunks);
  auto operation = std::make_shared<ProgramOperation>(function, std::move(program), unified.chunks);
  return blockwise("Elementwise", function, token.finish(), std::move(operation), loop->result,
                   unified.chunks, std::move(inputs));
}

ArrayPtr astype(const ArrayPtr& x, const data::DType& dtype) {
  if (x->dtype() == dtype) return x;
  if (!x->dtype().is_numeric() || !dtype.is_numeric()) return nullptr;
  kernels::Program program;
  program.set_result(program.cast(program.input(x->dtype()), dtype));
  base::Tokenizer token("astype");
  token.add(x->token());
  start_token(token, dtype, x->chunks());
  auto operation = std::make_shared<ProgramOperation>("astype", std::move(program), x->chunks());
  return blockwise("Astype", "astype", token.finish(), std::move(operation), dtype, x->chunks(),
                   {{x, graph::BlockMap::identity(x->chunks().grid())}});
}

}  // namespace dusk::collections::array
