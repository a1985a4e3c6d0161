// Datetimes and timedeltas: int64 counts whose minimum is NaT and spreads.
#pragma once

#include "dusk/kernels/array/arithmetic_ops.h"

namespace dusk::kernels::array::DUSK_ISA {

inline bool any_nat(int64_t a, int64_t b) { return (a == kNaT) | (b == kNaT); }

struct TimeAdd {
  int64_t operator()(int64_t a, int64_t b) const { return any_nat(a, b) ? kNaT : Add{}(a, b); }
};
struct TimeSubtract {
  int64_t operator()(int64_t a, int64_t b) const { return any_nat(a, b) ? kNaT : Subtract{}(a, b); }
};
struct TimeScale {
  int64_t operator()(int64_t a, int64_t b) const { return a == kNaT ? kNaT : Multiply{}(a, b); }
};
struct ScaleTime {
  int64_t operator()(int64_t a, int64_t b) const { return b == kNaT ? kNaT : Multiply{}(a, b); }
};
// A float becomes a count towards zero; what does not fit is NaT.
inline int64_t time_of(double x) {
  return x > -9223372036854775808.0 && x < 9223372036854775808.0 ? static_cast<int64_t>(x) : kNaT;
}
struct TimeScaleFloat {
  int64_t operator()(int64_t a, double b) const {
    return a == kNaT ? kNaT : time_of(static_cast<double>(a) * b);
  }
};
struct FloatScaleTime {
  int64_t operator()(double a, int64_t b) const { return TimeScaleFloat{}(b, a); }
};
struct TimeDivideFloat {
  int64_t operator()(int64_t a, double b) const {
    return a == kNaT ? kNaT : time_of(static_cast<double>(a) / b);
  }
};
struct TimeDivideInteger {
  int64_t operator()(int64_t a, int64_t b) const {
    if ((a == kNaT) | (b == 0)) return kNaT;
    return b == -1 ? -a : a / b;
  }
};
struct TimeFloorDivideInteger {  // for casts to coarser units
  int64_t operator()(int64_t a, int64_t b) const {
    return (a == kNaT) | (b == 0) ? kNaT : FloorDivide{}(a, b);
  }
};
struct TimeRatio {
  double operator()(int64_t a, int64_t b) const {
    return any_nat(a, b) ? std::numeric_limits<double>::quiet_NaN()
                         : static_cast<double>(a) / static_cast<double>(b);
  }
};
struct TimeFloorRatio {
  int64_t operator()(int64_t a, int64_t b) const { return any_nat(a, b) ? 0 : FloorDivide{}(a, b); }
};
struct TimeRemainder {
  int64_t operator()(int64_t a, int64_t b) const {
    return any_nat(a, b) | (b == 0) ? kNaT : Remainder{}(a, b);
  }
};
struct TimeAbsolute {
  int64_t operator()(int64_t a) const { return a < 0 ? static_cast<int64_t>(0 - wrapping(a)) : a; }
};
struct TimeMaximum {
  int64_t operator()(int64_t a, int64_t b) const { return any_nat(a, b) ? kNaT : a >= b ? a : b; }
};
struct TimeMinimum {  // NaT is the smallest count
  int64_t operator()(int64_t a, int64_t b) const { return a <= b ? a : b; }
};
struct TimeFmax {  // NaT is the smallest count
  int64_t operator()(int64_t a, int64_t b) const { return a >= b ? a : b; }
};
struct TimeFmin {
  int64_t operator()(int64_t a, int64_t b) const {
    return a == kNaT ? b : b == kNaT ? a : a <= b ? a : b;
  }
};
struct TimeClip {
  int64_t operator()(int64_t x, int64_t low, int64_t high) const {
    return TimeMinimum{}(TimeMaximum{}(x, low), high);
  }
};

}  // namespace dusk::kernels::array::DUSK_ISA
