#include "dusk/kernels/array/program.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "dusk/base/check.h"
#include "dusk/base/error.h"
#include "dusk/kernels/array/kernel.h"
#include "dusk/kernels/array/simplify.h"

namespace dusk::kernels::array {

using data::DType;
using data::TypeCode;
using Kind = Program::Instruction::Kind;

namespace {

bool equal(const Program::Instruction& a, const Program::Instruction& b) {
  return a.kind == b.kind && a.opcode == b.opcode && a.dtype == b.dtype && a.input == b.input &&
         std::equal(a.arguments, a.arguments + 3, b.arguments) && a.constant == b.constant;
}

Constant fold(const KernelRow& row, const DType& result, std::span<const Constant* const> values) {
  Constant c;
  c.dtype = result;
  const void* arguments[3] = {};
  for (size_t i = 0; i < values.size(); ++i) arguments[i] = values[i]->bytes;
  row.kernel(arguments, c.bytes, 1, 0);
  return c;
}

double float_value(const Constant& c) {
  double d = 0;
  float f = 0;
  std::memcpy(&d, c.bytes, sizeof d);
  std::memcpy(&f, c.bytes, sizeof f);
  return c.dtype.code == TypeCode::kFloat32 ? f : d;
}

}  // namespace

Register Program::emit(Instruction instruction) {
  for (size_t r = 0; r < instructions_.size(); ++r) {
    if (instruction.kind != Kind::kInput && equal(instructions_[r], instruction)) {
      return static_cast<Register>(r);
    }
  }
  instructions_.push_back(instruction);
  return static_cast<Register>(instructions_.size() - 1);
}

Register Program::emit_kernel(Kind kind, int opcode, DType dtype,
                              std::span<const Register> arguments) {
  Instruction instruction;
  instruction.kind = kind;
  instruction.opcode = static_cast<int16_t>(opcode);
  instruction.dtype = dtype;
  const Constant* values[3] = {};
  bool constant = opcode >= 0;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Instruction& from = instructions_[static_cast<size_t>(arguments[i])];
    instruction.arguments[i] = arguments[i];
    values[i] = &from.constant;
    constant &= from.kind == Kind::kConstant;
  }
  if (!constant) return emit(instruction);
  return this->constant(fold(kernel_row(opcode), dtype, {values, arguments.size()}));
}

Register Program::input(DType dtype) {
  Instruction instruction;
  instruction.kind = Kind::kInput;
  instruction.dtype = dtype;
  instruction.input = static_cast<int32_t>(input_count());
  return emit(instruction);
}

Register Program::constant(const Constant& value) {
  Instruction instruction;
  instruction.kind = Kind::kConstant;
  instruction.dtype = value.dtype;
  instruction.constant = value;
  return emit(instruction);
}

// x ** 2 and the like without pow(). What NumPy's own operator does, and cubes.
Register Program::raise(Register base, const Constant& exponent, const Loop& loop) {
  const DType& type = loop.result;
  if (!type.is_float() || type.code == TypeCode::kFloat16) return -1;
  Loop unary{"square", {type}, type};
  Loop product{"multiply", {type, type}, type};
  double e = float_value(exponent);
  if (e == 1) return base;
  if (e == 2) return call(unary, {&base, 1});
  if (e == 3) {
    Register both[2] = {call(unary, {&base, 1}), base};
    return call(product, both);
  }
  if (e == 0.5)
    unary.function = "sqrt";
  else if (e == -1)
    unary.function = "reciprocal";
  else
    return -1;
  return call(unary, {&base, 1});
}

Register Program::call(const Loop& loop, std::span<const Register> arguments) {
  Function function = function_named(loop.function);
  DUSK_CHECK(function != Function::kCount && arguments.size() == loop.arguments.size() &&
                 arguments.size() <= 3,
             "a loop that resolve() did not make");
  bool single = computes_in_single(function, loop.arguments);
  Register cast_arguments[3] = {-1, -1, -1};
  TypeCode codes[3] = {};
  for (size_t i = 0; i < arguments.size(); ++i) {
    bool half = single && loop.arguments[i].code == TypeCode::kFloat16;
    DType type = half ? data::kFloat32Type : loop.arguments[i];
    cast_arguments[i] = cast(arguments[i], loop.arguments[i]);
    if (half) cast_arguments[i] = cast(cast_arguments[i], type);
    codes[i] = type.code;
  }
  if (is_identity(function, loop.arguments[0])) return cast(cast_arguments[0], loop.result);
  function = canonical(function, loop.arguments[0]);
  std::span<const Register> operands(cast_arguments, arguments.size());
  if (function == Function::kPower) {
    const Instruction& exponent = instructions_[static_cast<size_t>(operands[1])];
    if (exponent.kind == Kind::kConstant) {
      Register quick = raise(operands[0], Constant(exponent.constant), loop);
      if (quick >= 0) return quick;
    }
  }
  int opcode = find_kernel(function, codes);
  DUSK_CHECK(opcode >= 0, "no kernel of the loop " + std::string(loop.function));
  bool narrow = single && loop.result.code == TypeCode::kFloat16;
  DType computed = narrow ? data::kFloat32Type : loop.result;
  return cast(emit_kernel(Kind::kCall, opcode, computed, operands), loop.result);
}

size_t Program::input_count() const {
  return static_cast<size_t>(
      std::count_if(instructions_.begin(), instructions_.end(),
                    [](const Instruction& i) { return i.kind == Kind::kInput; }));
}

DType Program::input_dtype(size_t i) const {
  for (const Instruction& instruction : instructions_) {
    if (instruction.kind == Kind::kInput && instruction.input == static_cast<int32_t>(i)) {
      return instruction.dtype;
    }
  }
  DUSK_CHECK(false, "no such input");
}

DType Program::result_dtype() const {
  DUSK_CHECK(result_ >= 0, "a program without a result");
  return instructions_[static_cast<size_t>(result_)].dtype;
}

size_t Program::instruction_count() const {
  return static_cast<size_t>(std::count_if(
      instructions_.begin(), instructions_.end(),
      [](const Instruction& i) { return i.kind == Kind::kCall || i.kind == Kind::kCast; }));
}

bool Program::has_transcendental() const {
  return std::any_of(instructions_.begin(), instructions_.end(), [](const Instruction& i) {
    return i.kind == Kind::kCall && facts(kernel_row(i.opcode).function).transcendental;
  });
}

base::Token Program::token() const {
  base::Tokenizer tokens("program");
  for (const Instruction& i : instructions_) {
    tokens.add(static_cast<int>(i.kind)).add(i.dtype.str()).add(i.input);
    if (i.opcode >= 0) tokens.add(facts(kernel_row(i.opcode).function).name);
    for (Register r : i.arguments) tokens.add(r);
    if (i.kind == Kind::kConstant) tokens.bytes(i.constant.bytes, sizeof i.constant.bytes);
  }
  return tokens.add(result_).finish();
}

Register Program::append(const Program& other, std::span<const Register> inputs) {
  std::vector<Register> moved;
  for (const Instruction& from : other.instructions_) {
    Instruction instruction = from;
    for (Register& r : instruction.arguments) {
      if (r >= 0) r = moved[static_cast<size_t>(r)];
    }
    moved.push_back(from.kind == Kind::kInput ? inputs[static_cast<size_t>(from.input)]
                                              : emit(instruction));
  }
  return moved[static_cast<size_t>(other.result_)];
}

Program Program::compose(const Program& outer, size_t position, const Program& inner) {
  Program program;
  std::vector<Register> outer_inputs, inner_inputs;
  for (size_t i = 0; i < outer.input_count(); ++i) {
    if (i != position) {
      outer_inputs.push_back(program.input(outer.input_dtype(i)));
      continue;
    }
    outer_inputs.push_back(-1);
    for (size_t k = 0; k < inner.input_count(); ++k) {
      inner_inputs.push_back(program.input(inner.input_dtype(k)));
    }
  }
  Register value = program.append(inner, inner_inputs);
  outer_inputs[position] = program.cast(value, outer.input_dtype(position));
  program.set_result(program.append(outer, outer_inputs));
  return program;
}

void Program::merge_inputs(size_t a, size_t b) {
  Program program;
  std::vector<Register> inputs;
  for (size_t i = 0; i < input_count(); ++i) {
    inputs.push_back(i == b ? inputs[a] : program.input(input_dtype(i)));
  }
  inputs[b] = program.cast(inputs[a], input_dtype(b));
  program.set_result(program.append(*this, inputs));
  *this = std::move(program);
}

}  // namespace dusk::kernels::array
