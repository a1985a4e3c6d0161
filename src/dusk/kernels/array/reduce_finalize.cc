#include <algorithm>
#include <cmath>
#include <limits>

#include "dusk/base/error.h"
#include "dusk/kernels/array/reduce.h"
#include "dusk/kernels/array/reduce_plan.h"

namespace dusk::kernels::array {
namespace {

using data::NdArray;

NdArray cast_to(const NdArray& from, const data::DType& dtype) {
  if (from.dtype() == dtype) return from;
  Program program;
  program.set_result(program.cast(program.input(from.dtype()), dtype));
  return evaluate(program, {&from, 1});
}

void refuse_nothing(const ReduceSpec& spec, const PartialState& state) {
  if (*state[1].as<uint8_t>() || state[0].size() == 0) return;
  std::string name = spec.kind == Reduction::kMin      ? "minimum"
                     : spec.kind == Reduction::kMax    ? "maximum"
                     : spec.kind == Reduction::kNanMin ? "fmin"
                                                       : "fmax";
  throw base::value_error("zero-size array to reduction operation " + name +
                          " which has no identity");
}

NdArray mean_of(const PartialState& state) {
  NdArray count = state[0].contiguous(), total = state[1].contiguous();
  NdArray mean = NdArray::empty(total.dtype(), total.shape());
  int64_t parts = total.dtype().itemsize / 8;
  for (int64_t i = 0; i < total.size() * parts; ++i) {
    mean.as<double>()[i] = total.as<double>()[i] / count.as<double>()[i / parts];
  }
  return mean;
}

NdArray spread_of(const ReduceSpec& spec, const Finalize& how, const PartialState& state) {
  NdArray count = state[0].contiguous(), m2 = state[2].contiguous();
  NdArray result = NdArray::empty(data::kFloat64Type, count.shape());
  for (int64_t i = 0; i < count.size(); ++i) {
    double freedom = std::max(count.as<double>()[i] - how.ddof, 0.0);
    double variance = m2.as<double>()[i] / freedom;
    if (spec.kind == Reduction::kNanMoments && freedom == 0) {
      variance = std::numeric_limits<double>::quiet_NaN();
    }
    result.as<double>()[i] = how.kind == Finalize::Kind::kStd ? std::sqrt(variance) : variance;
  }
  return result;
}

NdArray index_of(const ReduceSpec& spec, const PartialState& state) {
  NdArray index = state[1].contiguous();
  for (int64_t i = 0; i < index.size(); ++i) {
    if (index.as<int64_t>()[i] >= 0) continue;
    switch (spec.kind) {
      case Reduction::kArgMin:
        throw base::value_error("attempt to get argmin of an empty sequence");
      case Reduction::kArgMax:
        throw base::value_error("attempt to get argmax of an empty sequence");
      default: throw base::value_error("All-NaN slice encountered");
    }
  }
  return index;
}

}  // namespace

NdArray finalize(const ReduceSpec& spec, const Finalize& how, const PartialState& state) {
  switch (how.kind) {
    case Finalize::Kind::kArg: return cast_to(index_of(spec, state), how.dtype);
    case Finalize::Kind::kMean: return cast_to(mean_of(state), how.dtype);
    case Finalize::Kind::kVar:
    case Finalize::Kind::kStd: return cast_to(spread_of(spec, how, state), how.dtype);
    case Finalize::Kind::kValue: break;
  }
  if (is_extreme(spec.kind)) refuse_nothing(spec, state);
  return cast_to(state[0], how.dtype);
}

}  // namespace dusk::kernels::array
