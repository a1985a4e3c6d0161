// The table's rows for arithmetic on numbers and times.
#pragma once

#include "dusk/kernels/array/complex_ops.h"
#include "dusk/kernels/array/time_ops.h"

namespace dusk::kernels::array::DUSK_ISA {

struct BoolOr {
  uint8_t operator()(uint8_t a, uint8_t b) const { return (a != 0) | (b != 0); }
};
struct BoolAnd {
  uint8_t operator()(uint8_t a, uint8_t b) const { return (a != 0) & (b != 0); }
};

struct SubtractFrom {
  template <class T>
  T operator()(T a, T b) const {
    return b - a;
  }
};

// One pass over what would be two or three.
template <class T, class Op, bool ScalarP>
void product_pass(const T* p, const T* q, const T* y, T* r, int64_t n) {
  const T scalar = p[0];
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) r[i] = Op{}((ScalarP ? scalar : p[i]) * q[i], y[i]);
}
template <class T, class Op>
void product_loop(const void* const* arguments, void* out, int64_t n, unsigned scalars) {
  const T *p = static_cast<const T*>(arguments[0]), *q = static_cast<const T*>(arguments[1]);
  const T* y = static_cast<const T*>(arguments[2]);
  T* r = static_cast<T*>(out);
  if (scalars & 1)
    product_pass<T, Op, true>(p, q, y, r, n);
  else
    product_pass<T, Op, false>(p, q, y, r, n);
}
template <class T, class Op, bool ScalarP, bool ScalarR>
void products_pass(const void* const* arguments, T* out, int64_t n) {
  const T *p = static_cast<const T*>(arguments[0]), *q = static_cast<const T*>(arguments[1]);
  const T *r = static_cast<const T*>(arguments[2]), *s = static_cast<const T*>(arguments[3]);
  const T first = p[0], second = r[0];
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    out[i] = Op{}((ScalarP ? first : p[i]) * q[i], (ScalarR ? second : r[i]) * s[i]);
  }
}
template <class T, class Op>
void products_loop(const void* const* arguments, void* out, int64_t n, unsigned scalars) {
  T* to = static_cast<T*>(out);
  switch (scalars) {
    case 0: return products_pass<T, Op, false, false>(arguments, to, n);
    case 1: return products_pass<T, Op, true, false>(arguments, to, n);
    case 4: return products_pass<T, Op, false, true>(arguments, to, n);
    default: return products_pass<T, Op, true, true>(arguments, to, n);
  }
}

#define DUSK_PRODUCT(T, F, Op)              \
  {Function::F,                             \
   {TypeCode::T, TypeCode::T, TypeCode::T}, \
   TypeCode::T,                             \
   true,                                    \
   &product_loop<Element<TypeCode::T>, Op>},
#define DUSK_PRODUCTS(T, F, Op)             \
  {Function::F,                             \
   {TypeCode::T, TypeCode::T, TypeCode::T}, \
   TypeCode::T,                             \
   true,                                    \
   &products_loop<Element<TypeCode::T>, Op>},
#define DUSK_PART(T, R, F, Op) row1<Function::F, TypeCode::R, TypeCode::T, Op>(),
#define DUSK_MIXED(R, A, B, F, Op) row2<Function::F, TypeCode::R, TypeCode::A, TypeCode::B, Op>(),
#define DUSK_THREE(T, F, Op) \
  row3<Function::F, TypeCode::T, TypeCode::T, TypeCode::T, TypeCode::T, Op>(),

// clang-format off
inline constexpr KernelRow kArithmeticRows[] = {
    DUSK_BINARY(kBool, kAdd, BoolOr)
    DUSK_BINARY(kBool, kMultiply, BoolAnd)
    DUSK_BINARY(kBool, kMaximum, BoolOr)
    DUSK_BINARY(kBool, kFmax, BoolOr)
    DUSK_BINARY(kBool, kMinimum, BoolAnd)
    DUSK_BINARY(kBool, kFmin, BoolAnd)
    DUSK_UNARY(kBool, kAbsolute, Same)
    DUSK_UNARY(kBool, kFloor, Same)
    DUSK_UNARY(kBool, kReal, Same)
    DUSK_UNARY(kBool, kImag, Zero)
    DUSK_THREE(kBool, kClip, Clip)

    DUSK_EACH_INTEGER(DUSK_BINARY_S, kAdd, Add)
    DUSK_EACH_INTEGER(DUSK_BINARY_S, kSubtract, Subtract)
    DUSK_EACH_INTEGER(DUSK_BINARY_S, kMultiply, Multiply)
    DUSK_EACH_FLOAT(DUSK_BINARY_S, kAdd, Add)
    DUSK_EACH_FLOAT(DUSK_BINARY_S, kSubtract, Subtract)
    DUSK_EACH_FLOAT(DUSK_BINARY_S, kMultiply, Multiply)
    DUSK_EACH_FLOAT(DUSK_BINARY_S, kDivide, Divide)
    DUSK_EACH_INTEGER(DUSK_BINARY, kFloorDivide, FloorDivide)
    DUSK_EACH_INTEGER(DUSK_BINARY, kRemainder, Remainder)
    DUSK_EACH_FLOAT(DUSK_BINARY, kFloorDivide, FloorDivideFloat)
    DUSK_EACH_FLOAT(DUSK_BINARY, kRemainder, RemainderFloat)
    DUSK_EACH_REAL(DUSK_BINARY, kFmod, Fmod)
    DUSK_EACH_INTEGER(DUSK_BINARY, kPower, PowerInteger)
    DUSK_EACH_INTEGER(DUSK_BINARY, kGcd, Gcd)
    DUSK_EACH_INTEGER(DUSK_BINARY, kLcm, Lcm)
    DUSK_EACH_REAL(DUSK_UNARY, kNegative, Negative)
    DUSK_EACH_REAL(DUSK_UNARY, kPositive, Same)
    DUSK_EACH_REAL(DUSK_UNARY, kAbsolute, Absolute)
    DUSK_EACH_FLOAT(DUSK_UNARY, kFabs, Absolute)
    DUSK_EACH_REAL(DUSK_UNARY, kSign, Sign)
    DUSK_EACH_REAL(DUSK_UNARY, kSquare, Square)
    DUSK_EACH_REAL(DUSK_UNARY, kReciprocal, Reciprocal)
    DUSK_EACH_REAL(DUSK_UNARY, kImag, Zero)
    DUSK_EACH_REAL(DUSK_BINARY_S, kMaximum, Maximum)
    DUSK_EACH_REAL(DUSK_BINARY_S, kMinimum, Minimum)
    DUSK_EACH_FLOAT(DUSK_BINARY, kFmax, Fmax)
    DUSK_EACH_FLOAT(DUSK_BINARY, kFmin, Fmin)
    DUSK_EACH_REAL(DUSK_THREE, kClip, Clip)
    DUSK_EACH_FLOAT(DUSK_PRODUCT, kProductAdd, Add)
    DUSK_EACH_FLOAT(DUSK_PRODUCT, kProductSubtract, Subtract)
    DUSK_EACH_FLOAT(DUSK_PRODUCT, kSubtractProduct, SubtractFrom)
    DUSK_EACH_FLOAT(DUSK_PRODUCTS, kProductsAdd, Add)
    DUSK_EACH_FLOAT(DUSK_PRODUCTS, kProductsSubtract, Subtract)

    DUSK_EACH_COMPLEX(DUSK_BINARY, kAdd, ComplexAdd)
    DUSK_EACH_COMPLEX(DUSK_BINARY, kSubtract, ComplexSubtract)
    DUSK_EACH_COMPLEX(DUSK_BINARY, kMultiply, ComplexMultiply)
    DUSK_EACH_COMPLEX(DUSK_BINARY, kDivide, ComplexDivide)
    DUSK_EACH_COMPLEX(DUSK_UNARY, kNegative, ComplexNegative)
    DUSK_EACH_COMPLEX(DUSK_UNARY, kPositive, Same)
    DUSK_EACH_COMPLEX(DUSK_UNARY, kConjugate, ComplexConjugate)
    DUSK_EACH_COMPLEX(DUSK_UNARY, kSquare, ComplexSquare)
    DUSK_EACH_COMPLEX(DUSK_UNARY, kReciprocal, ComplexReciprocal)
    DUSK_PART(kComplex64, kFloat32, kAbsolute, ComplexAbsolute)
    DUSK_PART(kComplex128, kFloat64, kAbsolute, ComplexAbsolute)
    DUSK_PART(kComplex64, kFloat32, kAngle, ComplexAngle)
    DUSK_PART(kComplex128, kFloat64, kAngle, ComplexAngle)
    DUSK_PART(kComplex64, kFloat32, kReal, ComplexReal)
    DUSK_PART(kComplex128, kFloat64, kReal, ComplexReal)
    DUSK_PART(kComplex64, kFloat32, kImag, ComplexImag)
    DUSK_PART(kComplex128, kFloat64, kImag, ComplexImag)

    DUSK_MIXED(kDatetime64, kDatetime64, kTimedelta64, kAdd, TimeAdd)
    DUSK_MIXED(kDatetime64, kTimedelta64, kDatetime64, kAdd, TimeAdd)
    DUSK_MIXED(kTimedelta64, kTimedelta64, kTimedelta64, kAdd, TimeAdd)
    DUSK_MIXED(kDatetime64, kDatetime64, kTimedelta64, kSubtract, TimeSubtract)
    DUSK_MIXED(kTimedelta64, kDatetime64, kDatetime64, kSubtract, TimeSubtract)
    DUSK_MIXED(kTimedelta64, kTimedelta64, kTimedelta64, kSubtract, TimeSubtract)
    DUSK_MIXED(kTimedelta64, kTimedelta64, kInt64, kMultiply, TimeScale)
    DUSK_MIXED(kTimedelta64, kInt64, kTimedelta64, kMultiply, ScaleTime)
    DUSK_MIXED(kTimedelta64, kTimedelta64, kFloat64, kMultiply, TimeScaleFloat)
    DUSK_MIXED(kTimedelta64, kFloat64, kTimedelta64, kMultiply, FloatScaleTime)
    DUSK_MIXED(kTimedelta64, kTimedelta64, kInt64, kDivide, TimeDivideInteger)
    DUSK_MIXED(kTimedelta64, kTimedelta64, kFloat64, kDivide, TimeDivideFloat)
    DUSK_MIXED(kFloat64, kTimedelta64, kTimedelta64, kDivide, TimeRatio)
    DUSK_MIXED(kTimedelta64, kTimedelta64, kInt64, kFloorDivide, TimeDivideInteger)  // as in NumPy
    DUSK_MIXED(kInt64, kTimedelta64, kTimedelta64, kFloorDivide, TimeFloorRatio)
    DUSK_MIXED(kTimedelta64, kTimedelta64, kTimedelta64, kRemainder, TimeRemainder)
    DUSK_UNARY(kTimedelta64, kNegative, Negative)
    DUSK_UNARY(kTimedelta64, kPositive, Same)
    DUSK_UNARY(kTimedelta64, kAbsolute, TimeAbsolute)
    DUSK_UNARY(kTimedelta64, kSign, Sign)  // NaT is negative, as in NumPy
    DUSK_EACH_TIME(DUSK_BINARY, kMaximum, TimeMaximum)
    DUSK_EACH_TIME(DUSK_BINARY, kMinimum, TimeMinimum)
    DUSK_EACH_TIME(DUSK_BINARY, kFmax, TimeFmax)
    DUSK_EACH_TIME(DUSK_BINARY, kFmin, TimeFmin)
    DUSK_EACH_TIME(DUSK_THREE, kClip, TimeClip)
    DUSK_MIXED(kDatetime64, kDatetime64, kInt64, kScaleTime, TimeScale)
    DUSK_MIXED(kTimedelta64, kTimedelta64, kInt64, kScaleTime, TimeScale)
    DUSK_MIXED(kDatetime64, kDatetime64, kInt64, kFloorTime, TimeFloorDivideInteger)
    DUSK_MIXED(kTimedelta64, kTimedelta64, kInt64, kFloorTime, TimeFloorDivideInteger)
};
// clang-format on

}  // namespace dusk::kernels::array::DUSK_ISA
