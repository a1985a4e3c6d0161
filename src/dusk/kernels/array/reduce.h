// Reductions of an elementwise program over any axes, without materialising the program's result.
//
// A reduction works on partial states so that chunks combine in a tree: reduce_partial() on a
// chunk, combine() on several states, finalize() on the last one. Sums are pairwise over blocks
// (compensated across them), moments are combined by the update of Chan, Golub and LeVeque (1983),
// so that results are at least as exact as NumPy's.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dusk/kernels/array/program.h"

namespace dusk::kernels::array {

enum class Reduction : uint8_t {
  kSum,
  kProd,
  kMin,
  kMax,
  kAny,
  kAll,
  kMoments /* mean, var, std */,
  kArgMin,
  kArgMax,
  kNanSum,
  kNanProd,
  kNanMin,
  kNanMax,
  kNanMoments,
  kNanArgMin,
  kNanArgMax,
  kCountNonzero,
};

// By NumPy's name: "sum", "mean", "nanstd"...; nothing when there is none of that name.
std::optional<Reduction> reduction_named(std::string_view name);

// One or several arrays of the kept shape (reduced axes have length 1):
// sum, prod, any, all, count: {value} (floats and complex numbers in double precision);
// min, max: {value, whether there was any element (one bool)}; moments: {count (float64), total,
// M2 (sum of squared deviations), what rounding lost of the total} (the last two only with has_m2);
// arg: {value, flat or axis index (int64; -1: no element)}. An empty chunk gives the state that
// changes nothing when combined.
using PartialState = std::vector<data::NdArray>;

struct ReduceSpec {
  Reduction kind;
  std::vector<bool> reduced;  // one per axis of the program's broadcast shape
  data::DType dtype;          // accumulator: NumPy's result dtype ("sum" of int32 is int64...)
  bool has_m2 = true;         // moments: false when only the mean is wanted (half the work)
};

// NumPy's result dtype of `kind` over `input` when the user gives none (for moments: of the mean).
data::DType reduction_dtype(Reduction kind, const data::DType& input);

// Whether there are kernels for it. All numbers; of complex ones sum, prod, any, all, count and
// moments without M2; of times min, max, arg and their nan kin.
bool reduction_supported(Reduction kind, const data::DType& input, bool has_m2 = true);

// `offset` per axis: where this chunk starts in the whole array; `shape` the whole array's shape
// (both used by arg reductions only, whose index is flat in C order when all axes are reduced,
// else along the one reduced axis).
PartialState reduce_partial(const ReduceSpec& spec, const Program& program,
                            std::span<const data::NdArray> inputs, std::span<const int64_t> offset,
                            std::span<const int64_t> shape);

// States are those of a box of chunks in C order of a grid `grid` (one length per axis; 1 on axes
// that are not reduced).
PartialState combine(const ReduceSpec& spec, std::span<const PartialState> states);

// What finalize() makes of moments.
struct Finalize {
  enum class Kind : uint8_t { kValue, kMean, kVar, kStd, kArg } kind = Kind::kValue;
  double ddof = 0;
  data::DType dtype;  // of the result
};
// The result with reduced axes kept as length 1. min and max of nothing throw ValueError with
// NumPy's words.
data::NdArray finalize(const ReduceSpec& spec, const Finalize& how, const PartialState& state);

}  // namespace dusk::kernels::array
