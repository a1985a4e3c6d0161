// The table of folding kernels.
#pragma once

#include "dusk/kernels/array/complex_ops.h"
#include "dusk/kernels/array/reduce_arg.h"
#include "dusk/kernels/array/reduce_moments.h"

namespace dusk::kernels::array::DUSK_ISA {

// Complex numbers, eight at a time so that errors grow slowly.
struct ComplexSum {
  static void flat(const void* x, int64_t n, void* const* accumulators, int64_t, int64_t) {
    const double* parts = static_cast<const double*>(x);
    double* value = static_cast<double*>(accumulators[0]);
    double* rest = static_cast<double*>(accumulators[1]);
    double lanes[16] = {};
    int64_t i = 0;
    for (; i + 16 <= 2 * n; i += 16) {
      for (int64_t k = 0; k < 16; ++k) lanes[k] += parts[i + k];
    }
    for (; i < 2 * n; ++i) lanes[i & 1] += parts[i];
    for (int k = 0; k < 16; ++k) add_exactly(value[k & 1], rest[k & 1], lanes[k]);
  }
  static void columns(const void* x, int64_t rows, int64_t columns, int64_t row_step,
                      void* const* accumulators, int64_t index, int64_t step) {
    Summed<double, SumFold>::columns(x, rows, 2 * columns, 2 * row_step, accumulators, index, step);
  }
};
struct ComplexProd {
  static void flat(const void* x, int64_t n, void* const* accumulators, int64_t, int64_t) {
    const auto* values = static_cast<const Complex<double>*>(x);
    auto* acc = static_cast<Complex<double>*>(accumulators[0]);
    for (int64_t i = 0; i < n; ++i) *acc = ComplexMultiply{}(*acc, values[i]);
  }
  static void columns(const void* x, int64_t rows, int64_t columns, int64_t row_step,
                      void* const* accumulators, int64_t, int64_t) {
    const auto* values = static_cast<const Complex<double>*>(x);
    auto* acc = static_cast<Complex<double>*>(accumulators[0]);
    for (int64_t i = 0; i < rows; ++i, values += row_step) {
      for (int64_t j = 0; j < columns; ++j) acc[j] = ComplexMultiply{}(acc[j], values[j]);
    }
  }
};

#define DUSK_FOLDS(Kind, T, ...) \
  {Reduction::Kind, TypeCode::T, {&__VA_ARGS__::flat, &__VA_ARGS__::columns}},
#define DUSK_EXTREMES(T, ...)                                                      \
  DUSK_FOLDS(kMin, T, Folded<Element<TypeCode::T>, Element<TypeCode::T>, MinFold>) \
  DUSK_FOLDS(kMax, T, Folded<Element<TypeCode::T>, Element<TypeCode::T>, MaxFold>) \
  DUSK_FOLDS(kArgMin, T, Arg<Element<TypeCode::T>, MinFold, false, false, false>)  \
  DUSK_FOLDS(kArgMax, T, Arg<Element<TypeCode::T>, MaxFold, true, false, false>)
#define DUSK_NAN_EXTREMES(T, ...)                                                        \
  DUSK_FOLDS(kNanMin, T, Folded<Element<TypeCode::T>, Element<TypeCode::T>, NanMinFold>) \
  DUSK_FOLDS(kNanMax, T, Folded<Element<TypeCode::T>, Element<TypeCode::T>, NanMaxFold>) \
  DUSK_FOLDS(kNanArgMin, T, Arg<Element<TypeCode::T>, NanMinFold, false, true, false>)   \
  DUSK_FOLDS(kNanArgMax, T, Arg<Element<TypeCode::T>, NanMaxFold, true, true, false>)
#define DUSK_TIME_EXTREMES(T, ...)                                           \
  DUSK_FOLDS(kMin, T, Folded<int64_t, int64_t, TimeMinFold>)                 \
  DUSK_FOLDS(kMax, T, Folded<int64_t, int64_t, TimeMaxFold>)                 \
  DUSK_FOLDS(kNanMin, T, Folded<int64_t, int64_t, TimeNanMinFold>)           \
  DUSK_FOLDS(kNanMax, T, Folded<int64_t, int64_t, TimeNanMaxFold>)           \
  DUSK_FOLDS(kArgMin, T, Arg<int64_t, TimeMinFold, false, false, true>)      \
  DUSK_FOLDS(kArgMax, T, Arg<int64_t, TimeMaxFold, true, false, true>)       \
  DUSK_FOLDS(kNanArgMin, T, Arg<int64_t, TimeNanMinFold, false, true, true>) \
  DUSK_FOLDS(kNanArgMax, T, Arg<int64_t, TimeNanMaxFold, true, true, true>)

// clang-format off
inline constexpr ReduceRow kReduceRows[] = {
    DUSK_FOLDS(kSum, kInt64, Folded<uint64_t, uint64_t, SumFold>)
    DUSK_FOLDS(kSum, kUInt64, Folded<uint64_t, uint64_t, SumFold>)
    DUSK_FOLDS(kSum, kFloat32, Summed<float, SumFold>)
    DUSK_FOLDS(kSum, kFloat64, Summed<double, SumFold>)
    DUSK_FOLDS(kNanSum, kFloat32, Summed<float, NanSumFold>)
    DUSK_FOLDS(kNanSum, kFloat64, Summed<double, NanSumFold>)
    DUSK_FOLDS(kSum, kComplex128, ComplexSum)
    DUSK_FOLDS(kProd, kInt64, Folded<uint64_t, uint64_t, ProdFold>)
    DUSK_FOLDS(kProd, kUInt64, Folded<uint64_t, uint64_t, ProdFold>)
    DUSK_FOLDS(kProd, kFloat32, Folded<float, double, ProdFold>)
    DUSK_FOLDS(kProd, kFloat64, Folded<double, double, ProdFold>)
    DUSK_FOLDS(kNanProd, kFloat32, Folded<float, double, NanProdFold>)
    DUSK_FOLDS(kNanProd, kFloat64, Folded<double, double, NanProdFold>)
    DUSK_FOLDS(kProd, kComplex128, ComplexProd)
    DUSK_FOLDS(kCountNonzero, kBool, Folded<uint8_t, int64_t, SumFold>)
    DUSK_FOLDS(kMoments, kFloat64, Moments<false>)
    DUSK_FOLDS(kNanMoments, kFloat64, Moments<true>)
    DUSK_EXTREMES(kBool)
    DUSK_EACH_REAL(DUSK_EXTREMES, )
    DUSK_EACH_FLOAT(DUSK_NAN_EXTREMES, )
    DUSK_EACH_TIME(DUSK_TIME_EXTREMES, )
};
// clang-format on

}  // namespace dusk::kernels::array::DUSK_ISA
