// The table's rows for casts between types. Rarer pairs go through two of them (Program::cast).
#pragma once

#if defined(__F16C__)
#include <immintrin.h>
#endif

#include "dusk/kernels/array/complex_ops.h"

namespace dusk::kernels::array::DUSK_ISA {

template <class R>
struct To {
  template <class A>
  R operator()(A a) const {
    return static_cast<R>(a);
  }
};
// Negative floats wrap, as conversions through int64 do; what fits in neither is undefined in C.
template <>
struct To<uint32_t> {
  template <class A>
  uint32_t operator()(A a) const {
    if constexpr (std::is_integral_v<A>)
      return static_cast<uint32_t>(a);
    else
      return static_cast<uint32_t>(static_cast<int64_t>(a));
  }
};
template <>
struct To<uint64_t> {
  template <class A>
  uint64_t operator()(A a) const {
    if constexpr (std::is_integral_v<A>)
      return static_cast<uint64_t>(a);
    else {
      const A half = static_cast<A>(9223372036854775808.0);
      bool high = a >= half;
      auto low = static_cast<uint64_t>(static_cast<int64_t>(high ? a - half : a));
      return low ^ static_cast<uint64_t>(high) << 63;
    }
  }
};
struct ToBool {
  template <class A>
  uint8_t operator()(A a) const {
    return a != 0;
  }
};
template <class R>
struct ToComplex {
  template <class A>
  Complex<R> operator()(A a) const {
    return {static_cast<R>(a), 0};
  }
};
template <class R>
struct ComplexTo {
  template <class A>
  Complex<R> operator()(Complex<A> a) const {
    return {static_cast<R>(a.re), static_cast<R>(a.im)};
  }
};

#if defined(__F16C__)
inline void half_to_float(const void* const* arguments, void* out, int64_t n, unsigned) {
  const uint16_t* a = static_cast<const uint16_t*>(arguments[0]);
  float* r = static_cast<float*>(out);
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i));
    _mm256_storeu_ps(r + i, _mm256_cvtph_ps(halves));
  }
  for (; i < n; ++i) r[i] = _cvtsh_ss(a[i]);
}
inline void float_to_half(const void* const* arguments, void* out, int64_t n, unsigned) {
  const float* a = static_cast<const float*>(arguments[0]);
  uint16_t* r = static_cast<uint16_t*>(out);
  int64_t i = 0;
  for (; i + 8 <= n; i += 8) {
    __m128i halves = _mm256_cvtps_ph(_mm256_loadu_ps(a + i), _MM_FROUND_TO_NEAREST_INT);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(r + i), halves);
  }
  for (; i < n; ++i) r[i] = static_cast<uint16_t>(_cvtss_sh(a[i], _MM_FROUND_TO_NEAREST_INT));
}
#else
inline void half_to_float(const void* const* arguments, void* out, int64_t n, unsigned scalars) {
  unary_loop<float, _Float16, To<float>>(arguments, out, n, scalars);
}
inline void float_to_half(const void* const* arguments, void* out, int64_t n, unsigned scalars) {
  unary_loop<_Float16, float, To<_Float16>>(arguments, out, n, scalars);
}
#endif

#define DUSK_CAST(A, R) row1<Function::kCast, TypeCode::R, TypeCode::A, To<Element<TypeCode::R>>>(),
#define DUSK_CAST_BOOL(A, ...) row1<Function::kCast, TypeCode::kBool, TypeCode::A, ToBool>(),
#define DUSK_CAST_FROM(R, A) DUSK_CAST(A, R)
// clang-format off
#define DUSK_CASTS(A, ...) \
  DUSK_CAST(A, kInt8) DUSK_CAST(A, kInt16) DUSK_CAST(A, kInt32) DUSK_CAST(A, kInt64) \
  DUSK_CAST(A, kUInt8) DUSK_CAST(A, kUInt16) DUSK_CAST(A, kUInt32) DUSK_CAST(A, kUInt64) \
  DUSK_CAST(A, kFloat32) DUSK_CAST(A, kFloat64)
// clang-format on

// clang-format off
inline constexpr KernelRow kCastRows[] = {
    DUSK_CASTS(kBool)
    DUSK_EACH_REAL(DUSK_CASTS, )
    DUSK_EACH_REAL(DUSK_CAST_BOOL, )
    {Function::kCast, {TypeCode::kFloat16}, TypeCode::kFloat32, false, &half_to_float},
    {Function::kCast, {TypeCode::kFloat32}, TypeCode::kFloat16, false, &float_to_half},
    DUSK_CAST(kFloat64, kFloat16)
    row1<Function::kCast, TypeCode::kComplex64, TypeCode::kFloat32, ToComplex<float>>(),
    row1<Function::kCast, TypeCode::kComplex128, TypeCode::kFloat64, ToComplex<double>>(),
    row1<Function::kCast, TypeCode::kComplex128, TypeCode::kComplex64, ComplexTo<double>>(),
    row1<Function::kCast, TypeCode::kComplex64, TypeCode::kComplex128, ComplexTo<float>>(),
    row1<Function::kCast, TypeCode::kFloat32, TypeCode::kComplex64, ComplexReal>(),
    row1<Function::kCast, TypeCode::kFloat64, TypeCode::kComplex128, ComplexReal>(),
    row1<Function::kCast, TypeCode::kBool, TypeCode::kComplex64, ComplexNonzero>(),
    row1<Function::kCast, TypeCode::kBool, TypeCode::kComplex128, ComplexNonzero>(),
};
// clang-format on

}  // namespace dusk::kernels::array::DUSK_ISA
