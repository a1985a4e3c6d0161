#include "dusk/kernels/array/reduce_plan.h"

#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "dusk/base/cpu.h"

namespace dusk::kernels::array {

ReduceRows reduce_rows_sse2();
ReduceRows reduce_rows_avx2();
ReduceRows reduce_rows_avx512();

namespace {

using data::DType;
using data::TypeCode;
using R = Reduction;

constexpr std::pair<std::string_view, Reduction> kNames[] = {
    {"sum", R::kSum},
    {"prod", R::kProd},
    {"min", R::kMin},
    {"max", R::kMax},
    {"amin", R::kMin},
    {"amax", R::kMax},
    {"any", R::kAny},
    {"all", R::kAll},
    {"mean", R::kMoments},
    {"var", R::kMoments},
    {"std", R::kMoments},
    {"argmin", R::kArgMin},
    {"argmax", R::kArgMax},
    {"nansum", R::kNanSum},
    {"nanprod", R::kNanProd},
    {"nanmin", R::kNanMin},
    {"nanmax", R::kNanMax},
    {"nanmean", R::kNanMoments},
    {"nanvar", R::kNanMoments},
    {"nanstd", R::kNanMoments},
    {"nanargmin", R::kNanArgMin},
    {"nanargmax", R::kNanArgMax},
    {"count_nonzero", R::kCountNonzero},
};

ReduceRows rows() {
  switch (base::simd_level()) {
    case base::SimdLevel::kAvx512: return reduce_rows_avx512();
    case base::SimdLevel::kAvx2: return reduce_rows_avx2();
    default: return reduce_rows_sse2();
  }
}

// The kernel's kind for elements that cannot be NaN.
Reduction without_nan(Reduction kind) {
  switch (kind) {
    case R::kNanSum: return R::kSum;
    case R::kNanProd: return R::kProd;
    case R::kNanMin: return R::kMin;
    case R::kNanMax: return R::kMax;
    case R::kNanMoments: return R::kMoments;
    case R::kNanArgMin: return R::kArgMin;
    case R::kNanArgMax: return R::kArgMax;
    default: return kind;
  }
}

bool is_sum(Reduction kind) { return kind == R::kSum || kind == R::kNanSum; }
bool is_fold(Reduction kind) { return is_sum(kind) || kind == R::kProd || kind == R::kNanProd; }

// What sums and products are made of.
DType fold_input(const DType& element, const DType& result) {
  if (element.is_complex() || result.is_complex()) return DType::of(TypeCode::kComplex128);
  if (element.is_float() || result.is_float()) {
    bool single = element.is_float() && element.itemsize <= 4 && result.itemsize <= 4;
    return single ? data::kFloat32Type : data::kFloat64Type;
  }
  return result.is_unsigned() ? data::kUInt64Type : data::kInt64Type;
}

template <class T>
Constant lowest_or_highest(const DType& type, bool lowest) {
  using L = std::numeric_limits<T>;
  T high = L::has_infinity ? L::infinity() : L::max();
  T low = L::has_infinity ? -L::infinity() : L::lowest();
  return Constant::of<T>(type, lowest ? low : high);
}

Constant extreme_identity(const DType& type, bool lowest) {
  switch (type.code) {
    case TypeCode::kBool: return Constant::of<uint8_t>(type, lowest ? 0 : 1);
    case TypeCode::kInt8: return lowest_or_highest<int8_t>(type, lowest);
    case TypeCode::kInt16: return lowest_or_highest<int16_t>(type, lowest);
    case TypeCode::kInt32: return lowest_or_highest<int32_t>(type, lowest);
    case TypeCode::kUInt8: return lowest_or_highest<uint8_t>(type, lowest);
    case TypeCode::kUInt16: return lowest_or_highest<uint16_t>(type, lowest);
    case TypeCode::kUInt32: return lowest_or_highest<uint32_t>(type, lowest);
    case TypeCode::kUInt64: return lowest_or_highest<uint64_t>(type, lowest);
    case TypeCode::kFloat32: return lowest_or_highest<float>(type, lowest);
    case TypeCode::kFloat64: return lowest_or_highest<double>(type, lowest);
    case TypeCode::kDatetime64:
    case TypeCode::kTimedelta64:  // above NaT
      return Constant::of<int64_t>(type, lowest ? std::numeric_limits<int64_t>::min() + 1
                                                : std::numeric_limits<int64_t>::max());
    default: return lowest_or_highest<int64_t>(type, lowest);
  }
}

Constant none_of(const DType& type) {
  if (type.is_time()) return Constant::of<int64_t>(type, std::numeric_limits<int64_t>::min());
  return Constant::from_double(type, std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

const ReduceKernel* find_reduce_kernel(Reduction kind, TypeCode input) {
  ReduceRows table = rows();
  for (int i = 0; i < table.count; ++i) {
    if (table.rows[i].kind == kind && table.rows[i].input == input) return &table.rows[i].kernel;
  }
  return nullptr;
}

std::optional<Reduction> reduction_named(std::string_view name) {
  for (const auto& [known, kind] : kNames) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

bool is_arg(Reduction kind) {
  kind = without_nan(kind);
  return kind == R::kArgMin || kind == R::kArgMax;
}
bool is_extreme(Reduction kind) {
  kind = without_nan(kind);
  return kind == R::kMin || kind == R::kMax;
}
bool is_moments(Reduction kind) { return without_nan(kind) == R::kMoments; }

DType reduction_dtype(Reduction kind, const DType& input) {
  if (kind == R::kAny || kind == R::kAll) return data::kBoolType;
  if (kind == R::kCountNonzero || is_arg(kind)) return data::kInt64Type;
  if (is_extreme(kind)) return input;
  bool exact = input.is_integer() || input.is_bool();
  if (!exact) return input;
  if (is_moments(kind)) return data::kFloat64Type;
  return input.is_unsigned() ? data::kUInt64Type : data::kInt64Type;
}

ReducePlan plan_reduction(const ReduceSpec& spec, const DType& element) {
  bool exact = element.is_integer() || element.is_bool();
  ReducePlan plan{exact ? without_nan(spec.kind) : spec.kind, element, element, false};
  if (spec.kind == R::kAny || spec.kind == R::kAll || spec.kind == R::kCountNonzero) {
    plan.kernel = spec.kind == R::kAny   ? R::kMax
                  : spec.kind == R::kAll ? R::kMin
                                         : R::kCountNonzero;
    plan.input = data::kBoolType;
    plan.value = spec.kind == R::kCountNonzero ? data::kInt64Type : data::kBoolType;
  } else if (is_moments(spec.kind)) {
    bool complex = element.is_complex();
    plan.input = plan.value = complex ? DType::of(TypeCode::kComplex128) : data::kFloat64Type;
    if (complex) plan.kernel = R::kSum;
    plan.compensated = complex;
  } else if (is_fold(spec.kind)) {
    plan.input = plan.value = fold_input(element, spec.dtype);
    if (plan.input.is_integer() || plan.input.is_complex()) plan.kernel = without_nan(spec.kind);
    plan.compensated = is_sum(plan.kernel) && !plan.input.is_integer();
    if (plan.input.is_float()) plan.value = data::kFloat64Type;
  } else if (element.code == TypeCode::kFloat16) {
    plan.input = plan.value = data::kFloat32Type;
  }
  return plan;
}

bool reduction_supported(Reduction kind, const DType& input, bool has_m2) {
  if (!input.is_numeric() && !input.is_time()) return false;
  if (input.is_complex()) {
    if (kind == R::kNanSum || kind == R::kNanProd || kind == R::kNanMoments) return false;
    if (kind == R::kMoments) return !has_m2;
  }
  if (input.is_time() && !is_extreme(kind) && !is_arg(kind)) return false;
  ReducePlan plan = plan_reduction({kind, {}, reduction_dtype(kind, input), has_m2}, input);
  return find_reduce_kernel(plan.kernel, plan.input.code) != nullptr;
}

Constant reduction_identity(Reduction kernel, const DType& type) {
  switch (kernel) {
    case R::kProd:
    case R::kNanProd: return Constant::from_int(type, 1);
    case R::kMin:
    case R::kArgMin: return extreme_identity(type, false);
    case R::kMax:
    case R::kArgMax: return extreme_identity(type, true);
    case R::kNanMin:
    case R::kNanMax:
    case R::kNanArgMin:
    case R::kNanArgMax: return none_of(type);
    default: return Constant::from_int(type, 0);
  }
}

}  // namespace dusk::kernels::array
