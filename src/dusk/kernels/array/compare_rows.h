// The table's rows for comparisons, logic, bits, predicates and selection.
#pragma once

#include <utility>

#include "dusk/kernels/array/complex_ops.h"
#include "dusk/kernels/array/time_ops.h"

namespace dusk::kernels::array::DUSK_ISA {

struct Greater {
  template <class A, class B>
  uint8_t operator()(A a, B b) const {
    // int64 and uint64: no common type holds both
    if constexpr (std::is_integral_v<A> && std::is_signed_v<A> && std::is_unsigned_v<B>) {
      return (a >= 0) & (static_cast<B>(a) > b);
    } else if constexpr (std::is_unsigned_v<A> && std::is_integral_v<B> && std::is_signed_v<B>) {
      return (b < 0) | (a > static_cast<A>(b));
    } else {
      return a > b;
    }
  }
};
struct Less {
  template <class A, class B>
  uint8_t operator()(A a, B b) const {
    return Greater{}(b, a);
  }
};
struct GreaterEqual {
  template <class A, class B>
  uint8_t operator()(A a, B b) const {
    if constexpr (std::is_same_v<A, B>)
      return a >= b;
    else
      return !Greater{}(b, a);
  }
};
struct LessEqual {
  template <class A, class B>
  uint8_t operator()(A a, B b) const {
    return GreaterEqual{}(b, a);
  }
};
struct Equal {
  template <class A, class B>
  uint8_t operator()(A a, B b) const {
    if constexpr (std::is_same_v<A, B>)
      return a == b;
    else
      return std::is_signed_v<A>
                 ? (a >= 0) & (static_cast<uint64_t>(a) == static_cast<uint64_t>(b))
                 : (b >= 0) & (static_cast<uint64_t>(a) == static_cast<uint64_t>(b));
  }
};
struct NotEqual {
  template <class A, class B>
  uint8_t operator()(A a, B b) const {
    if constexpr (std::is_same_v<A, B>)
      return a != b;
    else
      return !Equal{}(a, b);
  }
};

// A comparison with NaT is false, but for "not equal".
template <class Compare>
struct TimeCompare {
  uint8_t operator()(int64_t a, int64_t b) const { return Compare{}(a, b) & !any_nat(a, b); }
};
struct TimeNotEqual {
  uint8_t operator()(int64_t a, int64_t b) const { return (a != b) | any_nat(a, b); }
};

struct LogicalAnd {
  template <class T>
  uint8_t operator()(T a, T b) const {
    return (a != 0) & (b != 0);
  }
};
struct LogicalOr {
  template <class T>
  uint8_t operator()(T a, T b) const {
    return (a != 0) | (b != 0);
  }
};
struct LogicalXor {
  template <class T>
  uint8_t operator()(T a, T b) const {
    return (a != 0) != (b != 0);
  }
};
struct LogicalNot {
  template <class T>
  uint8_t operator()(T a) const {
    return a == 0;
  }
};
struct BitAnd {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a & b);
  }
};
struct BitOr {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a | b);
  }
};
struct BitXor {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a ^ b);
  }
};
struct BitNot {
  template <class T>
  T operator()(T a) const {
    return static_cast<T>(~a);
  }
};
// A shift by the width or more leaves nothing, or the sign.
struct LeftShift {
  template <class T>
  T operator()(T a, T b) const {
    auto count = static_cast<std::make_unsigned_t<T>>(b);
    return count < sizeof(T) * 8 ? static_cast<T>(wrapping(a) << count) : T(0);
  }
};
struct RightShift {
  template <class T>
  T operator()(T a, T b) const {
    auto count = static_cast<std::make_unsigned_t<T>>(b);
    return count < sizeof(T) * 8 ? static_cast<T>(a >> count) : static_cast<T>(a < 0 ? -1 : 0);
  }
};

struct Never {
  template <class T>
  uint8_t operator()(T) const {
    return 0;
  }
};
struct Always {
  template <class T>
  uint8_t operator()(T) const {
    return 1;
  }
};
struct IsNaN {
  template <class T>
  uint8_t operator()(T a) const {
    return a != a;
  }
};
struct IsInf {
  template <class T>
  uint8_t operator()(T a) const {
    return Absolute{}(a) == std::numeric_limits<T>::infinity();
  }
};
struct IsFinite {
  template <class T>
  uint8_t operator()(T a) const {
    return Absolute{}(a) < std::numeric_limits<T>::infinity();
  }
};
struct IsPosInf {
  template <class T>
  uint8_t operator()(T a) const {
    return a == std::numeric_limits<T>::infinity();
  }
};
struct IsNegInf {
  template <class T>
  uint8_t operator()(T a) const {
    return a == -std::numeric_limits<T>::infinity();
  }
};
struct SignBit {
  uint8_t operator()(float a) const { return __builtin_bit_cast(uint32_t, a) >> 31; }
  uint8_t operator()(double a) const {
    return static_cast<uint8_t>(__builtin_bit_cast(uint64_t, a) >> 63);
  }
};
template <class Test>
struct EitherPart {
  template <class T>
  uint8_t operator()(Complex<T> a) const {
    return Test{}(a.re) | Test{}(a.im);
  }
};
struct ComplexIsFinite {
  template <class T>
  uint8_t operator()(Complex<T> a) const {
    return IsFinite{}(a.re) & IsFinite{}(a.im);
  }
};
struct IsNaT {
  uint8_t operator()(int64_t a) const { return a == kNaT; }
};
struct IsNotNaT {
  uint8_t operator()(int64_t a) const { return a != kNaT; }
};

struct Select {
  template <class T>
  T operator()(uint8_t condition, T a, T b) const {
    return condition ? a : b;
  }
};

template <TypeCode C>
constexpr KernelRow where_row() {
  using T = Element<C>;
  // by size alone, so that equal loops are shared
  using Bits = std::conditional_t<
      sizeof(T) == 16, Complex<double>,
      std::conditional_t<
          sizeof(T) == 8, uint64_t,
          std::conditional_t<sizeof(T) == 4, uint32_t,
                             std::conditional_t<sizeof(T) == 2, uint16_t, uint8_t>>>>;
  return {Function::kWhere,
          {TypeCode::kBool, C, C},
          C,
          false,
          &ternary_loop<Bits, uint8_t, Bits, Bits, Select>};
}

#define DUSK_WHERE(T, ...) where_row<TypeCode::T>(),
#define DUSK_MIXED_TEST(A, B, F, Op) \
  row2<Function::F, TypeCode::kBool, TypeCode::A, TypeCode::B, Op>(),
#define DUSK_COMPARE(T, ...)                   \
  DUSK_TEST2_S(T, kGreater, Greater)           \
  DUSK_TEST2_S(T, kGreaterEqual, GreaterEqual) \
  DUSK_TEST2_S(T, kLess, Less)                 \
  DUSK_TEST2_S(T, kLessEqual, LessEqual)       \
  DUSK_TEST2_S(T, kEqual, Equal)               \
  DUSK_TEST2_S(T, kNotEqual, NotEqual)
#define DUSK_COMPARE_MIXED(A, B)                     \
  DUSK_MIXED_TEST(A, B, kGreater, Greater)           \
  DUSK_MIXED_TEST(A, B, kGreaterEqual, GreaterEqual) \
  DUSK_MIXED_TEST(A, B, kLess, Less)                 \
  DUSK_MIXED_TEST(A, B, kLessEqual, LessEqual)       \
  DUSK_MIXED_TEST(A, B, kEqual, Equal)               \
  DUSK_MIXED_TEST(A, B, kNotEqual, NotEqual)
#define DUSK_COMPARE_TIME(T, ...)                         \
  DUSK_TEST2(T, kGreater, TimeCompare<Greater>)           \
  DUSK_TEST2(T, kGreaterEqual, TimeCompare<GreaterEqual>) \
  DUSK_TEST2(T, kLess, TimeCompare<Less>)                 \
  DUSK_TEST2(T, kLessEqual, TimeCompare<LessEqual>)       \
  DUSK_TEST2(T, kEqual, TimeCompare<Equal>)               \
  DUSK_TEST2(T, kNotEqual, TimeNotEqual)                  \
  DUSK_TEST(T, kIsnat, IsNaT)                             \
  DUSK_TEST(T, kIsnan, IsNaT)                             \
  DUSK_TEST(T, kIsinf, Never)                             \
  DUSK_TEST(T, kIsfinite, IsNotNaT)

// clang-format off
inline constexpr KernelRow kCompareRows[] = {
    DUSK_COMPARE(kBool)
    DUSK_EACH_REAL(DUSK_COMPARE, )
    DUSK_COMPARE_MIXED(kInt64, kUInt64)
    DUSK_COMPARE_MIXED(kUInt64, kInt64)
    DUSK_EACH_TIME(DUSK_COMPARE_TIME, )
    DUSK_EACH_COMPLEX(DUSK_TEST2, kEqual, ComplexEqual)
    DUSK_EACH_COMPLEX(DUSK_TEST2, kNotEqual, ComplexNotEqual)
    DUSK_BINARY(kBool, kLogicalAnd, LogicalAnd)
    DUSK_BINARY(kBool, kLogicalOr, LogicalOr)
    DUSK_BINARY(kBool, kLogicalXor, LogicalXor)
    DUSK_UNARY(kBool, kLogicalNot, LogicalNot)
    DUSK_BINARY(kBool, kBitwiseAnd, LogicalAnd)
    DUSK_BINARY(kBool, kBitwiseOr, LogicalOr)
    DUSK_BINARY(kBool, kBitwiseXor, LogicalXor)
    DUSK_UNARY(kBool, kInvert, LogicalNot)
    DUSK_EACH_INTEGER(DUSK_BINARY, kBitwiseAnd, BitAnd)
    DUSK_EACH_INTEGER(DUSK_BINARY, kBitwiseOr, BitOr)
    DUSK_EACH_INTEGER(DUSK_BINARY, kBitwiseXor, BitXor)
    DUSK_EACH_INTEGER(DUSK_UNARY, kInvert, BitNot)
    DUSK_EACH_INTEGER(DUSK_BINARY, kLeftShift, LeftShift)
    DUSK_EACH_INTEGER(DUSK_BINARY, kRightShift, RightShift)
    DUSK_EACH_FLOAT(DUSK_TEST, kIsnan, IsNaN)
    DUSK_EACH_FLOAT(DUSK_TEST, kIsinf, IsInf)
    DUSK_EACH_FLOAT(DUSK_TEST, kIsfinite, IsFinite)
    DUSK_EACH_FLOAT(DUSK_TEST, kIsposinf, IsPosInf)
    DUSK_EACH_FLOAT(DUSK_TEST, kIsneginf, IsNegInf)
    DUSK_EACH_FLOAT(DUSK_TEST, kSignbit, SignBit)
    DUSK_EACH_COMPLEX(DUSK_TEST, kIsnan, EitherPart<IsNaN>)
    DUSK_EACH_COMPLEX(DUSK_TEST, kIsinf, EitherPart<IsInf>)
    DUSK_EACH_COMPLEX(DUSK_TEST, kIsfinite, ComplexIsFinite)
    DUSK_TEST(kBool, kIsnan, Never)
    DUSK_TEST(kBool, kIsinf, Never)
    DUSK_TEST(kBool, kIsfinite, Always)
    DUSK_WHERE(kBool)
    DUSK_EACH_REAL(DUSK_WHERE, )
    DUSK_EACH_COMPLEX(DUSK_WHERE, )
    DUSK_EACH_TIME(DUSK_WHERE, )
    DUSK_WHERE(kFloat16)
};
// clang-format on

}  // namespace dusk::kernels::array::DUSK_ISA
