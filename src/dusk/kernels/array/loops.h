// The loops that turn a scalar functor into a kernel. Compiled once per instruction set: the
// including source defines DUSK_ISA, which names the namespace, so that no function compiled for
// one instruction set is ever linked in the place of another's.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "dusk/kernels/array/kernel.h"

#ifndef DUSK_ISA
#define DUSK_ISA sse2
#endif

namespace dusk::kernels::array::DUSK_ISA {

using data::TypeCode;

template <class T>
struct Complex {
  T re;
  T im;
};

template <TypeCode C>
struct ElementOf;
// clang-format off
template <> struct ElementOf<TypeCode::kBool> { using type = uint8_t; };
template <> struct ElementOf<TypeCode::kInt8> { using type = int8_t; };
template <> struct ElementOf<TypeCode::kInt16> { using type = int16_t; };
template <> struct ElementOf<TypeCode::kInt32> { using type = int32_t; };
template <> struct ElementOf<TypeCode::kInt64> { using type = int64_t; };
template <> struct ElementOf<TypeCode::kUInt8> { using type = uint8_t; };
template <> struct ElementOf<TypeCode::kUInt16> { using type = uint16_t; };
template <> struct ElementOf<TypeCode::kUInt32> { using type = uint32_t; };
template <> struct ElementOf<TypeCode::kUInt64> { using type = uint64_t; };
template <> struct ElementOf<TypeCode::kFloat16> { using type = _Float16; };
template <> struct ElementOf<TypeCode::kFloat32> { using type = float; };
template <> struct ElementOf<TypeCode::kFloat64> { using type = double; };
template <> struct ElementOf<TypeCode::kComplex64> { using type = Complex<float>; };
template <> struct ElementOf<TypeCode::kComplex128> { using type = Complex<double>; };
template <> struct ElementOf<TypeCode::kDatetime64> { using type = int64_t; };
template <> struct ElementOf<TypeCode::kTimedelta64> { using type = int64_t; };
// clang-format on
template <TypeCode C>
using Element = typename ElementOf<C>::type;

constexpr int64_t kNaT = std::numeric_limits<int64_t>::min();

template <class R, class A, class Op>
void unary_loop(const void* const* arguments, void* out, int64_t n, unsigned) {
  const A* a = static_cast<const A*>(arguments[0]);
  R* r = static_cast<R*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) r[i] = Op{}(a[i]);
}

template <class R, class A, class B, class Op>
void binary_loop(const void* const* arguments, void* out, int64_t n, unsigned) {
  const A* a = static_cast<const A*>(arguments[0]);
  const B* b = static_cast<const B*>(arguments[1]);
  R* r = static_cast<R*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) r[i] = Op{}(a[i], b[i]);
}

template <class R, class A, class B, class Op>
void binary_scalar_loop(const void* const* arguments, void* out, int64_t n, unsigned scalars) {
  const A* a = static_cast<const A*>(arguments[0]);
  const B* b = static_cast<const B*>(arguments[1]);
  R* r = static_cast<R*>(out);
  if (scalars == 1) {
    const A s = a[0];
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) r[i] = Op{}(s, b[i]);
  } else if (scalars == 2) {
    const B s = b[0];
#pragma GCC ivdep
    for (int64_t i = 0; i < n; ++i) r[i] = Op{}(a[i], s);
  } else {
    binary_loop<R, A, B, Op>(arguments, out, n, 0);
  }
}

template <class R, class A, class B, class C, class Op>
void ternary_loop(const void* const* arguments, void* out, int64_t n, unsigned) {
  const A* a = static_cast<const A*>(arguments[0]);
  const B* b = static_cast<const B*>(arguments[1]);
  const C* c = static_cast<const C*>(arguments[2]);
  R* r = static_cast<R*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) r[i] = Op{}(a[i], b[i], c[i]);
}

template <Function F, TypeCode R, TypeCode A, class Op>
constexpr KernelRow row1() {
  return {F, {A, A, A}, R, false, &unary_loop<Element<R>, Element<A>, Op>};
}
template <Function F, TypeCode R, TypeCode A, TypeCode B, class Op>
constexpr KernelRow row2() {
  return {F, {A, B, B}, R, false, &binary_loop<Element<R>, Element<A>, Element<B>, Op>};
}
template <Function F, TypeCode R, TypeCode A, TypeCode B, class Op>
constexpr KernelRow row2s() {
  return {F, {A, B, B}, R, true, &binary_scalar_loop<Element<R>, Element<A>, Element<B>, Op>};
}
template <Function F, TypeCode R, TypeCode A, TypeCode B, TypeCode C, class Op>
constexpr KernelRow row3() {
  return {
      F, {A, B, C}, R, false, &ternary_loop<Element<R>, Element<A>, Element<B>, Element<C>, Op>};
}

// DUSK_EACH_*(M, ...): M(<type code>, ...) for every type of the group.
#define DUSK_EACH_SIGNED(M, ...) \
  M(kInt8, __VA_ARGS__) M(kInt16, __VA_ARGS__) M(kInt32, __VA_ARGS__) M(kInt64, __VA_ARGS__)
#define DUSK_EACH_UNSIGNED(M, ...) \
  M(kUInt8, __VA_ARGS__) M(kUInt16, __VA_ARGS__) M(kUInt32, __VA_ARGS__) M(kUInt64, __VA_ARGS__)
#define DUSK_EACH_INTEGER(M, ...) \
  DUSK_EACH_SIGNED(M, __VA_ARGS__) DUSK_EACH_UNSIGNED(M, __VA_ARGS__)
#define DUSK_EACH_FLOAT(M, ...) M(kFloat32, __VA_ARGS__) M(kFloat64, __VA_ARGS__)
#define DUSK_EACH_COMPLEX(M, ...) M(kComplex64, __VA_ARGS__) M(kComplex128, __VA_ARGS__)
#define DUSK_EACH_REAL(M, ...) DUSK_EACH_INTEGER(M, __VA_ARGS__) DUSK_EACH_FLOAT(M, __VA_ARGS__)
#define DUSK_EACH_TIME(M, ...) M(kDatetime64, __VA_ARGS__) M(kTimedelta64, __VA_ARGS__)

// Rows over one type T: T -> T, (T, T) -> T, T -> bool, (T, T) -> bool.
#define DUSK_UNARY(T, F, Op) row1<Function::F, TypeCode::T, TypeCode::T, Op>(),
#define DUSK_BINARY(T, F, Op) row2<Function::F, TypeCode::T, TypeCode::T, TypeCode::T, Op>(),
#define DUSK_BINARY_S(T, F, Op) row2s<Function::F, TypeCode::T, TypeCode::T, TypeCode::T, Op>(),
#define DUSK_TEST(T, F, Op) row1<Function::F, TypeCode::kBool, TypeCode::T, Op>(),
#define DUSK_TEST2(T, F, Op) row2<Function::F, TypeCode::kBool, TypeCode::T, TypeCode::T, Op>(),
#define DUSK_TEST2_S(T, F, Op) row2s<Function::F, TypeCode::kBool, TypeCode::T, TypeCode::T, Op>(),

}  // namespace dusk::kernels::array::DUSK_ISA
