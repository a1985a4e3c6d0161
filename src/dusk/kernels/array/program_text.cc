#include <cstring>
#include <sstream>

#include "dusk/kernels/array/kernel.h"
#include "dusk/kernels/array/program.h"

namespace dusk::kernels::array {
namespace {

using data::TypeCode;
using Kind = Program::Instruction::Kind;

// Longer programs end in "..." at this many characters.
constexpr size_t kLongest = 400;

template <class T>
T value_of(const Constant& c, int at = 0) {
  T value;
  std::memcpy(&value, c.bytes + at * static_cast<int>(sizeof(T)), sizeof value);
  return value;
}

std::string constant_text(const Constant& c) {
  std::ostringstream out;
  switch (c.dtype.code) {
    case TypeCode::kBool: out << (value_of<uint8_t>(c) ? "True" : "False"); break;
    case TypeCode::kInt8: out << int{value_of<int8_t>(c)}; break;
    case TypeCode::kInt16: out << value_of<int16_t>(c); break;
    case TypeCode::kInt32: out << value_of<int32_t>(c); break;
    case TypeCode::kUInt8: out << int{value_of<uint8_t>(c)}; break;
    case TypeCode::kUInt16: out << value_of<uint16_t>(c); break;
    case TypeCode::kUInt32: out << value_of<uint32_t>(c); break;
    case TypeCode::kUInt64: out << value_of<uint64_t>(c); break;
    case TypeCode::kFloat16: out << static_cast<float>(value_of<_Float16>(c)); break;
    case TypeCode::kFloat32: out << value_of<float>(c); break;
    case TypeCode::kFloat64: out << value_of<double>(c); break;
    case TypeCode::kComplex64:
      out << "(" << value_of<float>(c) << "+" << value_of<float>(c, 1) << "j)";
      break;
    case TypeCode::kComplex128:
      out << "(" << value_of<double>(c) << "+" << value_of<double>(c, 1) << "j)";
      break;
    default: out << value_of<int64_t>(c);
  }
  return out.str();
}

class Writer {
 public:
  explicit Writer(const Program& program) : program_(program) {}

  std::string text(Register r, bool nested) {
    const Program::Instruction& i = program_.instructions()[static_cast<size_t>(r)];
    if ((length_ += 4) > kLongest) return "...";
    switch (i.kind) {
      case Kind::kInput: return std::string("x").append(std::to_string(i.input));
      case Kind::kConstant: return constant_text(i.constant);
      case Kind::kCast:
        return i.dtype.name().append("(").append(text(i.arguments[0], false)).append(")");
      case Kind::kCall: break;
    }
    const FunctionFacts& f = facts(kernel_row(i.opcode).function);
    if (f.infix.empty()) return call(i, f);
    std::ostringstream out;
    if (nested) out << "(";
    if (f.arity == 2) out << text(i.arguments[0], true) << " ";
    out << f.infix << (f.arity == 2 ? " " : "") << text(i.arguments[f.arity - 1], true);
    if (nested) out << ")";
    return out.str();
  }

 private:
  std::string call(const Program::Instruction& i, const FunctionFacts& f) {
    std::ostringstream out;
    out << f.name;
    for (int a = 0; a < f.arity; ++a) out << (a ? ", " : "(") << text(i.arguments[a], false);
    out << ")";
    return out.str();
  }

  const Program& program_;
  size_t length_ = 0;
};

}  // namespace

std::string Program::text() const { return result_ < 0 ? "" : Writer(*this).text(result_, false); }

}  // namespace dusk::kernels::array
