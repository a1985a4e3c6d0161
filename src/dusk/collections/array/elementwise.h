// Functions of single elements: NumPy's ufuncs, where, clip, astype.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>

#include "dusk/collections/array/array_expr.h"
#include "dusk/kernels/array/program.h"

namespace dusk::collections::array {

// A number, weak when it was a Python scalar (NEP 50).
struct Scalar {
  kernels::array::Constant value;
  bool weak = false;
};
using Argument = std::variant<ArrayPtr, Scalar>;

// NumPy's `function` over broadcast arguments; null when there is no native loop (for the wanted
// result dtype). Chunks are unified as Dask does. Throws ValueError for shapes that do not
// broadcast and TypeError for dtypes that NumPy refuses.
ArrayPtr elementwise(const std::string& function, std::span<const Argument> arguments,
                     std::optional<data::DType> dtype = {});
// Null when there is no native cast.
ArrayPtr astype(const ArrayPtr& x, const data::DType& dtype);

// Arrays cut alike along every axis on which they are not broadcast, and the chunks of what they
// broadcast to.
struct Unified {
  std::vector<ArrayPtr> arrays;
  Chunks chunks;
};
Unified unify(std::span<const ArrayPtr> arrays);

// The operation behind elementwise layers.
class ProgramOperation : public graph::Operation {
 public:
  ProgramOperation(std::string name, kernels::array::Program program, Chunks chunks);
  std::string name() const override { return name_; }
  base::Result<data::Value> run(const graph::TaskContext& context,
                                graph::Inputs inputs) const override;
  int64_t bound(int64_t index) const override;
  std::string detail() const override { return program_.text(); }
  graph::OperationPtr absorb(size_t position, const graph::Operation& producer) const override;
  graph::OperationPtr merge_inputs(size_t first, size_t second) const override;
  const kernels::array::Program& program() const { return program_; }
  std::string_view codec() const override { return "array.program"; }
  void encode(graph::Encoder& out) const override;

 private:
  std::string name_;
  kernels::array::Program program_;
  Chunks chunks_;
};

// The arrays of a task's inputs.
std::vector<data::NdArray> arrays_of(graph::Inputs inputs);

}  // namespace dusk::collections::array
