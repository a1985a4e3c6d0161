// The first index of the least or greatest element; NaN (NaT) is first of all, or passed over.
#pragma once

#include "dusk/kernels/array/reduce_loops.h"

namespace dusk::kernels::array::DUSK_ISA {

template <class T, bool Time>
inline bool is_none(T v) {
  if constexpr (Time)
    return v == kNaT;
  else
    return v != v;
}

// `Fold` finds the extreme of a block, NaN included unless SkipNan.
template <class T, class Fold, bool Greatest, bool SkipNan, bool Time>
struct Arg {
  static bool beats(T v, T than) {
    if (is_none<T, Time>(than)) return SkipNan && !is_none<T, Time>(v);
    if (is_none<T, Time>(v)) return !SkipNan;
    return Greatest ? v > than : v < than;
  }
  static bool ties(T v, T with) {
    return v == with || (is_none<T, Time>(v) && is_none<T, Time>(with));
  }
  static bool replaces(T v, int64_t index, T value, int64_t at) {
    if (SkipNan && is_none<T, Time>(v)) return false;
    return at < 0 || beats(v, value) || (index < at && ties(v, value));
  }

  static void flat(const void* data, int64_t n, void* const* accumulators, int64_t index,
                   int64_t step) {
    const T* x = static_cast<const T*>(data);
    T& value = *static_cast<T*>(accumulators[0]);
    int64_t& at = *static_cast<int64_t*>(accumulators[1]);
    T best = fold_flat<T, T, Fold>(x, n);
    if (SkipNan && is_none<T, Time>(best)) return;
    bool better = at < 0 || beats(best, value);
    if (!better && !ties(best, value)) return;
    int64_t i = 0;
    while (i < n && !ties(x[i], best)) ++i;
    if (i == n || (!better && index + i * step >= at)) return;
    value = best;
    at = index + i * step;
  }

  static void columns(const void* data, int64_t rows, int64_t columns, int64_t row_step,
                      void* const* accumulators, int64_t index, int64_t step) {
    const T* x = static_cast<const T*>(data);
    T* value = static_cast<T*>(accumulators[0]);
    int64_t* at = static_cast<int64_t*>(accumulators[1]);
    for (int64_t i = 0; i < rows; ++i, index += step, x += row_step) {
#pragma GCC ivdep
      for (int64_t j = 0; j < columns; ++j) {
        bool take = replaces(x[j], index, value[j], at[j]);
        value[j] = take ? x[j] : value[j];
        at[j] = take ? index : at[j];
      }
    }
  }
};

}  // namespace dusk::kernels::array::DUSK_ISA
