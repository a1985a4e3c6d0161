#include "dusk/kernels/array/simplify.h"

#include <algorithm>

namespace dusk::kernels::array {

using data::DType;
using data::TypeCode;

bool is_identity(Function function, const DType& type) {
  bool exact = type.is_integer() || type.is_bool();
  bool real = exact || type.is_float();
  switch (function) {
    case Function::kFloor:
    case Function::kCeil:
    case Function::kTrunc:
    case Function::kFix:
    case Function::kNanToNum: return exact;
    case Function::kReal:
    case Function::kConjugate: return real;
    case Function::kPositive: return !type.is_bool() && type.code != TypeCode::kDatetime64;
    default: return false;
  }
}

Function canonical(Function function, const DType& type) {
  switch (function) {
    case Function::kFix: return Function::kTrunc;
    case Function::kFloatPower: return Function::kPower;
    case Function::kFmax: return type.is_integer() ? Function::kMaximum : function;
    case Function::kFmin: return type.is_integer() ? Function::kMinimum : function;
    default: return function;
  }
}

bool computes_in_single(Function function, std::span<const DType> arguments) {
  bool half = std::any_of(arguments.begin(), arguments.end(),
                          [](const DType& d) { return d.code == TypeCode::kFloat16; });
  return half && function != Function::kWhere;
}

bool has_kernel(Function function, std::span<const DType> arguments) {
  if (is_identity(function, arguments[0])) return true;
  TypeCode codes[3] = {};
  bool single = computes_in_single(function, arguments);
  if (single && (function == Function::kNextafter || function == Function::kSpacing ||
                 function == Function::kNanToNum)) {
    return false;  // what they answer depends on the format
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    bool half = arguments[i].code == TypeCode::kFloat16;
    codes[i] = single && half ? TypeCode::kFloat32 : arguments[i].code;
  }
  return find_kernel(canonical(function, arguments[0]), codes) >= 0;
}

}  // namespace dusk::kernels::array
