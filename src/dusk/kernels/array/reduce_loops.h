// Folds over vectors of the native width, four accumulators deep.
#pragma once

#include "dusk/kernels/array/arithmetic_ops.h"
#include "dusk/kernels/array/reduce_kernel.h"

namespace dusk::kernels::array::DUSK_ISA {

#if defined(__AVX512F__)
constexpr int kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int kVectorBytes = 32;
#else
constexpr int kVectorBytes = 16;
#endif

template <class T, int Lanes>
struct WideOf {
  typedef T type __attribute__((vector_size(sizeof(T) * Lanes), aligned(sizeof(T))));
};
template <class T, int Lanes>
using Wide = typename WideOf<T, Lanes>::type;
template <class Acc>
constexpr int kWidth = kVectorBytes / static_cast<int>(sizeof(Acc));

// A vector or a number where it lies among numbers. Not by memcpy: of vectors wider than 16 bytes
// GCC makes halves that go by way of the stack.
template <class V, class T>
inline V load_like(const T* p) {
  typedef V InMemory __attribute__((may_alias, aligned(alignof(T))));
  return *reinterpret_cast<const InMemory*>(p);
}
template <class V, class T>
inline void store_wide(T* p, const V& v) {
  typedef V InMemory __attribute__((may_alias, aligned(alignof(T))));
  *reinterpret_cast<InMemory*>(p) = v;
}

// Lanes of In read as lanes of Acc.
template <class In, class Acc>
inline Wide<Acc, kWidth<Acc>> load_as(const In* p) {
  auto v = load_like<Wide<In, kWidth<Acc>>>(p);
  if constexpr (std::is_same_v<In, Acc>)
    return v;
  else
    return __builtin_convertvector(v, Wide<Acc, kWidth<Acc>>);
}

// Folds: identity() starts an accumulator, prepare() is done to each element, operator() joins.
struct Plain {
  template <class V>
  static V prepare(const V& v) {
    return v;
  }
};
struct SumFold : Plain {
  template <class T>
  static constexpr T identity() {
    return T(0);
  }
  template <class V>
  static V join(const V& a, const V& b) {
    if constexpr (std::is_integral_v<V>)
      return Add{}(a, b);
    else
      return a + b;
  }
};
struct ProdFold : Plain {
  template <class T>
  static constexpr T identity() {
    return T(1);
  }
  template <class V>
  static V join(const V& a, const V& b) {
    if constexpr (std::is_integral_v<V>)
      return Multiply{}(a, b);
    else
      return a * b;
  }
};
template <class V>
inline V without_nan(const V& v, const V& instead) {
  return v == v ? v : instead;
}
struct NanSumFold : SumFold {
  template <class V>
  static V prepare(const V& v) {
    return without_nan(v, V{});
  }
};
struct NanProdFold : ProdFold {
  template <class V>
  static V prepare(const V& v) {
    return without_nan(v, V{} + 1);
  }
};

template <class T>
using Limits = std::numeric_limits<T>;
struct MinFold : Plain {
  template <class T>
  static constexpr T identity() {
    return Limits<T>::has_infinity ? Limits<T>::infinity() : Limits<T>::max();
  }
  template <class V>
  static V join(const V& a, const V& b) {
    return Minimum{}(a, b);
  }
};
struct MaxFold : Plain {
  template <class T>
  static constexpr T identity() {
    return Limits<T>::has_infinity ? -Limits<T>::infinity() : Limits<T>::lowest();
  }
  template <class V>
  static V join(const V& a, const V& b) {
    return Maximum{}(a, b);
  }
};
struct NanMinFold : Plain {
  template <class T>
  static constexpr T identity() {
    return Limits<T>::quiet_NaN();
  }
  template <class V>
  static V join(const V& a, const V& b) {
    return Fmin{}(a, b);
  }
};
struct NanMaxFold : NanMinFold {
  template <class V>
  static V join(const V& a, const V& b) {
    return Fmax{}(a, b);
  }
};
// Counts of time: NaT is the least count.
template <class V>
inline V either_nat(const V& a, const V& b, const V& otherwise) {
  const V nat = V{} + kNaT;
  return (a == nat) | (b == nat) ? nat : otherwise;
}
struct TimeMinFold : MinFold {};
struct TimeMaxFold : Plain {
  template <class T>
  static constexpr T identity() {
    return kNaT + 1;
  }
  template <class V>
  static V join(const V& a, const V& b) {
    return either_nat<V>(a, b, a >= b ? a : b);
  }
};
struct TimeNanMinFold : Plain {
  template <class T>
  static constexpr T identity() {
    return kNaT;
  }
  template <class V>
  static V join(const V& a, const V& b) {
    const V nat = V{} + kNaT;
    const V least = a <= b ? a : b;
    const V some = a == nat ? b : a;
    return (a == nat) | (b == nat) ? some : least;
  }
};
struct TimeNanMaxFold : TimeNanMinFold {
  template <class V>
  static V join(const V& a, const V& b) {
    return a >= b ? a : b;
  }
};

// All of x as one value.
template <class In, class Acc, class Fold>
inline Acc fold_flat(const In* x, int64_t n) {
  using V = Wide<Acc, kWidth<Acc>>;
  constexpr int64_t L = kWidth<Acc>;
  const V start = V{} + Fold::template identity<Acc>();
  V a = start, b = start, c = start, d = start;
  int64_t i = 0;
  for (; i + 4 * L <= n; i += 4 * L) {
    a = Fold::join(a, Fold::prepare(load_as<In, Acc>(x + i)));
    b = Fold::join(b, Fold::prepare(load_as<In, Acc>(x + i + L)));
    c = Fold::join(c, Fold::prepare(load_as<In, Acc>(x + i + 2 * L)));
    d = Fold::join(d, Fold::prepare(load_as<In, Acc>(x + i + 3 * L)));
  }
  for (; i + L <= n; i += L) a = Fold::join(a, Fold::prepare(load_as<In, Acc>(x + i)));
  a = Fold::join(Fold::join(a, b), Fold::join(c, d));
  Acc lanes[L];
  store_wide(lanes, a);
  for (int64_t half = L / 2; half > 0; half /= 2) {
    for (int64_t k = 0; k < half; ++k) lanes[k] = Fold::join(lanes[k], lanes[k + half]);
  }
  for (; i < n; ++i) lanes[0] = Fold::join(lanes[0], Fold::prepare(static_cast<Acc>(x[i])));
  return lanes[0];
}

// Rows of column j as one value; V is a vector of neighbouring columns or a scalar.
template <class Fold, class V, class Load>
inline V fold_rows(int64_t rows, const V& start, Load&& load) {
  V value = start;
  for (int64_t i = 0; i < rows; ++i) value = Fold::join(value, Fold::prepare(load(i)));
  return value;
}

// Calls visit(j, start, load) for vectors of columns, then for single ones. load(i) reads row i.
template <class In, class Acc, class Visit>
inline void each_column(const In* x, int64_t columns, int64_t row_step, Visit&& visit) {
  using V = Wide<Acc, kWidth<Acc>>;
  int64_t j = 0;
  for (; j + kWidth<Acc> <= columns; j += kWidth<Acc>) {
    visit(j, V{}, [&](int64_t i) { return load_as<In, Acc>(x + i * row_step + j); });
  }
  for (; j < columns; ++j) {
    visit(j, Acc{}, [&](int64_t i) { return static_cast<Acc>(x[i * row_step + j]); });
  }
}

// value + compensation stays the sum of all that was added (Knuth's two-sum).
template <class V>
inline void add_exactly(V& value, V& compensation, const V& x) {
  V sum = value + x;
  V seen = sum - value;
  compensation += (value - (sum - seen)) + (x - seen);
  value = sum;
}

template <class T>
struct Twofold {  // value + rest, the rest being what rounding lost
  T value;
  T rest;
};

// A sum good to twice the precision: short plain sums, joined exactly.
template <class In, class Fold>
inline Twofold<double> sum_flat(const In* x, int64_t n) {
  using V = Wide<double, kWidth<double>>;
  constexpr int64_t L = kWidth<double>;
  constexpr int64_t kShort = 8;
  V total{}, rest{};
  int64_t i = 0;
  auto read = [&](int64_t at) { return Fold::prepare(load_as<In, double>(x + at)); };
  while (i + 4 * L <= n) {
    V a{}, b{}, c{}, d{};
    for (int64_t k = 0; k < kShort && i + 4 * L <= n; ++k, i += 4 * L) {
      a += read(i);
      b += read(i + L);
      c += read(i + 2 * L);
      d += read(i + 3 * L);
    }
    add_exactly<V>(total, rest, (a + b) + (c + d));
  }
  Twofold<double> sum{0, 0};
  for (int64_t k = 0; k < L; ++k) {
    add_exactly<double>(sum.value, sum.rest, total[k]);
    sum.rest += rest[k];
  }
  for (; i < n; ++i) {
    add_exactly<double>(sum.value, sum.rest, Fold::prepare(static_cast<double>(x[i])));
  }
  return sum;
}

template <class In, class Acc, class Fold>
struct Folded {
  static void flat(const void* x, int64_t n, void* const* accumulators, int64_t, int64_t) {
    Acc* acc = static_cast<Acc*>(accumulators[0]);
    *acc = Fold::join(*acc, fold_flat<In, Acc, Fold>(static_cast<const In*>(x), n));
  }
  static void columns(const void* x, int64_t rows, int64_t columns, int64_t row_step,
                      void* const* accumulators, int64_t, int64_t) {
    Acc* acc = static_cast<Acc*>(accumulators[0]);
    each_column<In, Acc>(static_cast<const In*>(x), columns, row_step,
                         [&](int64_t j, auto like, auto load) {
                           auto start = load_like<decltype(like)>(acc + j);
                           store_wide(acc + j, fold_rows<Fold>(rows, start, load));
                         });
  }
};

template <class In, class Fold>
struct Summed {
  static void flat(const void* x, int64_t n, void* const* accumulators, int64_t, int64_t) {
    Twofold<double> block = sum_flat<In, Fold>(static_cast<const In*>(x), n);
    double* rest = static_cast<double*>(accumulators[1]);
    add_exactly(*static_cast<double*>(accumulators[0]), *rest, block.value);
    *rest += block.rest;
  }
  static void columns(const void* x, int64_t rows, int64_t columns, int64_t row_step,
                      void* const* accumulators, int64_t, int64_t) {
    double* value = static_cast<double*>(accumulators[0]);
    double* rest = static_cast<double*>(accumulators[1]);
    each_column<In, double>(
        static_cast<const In*>(x), columns, row_step, [&](int64_t j, auto like, auto load) {
          using V = decltype(like);
          V sum = load_like<V>(value + j), compensation = load_like<V>(rest + j);
          V block{};
          for (int64_t i = 0; i < rows; ++i) block += Fold::prepare(load(i));
          add_exactly(sum, compensation, block);
          store_wide(value + j, sum);
          store_wide(rest + j, compensation);
        });
  }
};

}  // namespace dusk::kernels::array::DUSK_ISA
