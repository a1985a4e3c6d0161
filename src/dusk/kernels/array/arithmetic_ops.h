// Arithmetic on one element: NumPy's meaning of every operator, for vectorising loops.
#pragma once

#include "dusk/kernels/array/loops.h"

namespace dusk::kernels::array {

// Throws ValueError with NumPy's words.
[[noreturn]] void throw_negative_power();

namespace DUSK_ISA {

// The unsigned type in which arithmetic on T wraps without undefined behaviour.
template <class T>
using Wrapping = std::conditional_t<(sizeof(T) < 4), uint32_t, std::make_unsigned_t<T>>;
template <class T>
constexpr Wrapping<T> wrapping(T x) {
  return static_cast<Wrapping<T>>(x);
}

struct Add {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(wrapping(a) + wrapping(b));
    else
      return a + b;
  }
};
struct Subtract {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(wrapping(a) - wrapping(b));
    else
      return a - b;
  }
};
struct Multiply {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(wrapping(a) * wrapping(b));
    else
      return a * b;
  }
};
struct Divide {
  template <class T>
  T operator()(T a, T b) const {
    return a / b;
  }
};
struct FloorDivide {
  template <class T>
  T operator()(T a, T b) const {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == T(-1)) return static_cast<T>(0 - wrapping(a));
      T q = static_cast<T>(a / b);
      return static_cast<T>(q - ((a % b != 0) & ((a < 0) != (b < 0))));
    } else {
      return static_cast<T>(a / b);
    }
  }
};
struct Remainder {
  template <class T>
  T operator()(T a, T b) const {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>) {
      if (b == T(-1)) return 0;
      T r = static_cast<T>(a % b);
      return static_cast<T>(r + ((r != 0) & ((r < 0) != (b < 0)) ? b : 0));
    } else {
      return static_cast<T>(a % b);
    }
  }
};
struct Fmod {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_same_v<T, float>) return __builtin_fmodf(a, b);
    if constexpr (std::is_same_v<T, double>) return __builtin_fmod(a, b);
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<T>) {
        if (b == T(-1)) return 0;
      }
      return static_cast<T>(a % b);
    }
  }
};

// Python's floored division of floats: quotient and remainder with the divisor's sign.
template <class T>
inline T floored(T a, T b, T* remainder) {
  T mod = Fmod{}(a, b);
  if (b == 0) {
    *remainder = mod;
    return a / b;
  }
  T div = (a - mod) / b;
  if (mod != 0) {
    if ((b < 0) != (mod < 0)) {
      mod += b;
      div -= 1;
    }
  } else {
    mod = __builtin_copysign(T(0), b);
  }
  *remainder = mod;
  if (div == 0) return static_cast<T>(__builtin_copysign(T(0), a / b));
  T floor = static_cast<T>(__builtin_floor(div));
  return div - floor > T(0.5) ? floor + 1 : floor;
}
struct FloorDivideFloat {
  template <class T>
  T operator()(T a, T b) const {
    T remainder;
    return floored(a, b, &remainder);
  }
};
struct RemainderFloat {
  template <class T>
  T operator()(T a, T b) const {
    T remainder;
    floored(a, b, &remainder);
    return remainder;
  }
};

struct PowerInteger {
  template <class T>
  T operator()(T base, T exponent) const {
    if constexpr (std::is_signed_v<T>) {
      if (exponent < 0) throw_negative_power();
    }
    auto square = wrapping(base);
    decltype(square) result = 1;
    for (auto e = wrapping(exponent); e != 0; e >>= 1) {
      if (e & 1) result *= square;
      square *= square;
    }
    return static_cast<T>(result);
  }
};

template <class T>
constexpr T greatest_divisor(T a, T b) {
  while (b != 0) {
    T r = static_cast<T>(a % b);
    a = b;
    b = r;
  }
  return a;
}
template <class T>
constexpr auto magnitude(T a) {
  using U = std::make_unsigned_t<T>;
  return a < 0 ? static_cast<U>(0 - wrapping(a)) : static_cast<U>(a);
}
struct Gcd {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(greatest_divisor(magnitude(a), magnitude(b)));
  }
};
struct Lcm {
  template <class T>
  T operator()(T a, T b) const {
    auto x = magnitude(a), y = magnitude(b);
    auto g = greatest_divisor(x, y);
    return g == 0 ? T(0) : static_cast<T>(wrapping<T>(static_cast<T>(x / g)) * y);
  }
};

struct Negative {
  template <class T>
  T operator()(T a) const {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(0 - wrapping(a));
    else
      return -a;
  }
};
struct Same {
  template <class T>
  T operator()(T a) const {
    return a;
  }
};
struct Zero {
  template <class T>
  T operator()(T) const {
    return T{};
  }
};
struct Absolute {
  template <class T>
  T operator()(T a) const {
    if constexpr (std::is_same_v<T, float>) return __builtin_fabsf(a);
    if constexpr (std::is_same_v<T, double>) return __builtin_fabs(a);
    if constexpr (std::is_integral_v<T>) return a < 0 ? static_cast<T>(0 - wrapping(a)) : a;
  }
};
struct Sign {
  template <class T>
  T operator()(T a) const {
    if constexpr (std::is_floating_point_v<T>) {
      T sign = a > 0 ? T(1) : a < 0 ? T(-1) : T(0);
      return a != a ? a : sign;
    } else {
      return static_cast<T>((a > 0) - (a < 0));
    }
  }
};
struct Square {
  template <class T>
  T operator()(T a) const {
    return Multiply{}(a, a);
  }
};
struct Reciprocal {
  template <class T>
  T operator()(T a) const {
    if constexpr (std::is_unsigned_v<T>)
      return a == 0 ? T(0) : static_cast<T>(T(1) / a);
    else if constexpr (std::is_integral_v<T>)
      return static_cast<T>(1.0 / static_cast<double>(a));
    else
      return 1 / a;
  }
};

struct Maximum {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return a >= b ? a : b;
    else
      return (a >= b) | (a != a) ? a : b;
  }
};
struct Minimum {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return a <= b ? a : b;
    else
      return (a <= b) | (a != a) ? a : b;
  }
};
struct Fmax {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return a >= b ? a : b;
    else
      return (a >= b) | (b != b) ? a : b;
  }
};
struct Fmin {
  template <class T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>)
      return a <= b ? a : b;
    else
      return (a <= b) | (b != b) ? a : b;
  }
};
struct Clip {
  template <class T>
  T operator()(T x, T low, T high) const {
    return Minimum{}(Maximum{}(x, low), high);
  }
};

}  // namespace DUSK_ISA
}  // namespace dusk::kernels::array
