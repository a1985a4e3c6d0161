// Kernels that fold blocks into accumulators; compiled per instruction set as those of kernel.h.
//
// Accumulators of a kind, in this order (arrays over the kept elements):
//   sum of floats      value, compensation (both float64; complex128 for complex input)
//   sum of integers    value
//   prod, min, max     value            (floats multiply in float64)
//   count of nonzero   value (int64)
//   moments            count, total, compensation of the total, M2 (all float64; M2 may be null)
//   arg                value, index (int64, -1: nothing seen)
#pragma once

#include <cstdint>

#include "dusk/data/dtype.h"
#include "dusk/kernels/array/reduce.h"

namespace dusk::kernels::array {

struct ReduceKernel {
  // n elements into one accumulator element. `index` is that of the first element, `step` between
  // neighbours (arg only).
  void (*flat)(const void* x, int64_t n, void* const* accumulators, int64_t index, int64_t step);
  // Each of `rows` rows of `columns` elements, `row_step` elements apart, into `columns`
  // accumulator elements. `step` is the index between rows.
  void (*columns)(const void* x, int64_t rows, int64_t columns, int64_t row_step,
                  void* const* accumulators, int64_t index, int64_t step);
};

struct ReduceRow {
  Reduction kind;
  data::TypeCode input;
  ReduceKernel kernel;
};
struct ReduceRows {
  const ReduceRow* rows;
  int count;
};

// Null when there is none. The kernels: sum, nansum and prod, nanprod of int64, uint64, float32,
// float64, complex128; min, max and arg of every real type and time; nanmin, nanmax, nanarg of
// floats and times; count_nonzero of bool; moments of float64.
const ReduceKernel* find_reduce_kernel(Reduction kind, data::TypeCode input);

}  // namespace dusk::kernels::array
