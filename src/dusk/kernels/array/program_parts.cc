// Programs out of instructions that somebody else put together.
#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/kernels/array/kernel.h"
#include "dusk/kernels/array/program.h"

namespace dusk::kernels::array {
namespace {

using data::DType;
using data::TypeCode;
using Instruction = Program::Instruction;
using Kind = Instruction::Kind;

base::Error unfit(const char* why) {
  return base::value_error(std::string("[program] an instruction does not fit: ") + why);
}

bool computes(const DType& dtype) { return dtype.is_numeric() || dtype.is_time(); }

// Whether a register of `dtype` is what a kernel of `code` reads or writes: times are integers of
// their width.
bool holds(const DType& dtype, TypeCode code) {
  if (dtype.code == code) return true;
  DType wanted = code <= TypeCode::kComplex128 ? DType::of(code) : data::kInt64Type;
  bool integers = (dtype.is_time() || dtype.is_integer()) && wanted.is_integer();
  return integers && dtype.itemsize == wanted.itemsize;
}

// The type of argument `i`, which an earlier instruction made.
const DType& argument_type(const std::vector<Instruction>& before, const Instruction& i,
                           size_t argument) {
  Register r = i.arguments[argument];
  if (r < 0 || static_cast<size_t>(r) >= before.size()) throw unfit("it reads a later one");
  return before[static_cast<size_t>(r)].dtype;
}

void require_unused(const Instruction& i, size_t first) {
  for (; first < 3; ++first) {
    if (i.arguments[first] != -1) throw unfit("it has more arguments than it reads");
  }
}

void check_call(const std::vector<Instruction>& before, const Instruction& i) {
  const KernelRow& row = kernel_row(i.opcode);
  auto arity = static_cast<size_t>(facts(row.function).arity);
  bool time_step = row.function == Function::kScaleTime || row.function == Function::kFloorTime;
  bool internal = facts(row.function).family == Family::kInternal;
  if (arity > 3 || (internal && !time_step)) throw unfit("programs do not call this kernel");
  for (size_t a = 0; a < arity; ++a) {
    if (!holds(argument_type(before, i, a), row.arguments[a])) throw unfit("an argument's type");
  }
  require_unused(i, arity);
  if (!holds(i.dtype, row.result)) throw unfit("the result's type");
  if (!time_step) return;
  const Instruction& factor = before[static_cast<size_t>(i.arguments[1])];
  bool zero = std::all_of(factor.constant.bytes, factor.constant.bytes + 8,
                          [](std::byte b) { return b == std::byte{0}; });
  if (factor.kind != Kind::kConstant || zero) throw unfit("times are scaled by constants");
}

void check_cast(const std::vector<Instruction>& before, const Instruction& i) {
  const DType& from = argument_type(before, i, 0);
  require_unused(i, 1);
  if (i.opcode < 0) {
    if (from.itemsize != i.dtype.itemsize) throw unfit("bits taken as wider ones");
    return;
  }
  const KernelRow& row = kernel_row(i.opcode);
  if (row.function != Function::kCast) throw unfit("a cast by another kernel");
  if (!holds(from, row.arguments[0]) || !holds(i.dtype, row.result)) throw unfit("a cast's types");
}

}  // namespace

Program Program::from_instructions(std::vector<Instruction> instructions, Register result) {
  Program program;
  int32_t inputs = 0;
  for (Instruction& i : instructions) {
    const auto& before = program.instructions_;
    if (!computes(i.dtype)) throw unfit("its dtype has no kernels");
    switch (i.kind) {
      case Kind::kInput:
        if (i.input != inputs++) throw unfit("inputs are numbered in order");
        require_unused(i, 0);
        break;
      case Kind::kConstant:
        if (i.constant.dtype != i.dtype) throw unfit("a constant of another dtype");
        require_unused(i, 0);
        break;
      case Kind::kCall: check_call(before, i); break;
      case Kind::kCast: check_cast(before, i); break;
    }
    program.instructions_.push_back(i);
  }
  if (result < 0 || static_cast<size_t>(result) >= program.instructions_.size()) {
    throw unfit("the result is none of them");
  }
  program.result_ = result;
  return program;
}

}  // namespace dusk::kernels::array
