// The elementwise functions that Dusk has kernels for, by NumPy's names.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace dusk::kernels::array {

enum class Function : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kRemainder,
  kFmod,
  kPower,
  kFloatPower,
  kNegative,
  kPositive,
  kAbsolute,
  kFabs,
  kSign,
  kRint,
  kFloor,
  kCeil,
  kTrunc,
  kFix,
  kSqrt,
  kSquare,
  kCbrt,
  kReciprocal,
  kExp,
  kExp2,
  kExpm1,
  kLog,
  kLog2,
  kLog10,
  kLog1p,
  kSin,
  kCos,
  kTan,
  kArcsin,
  kArccos,
  kArctan,
  kSinh,
  kCosh,
  kTanh,
  kArcsinh,
  kArccosh,
  kArctanh,
  kArctan2,
  kHypot,
  kDeg2rad,
  kRad2deg,
  kLogaddexp,
  kLogaddexp2,
  kMaximum,
  kMinimum,
  kFmax,
  kFmin,
  kGreater,
  kGreaterEqual,
  kLess,
  kLessEqual,
  kEqual,
  kNotEqual,
  kLogicalAnd,
  kLogicalOr,
  kLogicalXor,
  kLogicalNot,
  kBitwiseAnd,
  kBitwiseOr,
  kBitwiseXor,
  kInvert,
  kLeftShift,
  kRightShift,
  kIsnan,
  kIsinf,
  kIsfinite,
  kIsnat,
  kSignbit,
  kCopysign,
  kNextafter,
  kSpacing,
  kHeaviside,
  kLdexp,
  kGcd,
  kLcm,
  kConjugate,
  kReal,
  kImag,
  kAngle,
  kIsneginf,
  kIsposinf,
  kNanToNum,
  kClip,
  kWhere,
  // Not NumPy functions: what programs are made of besides.
  kCast,       // astype between two types
  kScaleTime,  // timedelta or datetime times an integer constant, NaT kept
  kFloorTime,  // the same divided, towards minus infinity
  // What the machine makes of products that are used once: p may be a
  // scalar, and so may r.
  kProductAdd,        // p * q + y
  kProductSubtract,   // p * q - y
  kSubtractProduct,   // y - p * q, arguments p, q, y
  kProductsAdd,       // p * q + r * s
  kProductsSubtract,  // p * q - r * s
  kCount,
};

// How NumPy chooses the loop of a function from its operands' types; see resolve.cc.
enum class Family : uint8_t {
  kArithmetic,  // the operands' common type; bool where `on_bool` says
  kDivision,    // true division: integers give float64
  kFloating,    // small integers give small floats
  kComparison,
  kLogical,
  kBitwise,
  kShift,
  kPredicate,
  kInternal,
  kLdexp,
  kPart,
  kWhere,
};

// What a function of family kArithmetic does with booleans.
enum class OnBool : uint8_t { kBool, kInt8, kTypeError };

struct FunctionFacts {
  Function function;
  std::string_view name;
  int arity;
  Family family;
  OnBool on_bool = OnBool::kInt8;
  bool transcendental = false;  // tens of cycles an element
  std::string_view infix = "";  // for text
};

const FunctionFacts& facts(Function function);
// By NumPy's name or one of its aliases; kCount when there is none.
Function function_named(std::string_view name);
std::span<const FunctionFacts> all_functions();

}  // namespace dusk::kernels::array
