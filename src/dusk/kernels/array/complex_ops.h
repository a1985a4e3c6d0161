// Complex arithmetic as NumPy does it: the plain product, Smith's division.
#pragma once

#include "dusk/kernels/array/arithmetic_ops.h"

namespace dusk::kernels::array::DUSK_ISA {

struct ComplexAdd {
  template <class T>
  Complex<T> operator()(Complex<T> a, Complex<T> b) const {
    return {a.re + b.re, a.im + b.im};
  }
};
struct ComplexSubtract {
  template <class T>
  Complex<T> operator()(Complex<T> a, Complex<T> b) const {
    return {a.re - b.re, a.im - b.im};
  }
};
struct ComplexMultiply {
  template <class T>
  Complex<T> operator()(Complex<T> a, Complex<T> b) const {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
  }
};
struct ComplexDivide {
  template <class T>
  Complex<T> operator()(Complex<T> a, Complex<T> b) const {
    T re = Absolute{}(b.re), im = Absolute{}(b.im);
    if (re >= im) {
      if (re == 0 && im == 0) return {a.re / re, a.im / re};
      T ratio = b.im / b.re;
      T scale = 1 / (b.re + b.im * ratio);
      return {(a.re + a.im * ratio) * scale, (a.im - a.re * ratio) * scale};
    }
    T ratio = b.re / b.im;
    T scale = 1 / (b.im + b.re * ratio);
    return {(a.re * ratio + a.im) * scale, (a.im * ratio - a.re) * scale};
  }
};
struct ComplexNegative {
  template <class T>
  Complex<T> operator()(Complex<T> a) const {
    return {-a.re, -a.im};
  }
};
struct ComplexConjugate {
  template <class T>
  Complex<T> operator()(Complex<T> a) const {
    return {a.re, -a.im};
  }
};
struct ComplexSquare {
  template <class T>
  Complex<T> operator()(Complex<T> a) const {
    return {a.re * a.re - a.im * a.im, a.re * a.im + a.im * a.re};
  }
};
struct ComplexReciprocal {
  template <class T>
  Complex<T> operator()(Complex<T> a) const {
    if (Absolute{}(a.im) <= Absolute{}(a.re)) {
      T ratio = a.im / a.re;
      T scale = a.re + a.im * ratio;
      return {1 / scale, -ratio / scale};
    }
    T ratio = a.re / a.im;
    T scale = a.re * ratio + a.im;
    return {ratio / scale, -1 / scale};
  }
};
struct ComplexAbsolute {
  float operator()(Complex<float> a) const { return __builtin_hypotf(a.re, a.im); }
  double operator()(Complex<double> a) const { return __builtin_hypot(a.re, a.im); }
};
struct ComplexAngle {
  float operator()(Complex<float> a) const { return __builtin_atan2f(a.im, a.re); }
  double operator()(Complex<double> a) const { return __builtin_atan2(a.im, a.re); }
};
struct ComplexReal {
  template <class T>
  T operator()(Complex<T> a) const {
    return a.re;
  }
};
struct ComplexImag {
  template <class T>
  T operator()(Complex<T> a) const {
    return a.im;
  }
};
struct ComplexEqual {
  template <class T>
  uint8_t operator()(Complex<T> a, Complex<T> b) const {
    return (a.re == b.re) & (a.im == b.im);
  }
};
struct ComplexNotEqual {
  template <class T>
  uint8_t operator()(Complex<T> a, Complex<T> b) const {
    return (a.re != b.re) | (a.im != b.im);
  }
};
struct ComplexNonzero {
  template <class T>
  uint8_t operator()(Complex<T> a) const {
    return (a.re != 0) | (a.im != 0);
  }
};

}  // namespace dusk::kernels::array::DUSK_ISA
