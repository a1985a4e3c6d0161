// Count, total and sum of squared deviations in one pass over memory: each block's mean first, its
// deviations while it is in cache, then the update of Chan, Golub and LeVeque (1983).
#pragma once

#include <immintrin.h>

#include "dusk/kernels/array/reduce_loops.h"

namespace dusk::kernels::array::DUSK_ISA {

struct CountFold : SumFold {  // of elements that are numbers
  template <class V>
  static V prepare(const V& v) {
    return v == v ? V{} + 1.0 : V{};
  }
};

template <class V>
inline V fused_multiply_add(const V& a, const V& b, const V& c) {
  if constexpr (std::is_floating_point_v<V>) {
    return __builtin_fma(a, b, c);
  } else {
#if defined(__AVX512F__)
    return (V)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__AVX2__)
    return (V)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#else
    return V{__builtin_fma(a[0], b[0], c[0]), __builtin_fma(a[1], b[1], c[1])};
#endif
  }
}

// (value + rest) / count to twice the precision.
template <class V>
inline Twofold<V> mean_of(const V& value, const V& rest, const V& count) {
  V mean = value / count;
  return {mean, (fused_multiply_add<V>(-mean, count, value) + rest) / count};
}
template <class V>
inline V distance_of(const Twofold<V>& a, const Twofold<V>& b) {
  return (a.value - b.value) + (a.rest - b.rest);
}

struct Deviations {
  double sum;      // of x - mean: what the mean is off by, times n
  double squares;  // of the same, squared
};

template <bool SkipNan>
inline Deviations deviations(const double* x, int64_t n, double mean) {
  using V = Wide<double, kWidth<double>>;
  constexpr int64_t L = kWidth<double>;
  V a{}, b{}, p{}, q{};
  auto distance = [&](int64_t at) -> V {
    V d = load_as<double, double>(x + at) - mean;
    if constexpr (SkipNan) d = without_nan<V>(d, V{});
    return d;
  };
  int64_t i = 0;
  for (; i + 2 * L <= n; i += 2 * L) {
    V d = distance(i), e = distance(i + L);
    a += d;
    b += e;
    p += d * d;
    q += e * e;
  }
  a += b;
  p += q;
  Deviations total{0, 0};
  for (int64_t k = 0; k < L; ++k) {
    total.sum += a[k];
    total.squares += p[k];
  }
  for (; i < n; ++i) {
    double d = x[i] - mean;
    if (SkipNan && d != d) d = 0;
    total.sum += d;
    total.squares += d * d;
  }
  return total;
}

template <bool SkipNan>
struct Moments {
  using Sum = std::conditional_t<SkipNan, NanSumFold, SumFold>;

  static void flat(const void* data, int64_t n, void* const* accumulators, int64_t, int64_t) {
    const double* x = static_cast<const double*>(data);
    double& count = *static_cast<double*>(accumulators[0]);
    double& total = *static_cast<double*>(accumulators[1]);
    double& rest = *static_cast<double*>(accumulators[2]);
    double added = SkipNan ? fold_flat<double, double, CountFold>(x, n) : static_cast<double>(n);
    if (added == 0) return;
    Twofold<double> sum{0, 0};
    if (accumulators[3] == nullptr) {
      sum = sum_flat<double, Sum>(x, n);
    } else {
      double mean = fold_flat<double, double, Sum>(x, n) / added;
      Deviations block = deviations<SkipNan>(x, n, mean);
      sum = {added * mean, fused_multiply_add(added, mean, -(added * mean)) + block.sum};
      double& m2 = *static_cast<double*>(accumulators[3]);
      m2 += block.squares - block.sum * block.sum / added;
      if (count > 0) {
        Twofold<double> whole{mean, block.sum / added};
        double distance = distance_of(whole, mean_of(total, rest, count));
        m2 += distance * distance * (count * added / (count + added));
      }
    }
    add_exactly(total, rest, sum.value);
    rest += sum.rest;
    count += added;
  }

  static void columns(const void* data, int64_t rows, int64_t columns, int64_t row_step,
                      void* const* accumulators, int64_t, int64_t) {
    const double* x = static_cast<const double*>(data);
    each_column<double, double>(x, columns, row_step, [&](int64_t j, auto like, auto load) {
      using V = decltype(like);
      double* counts = static_cast<double*>(accumulators[0]) + j;
      double* totals = static_cast<double*>(accumulators[1]) + j;
      double* rests = static_cast<double*>(accumulators[2]) + j;
      V before = load_like<V>(counts), total = load_like<V>(totals), rest = load_like<V>(rests);
      V added{}, sum{}, lost{};
      for (int64_t i = 0; i < rows; ++i) {
        V v = load(i);
        if constexpr (SkipNan) added += CountFold::prepare(v);
        add_exactly<V>(sum, lost, Sum::prepare(v));
      }
      if constexpr (!SkipNan) added += static_cast<double>(rows);
      if (accumulators[3] != nullptr) {
        const V one = V{} + 1.0;
        Twofold<V> mean = mean_of<V>(sum, lost, SkipNan ? (added > 0 ? added : one) : added);
        V distance = distance_of(mean, mean_of<V>(total, rest, before > 0 ? before : one));
        V all = before + added;
        V m2 = distance * distance * (before * added / (all > 0 ? all : one));
        for (int64_t i = 0; rows > 1 && i < rows; ++i) {
          V d = load(i) - mean.value;
          if constexpr (SkipNan) d = without_nan<V>(d, V{});
          m2 += d * d;
        }
        double* at = static_cast<double*>(accumulators[3]) + j;
        store_wide(at, V(load_like<V>(at) + m2));
      }
      add_exactly<V>(total, rest, sum);
      store_wide(counts, V(before + added));
      store_wide(totals, total);
      store_wide(rests, V(rest + lost));
    });
  }
};

}  // namespace dusk::kernels::array::DUSK_ISA
