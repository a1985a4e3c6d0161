#include <array>
#include <limits>

#include "dusk/base/error.h"
#include "dusk/kernels/array/kernel.h"
#include "dusk/kernels/array/program.h"

namespace dusk::kernels::array {
namespace {

using data::DType;
using data::TimeUnit;
using data::TypeCode;

DType plain(const DType& d) { return d.is_time() ? data::kInt64Type : d; }

// The type to go through when no kernel casts `from` to `to` at once.
DType stopover(const DType& from, const DType& to) {
  if (from.code == TypeCode::kFloat16) return data::kFloat32Type;
  if (from.is_complex()) {
    return from.itemsize == 8 ? data::kFloat32Type : data::kFloat64Type;
  }
  if (to.code == TypeCode::kComplex128) return data::kFloat64Type;
  return data::kFloat32Type;  // to float16 and complex64
}

bool is_calendar(TimeUnit unit) { return unit <= TimeUnit::kMonth; }

// to-units per from-unit as numerator / denominator; false when there is no such number.
bool time_ratio(const DType& from, const DType& to, int64_t* numerator, int64_t* denominator) {
  constexpr int64_t kSteps[] = {12, 0, 7, 24, 60, 60, 1000, 1000, 1000, 1000, 1000, 1000};
  if (from.unit == TimeUnit::kGeneric || to.unit == TimeUnit::kGeneric) {
    *numerator = *denominator = 1;
    return from.unit == TimeUnit::kGeneric;
  }
  if (is_calendar(from.unit) != is_calendar(to.unit)) return false;
  int64_t factor = 1;
  int first = static_cast<int>(std::min(from.unit, to.unit));
  int last = static_cast<int>(std::max(from.unit, to.unit));
  for (int u = first; u < last; ++u) {
    if (__builtin_mul_overflow(factor, kSteps[u], &factor)) return false;
  }
  *numerator = from.multiple;
  *denominator = to.multiple;
  int64_t* side = from.unit < to.unit ? numerator : denominator;
  return !__builtin_mul_overflow(*side, factor, side);
}

bool at_once(const DType& from, const DType& to) {
  TypeCode codes[2] = {plain(from).code, plain(to).code};
  return find_kernel(Function::kCast, codes) >= 0;
}

}  // namespace

bool cast_supported(const DType& from, const DType& to) {
  if (from == to) return true;
  bool known = (from.is_numeric() || from.is_time()) && (to.is_numeric() || to.is_time());
  if (!known || (from.is_complex() && to.is_time())) return false;
  if (!from.is_time() || !to.is_time()) return !(to.is_time() && from.is_float());
  int64_t numerator = 0, denominator = 0;
  return time_ratio(from, to, &numerator, &denominator);
}

Register Program::cast_time(Register from, DType dtype) {
  const DType source = instructions_[static_cast<size_t>(from)].dtype;
  int64_t numerator = 1, denominator = 1;
  time_ratio(source, dtype, &numerator, &denominator);
  TypeCode codes[2] = {source.code, TypeCode::kInt64};
  Register value = from;
  auto step = [&](Function function, int64_t factor) {
    if (factor == 1) return;
    Register both[2] = {value, constant(Constant::of(data::kInt64Type, factor))};
    value = emit_kernel(Instruction::Kind::kCall, find_kernel(function, codes), source, both);
  };
  step(Function::kScaleTime, numerator);
  step(Function::kFloorTime, denominator);
  return emit_kernel(Instruction::Kind::kCast, -1, dtype, {&value, 1});
}

Register Program::cast(Register from, DType dtype) {
  const DType source = instructions_[static_cast<size_t>(from)].dtype;
  if (source == dtype) return from;
  if (!cast_supported(source, dtype)) {
    throw base::not_implemented("[astype] from " + source.name() + " to " + dtype.name() +
                                " has no kernel; see docs/status.md");
  }
  if (source.is_time() && dtype.is_time()) return cast_time(from, dtype);
  if (plain(source) == plain(dtype)) {
    return emit_kernel(Instruction::Kind::kCast, -1, dtype, {&from, 1});
  }
  if (!at_once(source, dtype)) return cast(cast(from, stopover(source, dtype)), dtype);
  TypeCode codes[2] = {plain(source).code, plain(dtype).code};
  return emit_kernel(Instruction::Kind::kCast, find_kernel(Function::kCast, codes), dtype,
                     {&from, 1});
}

}  // namespace dusk::kernels::array
