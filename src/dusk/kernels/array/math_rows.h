// The table's rows for functions of floats.
#pragma once

#include "dusk/kernels/array/arithmetic_ops.h"
#include "dusk/kernels/array/vector_math.h"

namespace dusk::kernels::array::DUSK_ISA {

template <class T>
constexpr T kInfinity = std::numeric_limits<T>::infinity();

struct Sqrt {
  float operator()(float a) const { return __builtin_sqrtf(a); }
  double operator()(double a) const { return __builtin_sqrt(a); }
};
struct Rint {
  float operator()(float a) const { return __builtin_rintf(a); }
  double operator()(double a) const { return __builtin_rint(a); }
};
struct Floor {
  float operator()(float a) const { return __builtin_floorf(a); }
  double operator()(double a) const { return __builtin_floor(a); }
};
struct Ceil {
  float operator()(float a) const { return __builtin_ceilf(a); }
  double operator()(double a) const { return __builtin_ceil(a); }
};
struct Trunc {
  float operator()(float a) const { return __builtin_truncf(a); }
  double operator()(double a) const { return __builtin_trunc(a); }
};
struct Deg2rad {
  template <class T>
  T operator()(T a) const {
    return a * T(3.14159265358979323846 / 180.0);
  }
};
struct Rad2deg {
  template <class T>
  T operator()(T a) const {
    return a * T(180.0 / 3.14159265358979323846);
  }
};
struct Copysign {
  float operator()(float a, float b) const { return __builtin_copysignf(a, b); }
  double operator()(double a, double b) const { return __builtin_copysign(a, b); }
};
struct Nextafter {
  float operator()(float a, float b) const { return __builtin_nextafterf(a, b); }
  double operator()(double a, double b) const { return __builtin_nextafter(a, b); }
};
struct Spacing {
  template <class T>
  T operator()(T a) const {
    if (Absolute{}(a) == kInfinity<T>) return std::numeric_limits<T>::quiet_NaN();
    return Nextafter{}(a, a < 0 ? -kInfinity<T> : kInfinity<T>)-a;
  }
};
struct Heaviside {
  template <class T>
  T operator()(T a, T at_zero) const {
    if (a != a) return a;
    return a == 0 ? at_zero : a < 0 ? T(0) : T(1);
  }
};
struct Ldexp {
  float operator()(float a, int32_t b) const { return __builtin_ldexpf(a, b); }
  double operator()(double a, int32_t b) const { return __builtin_ldexp(a, b); }
  template <class T>
  T operator()(T a, int64_t b) const {
    int64_t bound = int64_t{1} << 20;
    return (*this)(a, static_cast<int32_t>(b > bound ? bound : b < -bound ? -bound : b));
  }
};
struct Angle {
  template <class T>
  T operator()(T a) const {
    if (a != a) return a;
    return Copysign{}(T(1), a) < 0 ? T(3.14159265358979323846) : T(0);
  }
};
struct NanToNum {
  template <class T>
  T operator()(T a) const {
    T low = -std::numeric_limits<T>::max(), high = std::numeric_limits<T>::max();
    T bounded = a < low ? low : a > high ? high : a;
    return a != a ? T(0) : bounded;
  }
};

// log(exp(a) + exp(b)) without overflow, `Base` being log1p(exp(-d)) in the base at hand.
template <class T, class Scaled>
void log_add(const void* const* arguments, void* out, int64_t n, unsigned) {
  const T* a = static_cast<const T*>(arguments[0]);
  const T* b = static_cast<const T*>(arguments[1]);
  T* r = static_cast<T*>(out);
  for (int64_t i = 0; i < n; i += kLanes<T>) {
    T distance[kLanes<T>] = {}, large[kLanes<T>] = {};
    int64_t count = n - i < kLanes<T> ? n - i : kLanes<T>;
    for (int64_t k = 0; k < count; ++k) {
      T x = a[i + k], y = b[i + k];
      large[k] = Maximum{}(x, y);
      distance[k] = x == y ? T(0) : Minimum{}(x, y) - large[k];  // equal infinities too
    }
    store(distance, Scaled{}(load(distance)));
    for (int64_t k = 0; k < count; ++k) r[i + k] = large[k] + distance[k];
  }
}
template <class T>
struct LogOfSum {
  Vector<T> operator()(Vector<T> d) const { return Log1p{}(Exp{}(d)); }
};
template <class T>
struct Log2OfSum {
  Vector<T> operator()(Vector<T> d) const {
    T lanes[kLanes<T>];
    store(lanes, Log1p{}(Exp2{}(d)));
    for (T& x : lanes) x *= T(1.44269504088896340736);
    return load(lanes);
  }
};

template <Function F, TypeCode C, class Op>
constexpr KernelRow vector1() {
  return {F, {C, C, C}, C, false, &vector_unary<Element<C>, Op>};
}
template <Function F, TypeCode C, class Op>
constexpr KernelRow vector2() {
  return {F, {C, C, C}, C, false, &vector_binary<Element<C>, Op>};
}

#define DUSK_VECTOR1(T, F, Op) vector1<Function::F, TypeCode::T, Op>(),
#define DUSK_VECTOR2(T, F, Op) vector2<Function::F, TypeCode::T, Op>(),
#define DUSK_LOGADD(T, F, Op)  \
  {Function::F,                \
   {TypeCode::T, TypeCode::T}, \
   TypeCode::T,                \
   false,                      \
   &log_add<Element<TypeCode::T>, Op<Element<TypeCode::T>>>},
#define DUSK_LDEXP(T, I) row2<Function::kLdexp, TypeCode::T, TypeCode::T, TypeCode::I, Ldexp>(),

// clang-format off
inline constexpr KernelRow kMathRows[] = {
    DUSK_EACH_FLOAT(DUSK_UNARY, kSqrt, Sqrt)
    DUSK_EACH_FLOAT(DUSK_UNARY, kRint, Rint)
    DUSK_EACH_FLOAT(DUSK_UNARY, kFloor, Floor)
    DUSK_EACH_FLOAT(DUSK_UNARY, kCeil, Ceil)
    DUSK_EACH_FLOAT(DUSK_UNARY, kTrunc, Trunc)
    DUSK_EACH_FLOAT(DUSK_UNARY, kDeg2rad, Deg2rad)
    DUSK_EACH_FLOAT(DUSK_UNARY, kRad2deg, Rad2deg)
    DUSK_EACH_FLOAT(DUSK_BINARY, kCopysign, Copysign)
    DUSK_EACH_FLOAT(DUSK_BINARY, kNextafter, Nextafter)
    DUSK_EACH_FLOAT(DUSK_UNARY, kSpacing, Spacing)
    DUSK_EACH_FLOAT(DUSK_BINARY, kHeaviside, Heaviside)
    DUSK_EACH_FLOAT(DUSK_UNARY, kAngle, Angle)
    DUSK_EACH_FLOAT(DUSK_UNARY, kNanToNum, NanToNum)
    DUSK_EACH_FLOAT(DUSK_LDEXP, kInt32)
    DUSK_EACH_FLOAT(DUSK_LDEXP, kInt64)
    DUSK_EACH_FLOAT(DUSK_LOGADD, kLogaddexp, LogOfSum)
    DUSK_EACH_FLOAT(DUSK_LOGADD, kLogaddexp2, Log2OfSum)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kExp, Exp)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kExp2, Exp2)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kExpm1, Expm1)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kLog, Log)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kLog2, Log2)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kLog10, Log10)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kLog1p, Log1p)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kSin, Sin)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kCos, Cos)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kTan, Tan)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kArcsin, Arcsin)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kArccos, Arccos)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kArctan, Arctan)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kSinh, Sinh)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kCosh, Cosh)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kTanh, Tanh)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kArcsinh, Arcsinh)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kArccosh, Arccosh)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kArctanh, Arctanh)
    DUSK_EACH_FLOAT(DUSK_VECTOR1, kCbrt, Cbrt)
    DUSK_EACH_FLOAT(DUSK_VECTOR2, kPower, Power)
    DUSK_EACH_FLOAT(DUSK_VECTOR2, kArctan2, Arctan2)
    DUSK_EACH_FLOAT(DUSK_VECTOR2, kHypot, Hypot)
};
// clang-format on

}  // namespace dusk::kernels::array::DUSK_ISA
