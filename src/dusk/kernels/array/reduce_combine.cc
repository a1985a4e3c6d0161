#include <cmath>
#include <cstring>

#include "dusk/base/check.h"
#include "dusk/kernels/array/reduce.h"
#include "dusk/kernels/array/reduce_plan.h"

namespace dusk::kernels::array {
namespace {

using data::NdArray;
using data::TypeCode;
using States = std::span<const PartialState>;

NdArray copy_of(const NdArray& a) {
  NdArray copy = NdArray::empty(a.dtype(), a.shape());
  data::copy_elements(a, copy);
  return copy;
}

// Folds the states' values as the chunks' elements were folded.
NdArray combine_values(Reduction kernel, States states, size_t part) {
  NdArray value = copy_of(states[0][part]);
  bool compensated = value.dtype().is_complex() || value.dtype().is_float();
  compensated &= kernel == Reduction::kSum;
  NdArray rest = compensated ? NdArray::zeros(value.dtype(), value.shape()) : NdArray();
  TypeCode code = value.dtype().code;
  if (kernel == Reduction::kCountNonzero) {
    kernel = Reduction::kSum;
    code = TypeCode::kInt64;
  }
  void* accumulators[2] = {value.data(), rest.data()};
  const ReduceKernel& kernel_of = *find_reduce_kernel(kernel, code);
  for (const PartialState& state : states.subspan(1)) {
    NdArray x = state[part].contiguous();
    kernel_of.columns(x.data(), 1, x.size(), 0, accumulators, 0, 0);
  }
  if (!compensated) return value;
  const double* c = rest.as<double>();
  for (int64_t i = 0; i < value.nbytes() / 8; ++i) {
    value.as<double>()[i] += std::isfinite(c[i]) ? c[i] : 0.0;
  }
  return value;
}

PartialState combine_extremes(Reduction kernel, States states) {
  PartialState state{combine_values(kernel, states, 0), copy_of(states[0][1])};
  for (const PartialState& other : states) *state[1].as<uint8_t>() |= *other[1].as<uint8_t>();
  return state;
}

// The difference of two means, each (total + rest) / count, to twice the precision.
double mean_distance(double total_a, double rest_a, double count_a, double total_b, double rest_b,
                     double count_b) {
  double a = total_a / count_a, b = total_b / count_b;
  double lost_a = (std::fma(-a, count_a, total_a) + rest_a) / count_a;
  double lost_b = (std::fma(-b, count_b, total_b) + rest_b) / count_b;
  return (a - b) + (lost_a - lost_b);
}

void join_moments(PartialState& state, const PartialState& other) {
  double *count = state[0].as<double>(), *total = state[1].as<double>();
  double *m2 = state[2].as<double>(), *rest = state[3].as<double>();
  PartialState flat;
  for (const NdArray& part : other) flat.push_back(part.contiguous());
  for (int64_t i = 0; i < flat[0].size(); ++i) {
    double n = flat[0].as<double>()[i], sum = flat[1].as<double>()[i];
    double sum_rest = flat[3].as<double>()[i];
    if (n == 0) continue;
    m2[i] += flat[2].as<double>()[i];
    if (count[i] > 0) {
      double distance = mean_distance(sum, sum_rest, n, total[i], rest[i], count[i]);
      m2[i] += distance * distance * (count[i] * n / (count[i] + n));
    }
    double joined = total[i] + sum, seen = joined - total[i];
    rest[i] += ((total[i] - (joined - seen)) + (sum - seen)) + sum_rest;
    total[i] = joined;
    count[i] += n;
  }
}

PartialState combine_moments(const ReduceSpec& spec, States states) {
  PartialState state;
  if (!spec.has_m2) {
    for (size_t part : {0, 1}) {
      state.push_back(combine_values(Reduction::kSum, states, part));
    }
    return state;
  }
  for (const NdArray& part : states[0]) state.push_back(copy_of(part));
  for (const PartialState& other : states.subspan(1)) {
    join_moments(state, other);
  }
  return state;
}

// Runs the arg kernel on each state's element in turn, with the index that it had.
PartialState combine_args(Reduction kernel, States states) {
  PartialState state{copy_of(states[0][0]), copy_of(states[0][1])};
  const NdArray& first = states[0][0];
  const ReduceKernel& kernel_of = *find_reduce_kernel(kernel, first.dtype().code);
  int64_t item = first.dtype().itemsize;
  for (const PartialState& other : states.subspan(1)) {
    NdArray values = other[0].contiguous(), indices = other[1].contiguous();
    for (int64_t i = 0; i < values.size(); ++i) {
      int64_t index = indices.as<int64_t>()[i];
      if (index < 0) continue;
      void* accumulators[2] = {state[0].data() + i * item, state[1].as<int64_t>() + i};
      kernel_of.flat(values.data() + i * item, 1, accumulators, index, 0);
    }
  }
  return state;
}

}  // namespace

PartialState combine(const ReduceSpec& spec, std::span<const PartialState> states) {
  DUSK_CHECK(!states.empty(), "combine of no state");
  if (states.size() == 1) return states[0];
  const data::DType& value = states[0][0].dtype();
  Reduction kernel = plan_reduction(spec, value).kernel;
  if (is_moments(spec.kind)) return combine_moments(spec, states);
  if (is_arg(spec.kind)) return combine_args(kernel, states);
  if (is_extreme(spec.kind)) return combine_extremes(kernel, states);
  if (kernel == Reduction::kNanSum) kernel = Reduction::kSum;  // no state ignored is NaN now
  if (kernel == Reduction::kNanProd) kernel = Reduction::kProd;
  return {combine_values(kernel, states, 0)};
}

}  // namespace dusk::kernels::array
