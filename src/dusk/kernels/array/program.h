// An elementwise expression of any depth as one program of a register machine.
//
// A Program is a list of instructions in SSA form over typed registers: inputs, constants and
// results. evaluate() walks the broadcast shape in cache-sized blocks (a few thousand elements),
// runs one SIMD kernel per instruction chosen for the processor at run time, and lets the last
// instruction write into the destination. Inputs broadcast to the output shape as in NumPy; they
// may have any strides.
#pragma once

#include <complex>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dusk/base/token.h"
#include "dusk/data/ndarray.h"

namespace dusk::kernels::array {

using Register = int32_t;

// One element of any numeric type (bool, integers, floats, complex, datetimes as int64).
struct Constant {
  data::DType dtype;
  alignas(16) std::byte bytes[16] = {};
  template <class T>
  static Constant of(data::DType dtype, T value) {
    static_assert(sizeof(T) <= 16);
    Constant c;
    c.dtype = dtype;
    *reinterpret_cast<T*>(c.bytes) = value;
    return c;
  }
  // The number converted to `dtype` as NumPy's astype would.
  static Constant from_double(data::DType dtype, double value);
  // As NumPy 2 converts a Python integer: OverflowError when `dtype` is an integer type that does
  // not hold it.
  static Constant from_int(data::DType dtype, int64_t value);
  bool operator==(const Constant&) const;
};
// Whether from_int(dtype, value) has an answer. Comparisons with a Python integer that does not fit
// take it as int64 instead.
bool int_fits(const data::DType& dtype, int64_t value);

// A row of the table of native elementwise functions, by NumPy's name: "add", "sin", "where",
// "clip"... and for casts "astype". Functions of one, two or three arguments.
struct Loop {
  std::string_view function;
  std::vector<data::DType> arguments;  // what each argument is cast to first
  data::DType result;
};

// An operand of a call while its type is being worked out. `weak` marks Python scalars (NEP 50):
// they take the type of the other operands where their kind allows.
struct Operand {
  data::DType dtype;
  bool weak = false;
};

// The loop NumPy 2 would choose for `function` on these operands, or nothing when Dusk has no
// native loop for it (then NumPy computes it chunk by chunk). Throws TypeError when NumPy has none
// either and that is known here.
std::optional<Loop> resolve(std::string_view function, std::span<const Operand> operands);
// Names of all native functions, sorted.
std::vector<std::string> function_names();
// Whether Program::cast() can convert `from` to `to`: all numbers; times of commensurable units.
bool cast_supported(const data::DType& from, const data::DType& to);

class Program {
 public:
  Register input(data::DType dtype);  // the next input; numbered from 0
  Register constant(const Constant& value);
  // Registers are cast to the loop's argument types where they differ.
  Register call(const Loop& loop, std::span<const Register> arguments);
  // As astype(dtype). Throws NotImplementedError where cast_supported() is false.
  Register cast(Register from, data::DType dtype);
  void set_result(Register r) { result_ = r; }

  size_t input_count() const;
  data::DType input_dtype(size_t i) const;
  data::DType result_dtype() const;
  size_t instruction_count() const;
  bool has_transcendental() const;  // worth not repeating over a broadcast
  base::Token token() const;
  std::string text() const;  // "(x0 + 1) * 2", for explain()

  // `inner` computed in the place of input `position`: inner's inputs take that position; equal
  // subexpressions are merged.
  static Program compose(const Program& outer, size_t position, const Program& inner);
  // Inputs `a` and `b` (a < b) are the same array: b's uses read a, later inputs move down by one.
  void merge_inputs(size_t a, size_t b);

  struct Instruction;
  const std::vector<Instruction>& instructions() const { return instructions_; }
  // The program that has these, from wherever they come. Throws ValueError unless each reads
  // earlier ones only, as many and as wide as its kernel does.
  static Program from_instructions(std::vector<Instruction> instructions, Register result);
  Register result() const { return result_; }

  struct Instruction {
    enum class Kind : uint8_t { kInput, kConstant, kCall, kCast } kind;
    int16_t opcode = -1;  // kernel table's row for kCall and kCast; -1: the bits as they are
    data::DType dtype;    // of the result
    Register arguments[3] = {-1, -1, -1};
    int32_t input = -1;  // kInput
    Constant constant;   // kConstant
  };

 private:
  Register emit(Instruction instruction);  // an equal one that stands already, or a new one
  Register emit_kernel(Instruction::Kind kind, int opcode, data::DType dtype,
                       std::span<const Register> arguments);
  Register cast_time(Register from, data::DType dtype);
  Register raise(Register base, const Constant& exponent, const Loop& loop);  // -1: no short cut
  // The instructions of `other` appended, its inputs being the registers given.
  Register append(const Program& other, std::span<const Register> inputs);

  std::vector<Instruction> instructions_;  // register r is the result of instructions_[r]
  Register result_ = -1;
};

// The shape that the inputs broadcast to. Throws ValueError with NumPy's words.
data::Dims broadcast_shape(std::span<const data::NdArray> inputs);
// Throws ValueError for another number of inputs than the program's, and TypeError for other dtypes
// (blocks that a function made otherwise than it was declared).
void require_inputs(const Program& program, std::span<const data::NdArray> inputs);
// The result over the inputs' broadcast shape, C-contiguous. Integer division by zero, overflow
// and NaN behave as in NumPy, without warnings.
data::NdArray evaluate(const Program& program, std::span<const data::NdArray> inputs);
// The same into `out` (right dtype and shape, any strides).
void evaluate_into(const Program& program, std::span<const data::NdArray> inputs,
                   data::NdArray& out);

}  // namespace dusk::kernels::array
