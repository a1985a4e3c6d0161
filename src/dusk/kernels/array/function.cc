#include "dusk/kernels/array/function.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dusk::kernels::array {
namespace {

using F = Function;
constexpr OnBool kBool = OnBool::kBool;
constexpr OnBool kInt8 = OnBool::kInt8;
constexpr OnBool kTypeError = OnBool::kTypeError;

constexpr FunctionFacts kFacts[] = {
    {F::kAdd, "add", 2, Family::kArithmetic, kBool, false, "+"},
    {F::kSubtract, "subtract", 2, Family::kArithmetic, kTypeError, false, "-"},
    {F::kMultiply, "multiply", 2, Family::kArithmetic, kBool, false, "*"},
    {F::kDivide, "divide", 2, Family::kDivision, kInt8, false, "/"},
    {F::kFloorDivide, "floor_divide", 2, Family::kArithmetic, kInt8, false, "//"},
    {F::kRemainder, "remainder", 2, Family::kArithmetic, kInt8, false, "%"},
    {F::kFmod, "fmod", 2, Family::kArithmetic},
    {F::kPower, "power", 2, Family::kArithmetic, kInt8, true, "**"},
    {F::kFloatPower, "float_power", 2, Family::kFloating, kInt8, true},
    {F::kNegative, "negative", 1, Family::kArithmetic, kTypeError, false, "-"},
    {F::kPositive, "positive", 1, Family::kArithmetic, kTypeError, false, "+"},
    {F::kAbsolute, "absolute", 1, Family::kArithmetic, kBool},
    {F::kFabs, "fabs", 1, Family::kFloating},
    {F::kSign, "sign", 1, Family::kArithmetic, kTypeError},
    {F::kRint, "rint", 1, Family::kFloating},
    {F::kFloor, "floor", 1, Family::kArithmetic, kBool},
    {F::kCeil, "ceil", 1, Family::kArithmetic, kBool},
    {F::kTrunc, "trunc", 1, Family::kArithmetic, kBool},
    {F::kFix, "fix", 1, Family::kArithmetic, kBool},
    {F::kSqrt, "sqrt", 1, Family::kFloating},
    {F::kSquare, "square", 1, Family::kArithmetic, kInt8},
    {F::kCbrt, "cbrt", 1, Family::kFloating, kInt8, true},
    {F::kReciprocal, "reciprocal", 1, Family::kArithmetic, kInt8},
    {F::kExp, "exp", 1, Family::kFloating, kInt8, true},
    {F::kExp2, "exp2", 1, Family::kFloating, kInt8, true},
    {F::kExpm1, "expm1", 1, Family::kFloating, kInt8, true},
    {F::kLog, "log", 1, Family::kFloating, kInt8, true},
    {F::kLog2, "log2", 1, Family::kFloating, kInt8, true},
    {F::kLog10, "log10", 1, Family::kFloating, kInt8, true},
    {F::kLog1p, "log1p", 1, Family::kFloating, kInt8, true},
    {F::kSin, "sin", 1, Family::kFloating, kInt8, true},
    {F::kCos, "cos", 1, Family::kFloating, kInt8, true},
    {F::kTan, "tan", 1, Family::kFloating, kInt8, true},
    {F::kArcsin, "arcsin", 1, Family::kFloating, kInt8, true},
    {F::kArccos, "arccos", 1, Family::kFloating, kInt8, true},
    {F::kArctan, "arctan", 1, Family::kFloating, kInt8, true},
    {F::kSinh, "sinh", 1, Family::kFloating, kInt8, true},
    {F::kCosh, "cosh", 1, Family::kFloating, kInt8, true},
    {F::kTanh, "tanh", 1, Family::kFloating, kInt8, true},
    {F::kArcsinh, "arcsinh", 1, Family::kFloating, kInt8, true},
    {F::kArccosh, "arccosh", 1, Family::kFloating, kInt8, true},
    {F::kArctanh, "arctanh", 1, Family::kFloating, kInt8, true},
    {F::kArctan2, "arctan2", 2, Family::kFloating, kInt8, true},
    {F::kHypot, "hypot", 2, Family::kFloating, kInt8, true},
    {F::kDeg2rad, "deg2rad", 1, Family::kFloating},
    {F::kRad2deg, "rad2deg", 1, Family::kFloating},
    {F::kLogaddexp, "logaddexp", 2, Family::kFloating, kInt8, true},
    {F::kLogaddexp2, "logaddexp2", 2, Family::kFloating, kInt8, true},
    {F::kMaximum, "maximum", 2, Family::kArithmetic, kBool},
    {F::kMinimum, "minimum", 2, Family::kArithmetic, kBool},
    {F::kFmax, "fmax", 2, Family::kArithmetic, kBool},
    {F::kFmin, "fmin", 2, Family::kArithmetic, kBool},
    {F::kGreater, "greater", 2, Family::kComparison, kBool, false, ">"},
    {F::kGreaterEqual, "greater_equal", 2, Family::kComparison, kBool, false, ">="},
    {F::kLess, "less", 2, Family::kComparison, kBool, false, "<"},
    {F::kLessEqual, "less_equal", 2, Family::kComparison, kBool, false, "<="},
    {F::kEqual, "equal", 2, Family::kComparison, kBool, false, "=="},
    {F::kNotEqual, "not_equal", 2, Family::kComparison, kBool, false, "!="},
    {F::kLogicalAnd, "logical_and", 2, Family::kLogical},
    {F::kLogicalOr, "logical_or", 2, Family::kLogical},
    {F::kLogicalXor, "logical_xor", 2, Family::kLogical},
    {F::kLogicalNot, "logical_not", 1, Family::kLogical},
    {F::kBitwiseAnd, "bitwise_and", 2, Family::kBitwise, kBool, false, "&"},
    {F::kBitwiseOr, "bitwise_or", 2, Family::kBitwise, kBool, false, "|"},
    {F::kBitwiseXor, "bitwise_xor", 2, Family::kBitwise, kBool, false, "^"},
    {F::kInvert, "invert", 1, Family::kBitwise, kBool, false, "~"},
    {F::kLeftShift, "left_shift", 2, Family::kBitwise, kInt8, false, "<<"},
    {F::kRightShift, "right_shift", 2, Family::kBitwise, kInt8, false, ">>"},
    {F::kIsnan, "isnan", 1, Family::kPredicate},
    {F::kIsinf, "isinf", 1, Family::kPredicate},
    {F::kIsfinite, "isfinite", 1, Family::kPredicate},
    {F::kIsnat, "isnat", 1, Family::kPredicate},
    {F::kSignbit, "signbit", 1, Family::kPredicate},
    {F::kCopysign, "copysign", 2, Family::kFloating},
    {F::kNextafter, "nextafter", 2, Family::kFloating},
    {F::kSpacing, "spacing", 1, Family::kFloating},
    {F::kHeaviside, "heaviside", 2, Family::kFloating},
    {F::kLdexp, "ldexp", 2, Family::kLdexp},
    {F::kGcd, "gcd", 2, Family::kArithmetic, kTypeError, true},
    {F::kLcm, "lcm", 2, Family::kArithmetic, kTypeError, true},
    {F::kConjugate, "conjugate", 1, Family::kArithmetic, kInt8},
    {F::kReal, "real", 1, Family::kPart, kBool},
    {F::kImag, "imag", 1, Family::kPart, kBool},
    {F::kAngle, "angle", 1, Family::kFloating, kInt8, true},
    {F::kIsneginf, "isneginf", 1, Family::kPredicate},
    {F::kIsposinf, "isposinf", 1, Family::kPredicate},
    {F::kNanToNum, "nan_to_num", 1, Family::kArithmetic, kBool},
    {F::kClip, "clip", 3, Family::kArithmetic, kBool},
    {F::kWhere, "where", 3, Family::kWhere, kBool},
    {F::kCast, "astype", 1, Family::kInternal},
    {F::kScaleTime, "scale_time", 2, Family::kInternal},
    {F::kFloorTime, "floor_time", 2, Family::kInternal},
    {F::kProductAdd, "product_add", 3, Family::kInternal},
    {F::kProductSubtract, "product_subtract", 3, Family::kInternal},
    {F::kSubtractProduct, "subtract_product", 3, Family::kInternal},
    {F::kProductsAdd, "products_add", 4, Family::kInternal},
    {F::kProductsSubtract, "products_subtract", 4, Family::kInternal},
};
static_assert(std::size(kFacts) == static_cast<size_t>(F::kCount));

constexpr bool in_order() {
  for (size_t i = 0; i < std::size(kFacts); ++i) {
    if (kFacts[i].function != static_cast<Function>(i)) return false;
  }
  return true;
}
static_assert(in_order());

constexpr std::pair<std::string_view, Function> kAliases[] = {
    {"true_divide", F::kDivide},
    {"mod", F::kRemainder},
    {"abs", F::kAbsolute},
    {"radians", F::kDeg2rad},
    {"degrees", F::kRad2deg},
    {"conj", F::kConjugate},
    {"acos", F::kArccos},
    {"asin", F::kArcsin},
    {"atan", F::kArctan},
    {"acosh", F::kArccosh},
    {"asinh", F::kArcsinh},
    {"atanh", F::kArctanh},
    {"atan2", F::kArctan2},
    {"pow", F::kPower},
    {"bitwise_not", F::kInvert},
    {"bitwise_invert", F::kInvert},
    {"bitwise_left_shift", F::kLeftShift},
    {"bitwise_right_shift", F::kRightShift},
};

}  // namespace

const FunctionFacts& facts(Function function) { return kFacts[static_cast<size_t>(function)]; }

Function function_named(std::string_view name) {
  for (const FunctionFacts& f : kFacts) {
    if (f.name == name && f.family != Family::kInternal) return f.function;
  }
  for (const auto& [alias, function] : kAliases) {
    if (alias == name) return function;
  }
  return Function::kCount;
}

std::span<const FunctionFacts> all_functions() { return kFacts; }

}  // namespace dusk::kernels::array
