// SLEEF's vector functions under one set of names per instruction set, and the loops around them.
//
// SLEEF's "u10" functions err by at most 1 ULP (u05: 0.5 ULP). A few are wrong near the overflow
// threshold; there the C library is asked, element by element (sinh and
// cosh: 1.5 ULP).
#pragma once

#include <immintrin.h>
#include <sleef.h>

#include "dusk/kernels/array/loops.h"

namespace dusk::kernels::array::DUSK_ISA {

#if defined(__AVX512F__)
using DoubleVector = __m512d;
using FloatVector = __m512;
inline bool any_above(DoubleVector v, double limit) {
  return _mm512_cmp_pd_mask(_mm512_abs_pd(v), _mm512_set1_pd(limit), _CMP_GT_OQ) != 0;
}
inline bool any_above(FloatVector v, float limit) {
  return _mm512_cmp_ps_mask(_mm512_abs_ps(v), _mm512_set1_ps(limit), _CMP_GT_OQ) != 0;
}
inline DoubleVector load(const double* p) { return _mm512_loadu_pd(p); }
inline FloatVector load(const float* p) { return _mm512_loadu_ps(p); }
inline void store(double* p, DoubleVector v) { _mm512_storeu_pd(p, v); }
inline void store(float* p, FloatVector v) { _mm512_storeu_ps(p, v); }
#define DUSK_SLEEF_D(name, ulp) Sleef_##name##d8_##ulp##avx512f
#define DUSK_SLEEF_F(name, ulp) Sleef_##name##f16_##ulp##avx512f
#elif defined(__AVX2__)
using DoubleVector = __m256d;
using FloatVector = __m256;
inline bool any_above(DoubleVector v, double limit) {
  DoubleVector magnitude = _mm256_andnot_pd(_mm256_set1_pd(-0.0), v);
  return _mm256_movemask_pd(_mm256_cmp_pd(magnitude, _mm256_set1_pd(limit), _CMP_GT_OQ)) != 0;
}
inline bool any_above(FloatVector v, float limit) {
  FloatVector magnitude = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v);
  return _mm256_movemask_ps(_mm256_cmp_ps(magnitude, _mm256_set1_ps(limit), _CMP_GT_OQ)) != 0;
}
inline DoubleVector load(const double* p) { return _mm256_loadu_pd(p); }
inline FloatVector load(const float* p) { return _mm256_loadu_ps(p); }
inline void store(double* p, DoubleVector v) { _mm256_storeu_pd(p, v); }
inline void store(float* p, FloatVector v) { _mm256_storeu_ps(p, v); }
#define DUSK_SLEEF_D(name, ulp) Sleef_##name##d4_##ulp##avx2
#define DUSK_SLEEF_F(name, ulp) Sleef_##name##f8_##ulp##avx2
#else
using DoubleVector = __m128d;
using FloatVector = __m128;
inline bool any_above(DoubleVector v, double limit) {
  DoubleVector magnitude = _mm_andnot_pd(_mm_set1_pd(-0.0), v);
  return _mm_movemask_pd(_mm_cmpgt_pd(magnitude, _mm_set1_pd(limit))) != 0;
}
inline bool any_above(FloatVector v, float limit) {
  FloatVector magnitude = _mm_andnot_ps(_mm_set1_ps(-0.0f), v);
  return _mm_movemask_ps(_mm_cmpgt_ps(magnitude, _mm_set1_ps(limit))) != 0;
}
inline DoubleVector load(const double* p) { return _mm_loadu_pd(p); }
inline FloatVector load(const float* p) { return _mm_loadu_ps(p); }
inline void store(double* p, DoubleVector v) { _mm_storeu_pd(p, v); }
inline void store(float* p, FloatVector v) { _mm_storeu_ps(p, v); }
#define DUSK_SLEEF_D(name, ulp) Sleef_##name##d2_##ulp##sse2
#define DUSK_SLEEF_F(name, ulp) Sleef_##name##f4_##ulp##sse2
#endif

template <class T>
struct VectorOf {
  using type = FloatVector;
};
template <>
struct VectorOf<double> {
  using type = DoubleVector;
};
template <class T>
using Vector = typename VectorOf<T>::type;
template <class T>
constexpr int64_t kLanes = static_cast<int64_t>(sizeof(Vector<T>) / sizeof(T));

template <class T>
inline Vector<T> load_some(const T* p, int64_t count) {
  T padded[kLanes<T>] = {};
  for (int64_t i = 0; i < count; ++i) padded[i] = p[i];
  return load(padded);
}
template <class T>
inline void store_some(T* p, Vector<T> v, int64_t count) {
  T padded[kLanes<T>];
  store(padded, v);
  for (int64_t i = 0; i < count; ++i) p[i] = padded[i];
}

template <class T, class Op>
void vector_unary(const void* const* arguments, void* out, int64_t n, unsigned) {
  const T* a = static_cast<const T*>(arguments[0]);
  T* r = static_cast<T*>(out);
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) store(r + i, Op{}(load(a + i)));
  if (i < n) store_some(r + i, Op{}(load_some(a + i, n - i)), n - i);
}

template <class T, class Op>
void vector_binary(const void* const* arguments, void* out, int64_t n, unsigned) {
  const T* a = static_cast<const T*>(arguments[0]);
  const T* b = static_cast<const T*>(arguments[1]);
  T* r = static_cast<T*>(out);
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) store(r + i, Op{}(load(a + i), load(b + i)));
  if (i < n) {
    store_some(r + i, Op{}(load_some(a + i, n - i), load_some(b + i, n - i)), n - i);
  }
}

#define DUSK_VECTOR_UNARY(Name, name, ulp)                                               \
  struct Name {                                                                          \
    DoubleVector operator()(DoubleVector a) const { return DUSK_SLEEF_D(name, ulp)(a); } \
    FloatVector operator()(FloatVector a) const { return DUSK_SLEEF_F(name, ulp)(a); }   \
  };
#define DUSK_VECTOR_BINARY(Name, name, ulp)                         \
  struct Name {                                                     \
    DoubleVector operator()(DoubleVector a, DoubleVector b) const { \
      return DUSK_SLEEF_D(name, ulp)(a, b);                         \
    }                                                               \
    FloatVector operator()(FloatVector a, FloatVector b) const {    \
      return DUSK_SLEEF_F(name, ulp)(a, b);                         \
    }                                                               \
  };

// Lanes beyond the limit are the C library's.
#define DUSK_GUARDED_UNARY(Name, name, ulp, double_limit, float_limit)             \
  struct Name {                                                                    \
    DoubleVector operator()(DoubleVector a) const {                                \
      DoubleVector r = DUSK_SLEEF_D(name, ulp)(a);                                 \
      if (__builtin_expect(!any_above(a, double_limit), 1)) return r;              \
      for (int64_t k = 0; k < kLanes<double>; ++k) {                               \
        if (__builtin_fabs(a[k]) > double_limit) r[k] = __builtin_##name(a[k]);    \
      }                                                                            \
      return r;                                                                    \
    }                                                                              \
    FloatVector operator()(FloatVector a) const {                                  \
      FloatVector r = DUSK_SLEEF_F(name, ulp)(a);                                  \
      if (__builtin_expect(!any_above(a, float_limit), 1)) return r;               \
      for (int64_t k = 0; k < kLanes<float>; ++k) {                                \
        if (__builtin_fabsf(a[k]) > float_limit) r[k] = __builtin_##name##f(a[k]); \
      }                                                                            \
      return r;                                                                    \
    }                                                                              \
  };

DUSK_VECTOR_UNARY(Exp, exp, u10)
DUSK_VECTOR_UNARY(Exp2, exp2, u10)
DUSK_VECTOR_UNARY(Expm1, expm1, u10)
DUSK_VECTOR_UNARY(Log, log, u10)
DUSK_VECTOR_UNARY(Log2, log2, u10)
DUSK_VECTOR_UNARY(Log10, log10, u10)
DUSK_GUARDED_UNARY(Log1p, log1p, u10, 1e300, 1e37f)
DUSK_VECTOR_UNARY(Sin, sin, u10)
DUSK_VECTOR_UNARY(Cos, cos, u10)
DUSK_VECTOR_UNARY(Tan, tan, u10)
DUSK_VECTOR_UNARY(Arcsin, asin, u10)
DUSK_VECTOR_UNARY(Arccos, acos, u10)
DUSK_VECTOR_UNARY(Arctan, atan, u10)
DUSK_GUARDED_UNARY(Sinh, sinh, u10, 709.0, 88.0f)
DUSK_GUARDED_UNARY(Cosh, cosh, u10, 709.0, 88.0f)
DUSK_VECTOR_UNARY(Tanh, tanh, u10)
DUSK_GUARDED_UNARY(Arcsinh, asinh, u10, 1e150, 1e18f)
DUSK_GUARDED_UNARY(Arccosh, acosh, u10, 1e150, 1e18f)
DUSK_VECTOR_UNARY(Arctanh, atanh, u10)
DUSK_VECTOR_UNARY(Cbrt, cbrt, u10)
DUSK_VECTOR_BINARY(Power, pow, u10)
DUSK_VECTOR_BINARY(Arctan2, atan2, u10)
DUSK_VECTOR_BINARY(Hypot, hypot, u05)

}  // namespace dusk::kernels::array::DUSK_ISA
