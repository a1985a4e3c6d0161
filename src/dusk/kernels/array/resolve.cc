#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/kernels/array/kernel.h"
#include "dusk/kernels/array/program.h"
#include "dusk/kernels/array/simplify.h"

namespace dusk::kernels::array {
namespace {

using data::DType;
using data::TypeCode;
using Operands = std::span<const Operand>;

const DType kInt8Type = DType::of(TypeCode::kInt8);
const DType kFloat16Type = DType::of(TypeCode::kFloat16);
const DType kComplex64Type = DType::of(TypeCode::kComplex64);
const DType kComplex128Type = DType::of(TypeCode::kComplex128);

// A Python scalar's type next to `strong` (NEP 50).
DType weak_type(const DType& weak, const DType& strong) {
  if (weak.is_bool()) return data::promote(weak, strong);
  if (strong.is_complex()) return strong;
  if (weak.is_complex()) {
    bool small = strong.is_float() && strong.itemsize <= 4;
    return small ? kComplex64Type : kComplex128Type;
  }
  if (strong.is_float()) return strong;
  if (weak.is_float()) return data::kFloat64Type;
  return strong.is_bool() ? data::kInt64Type : strong;
}

// numpy.result_type of numbers. The widest kind goes first: int8, uint16, float32 give float32.
DType common_type(Operands operands) {
  std::vector<Operand> sorted(operands.begin(), operands.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Operand& a, const Operand& b) { return a.dtype.code > b.dtype.code; });
  std::optional<DType> strong, weak;
  for (const Operand& o : sorted) {
    std::optional<DType>& side = o.weak ? weak : strong;
    side = side ? data::promote(*side, o.dtype) : o.dtype;
  }
  if (!weak) return *strong;
  return strong ? weak_type(*weak, *strong) : *weak;
}

DType floating_type(const DType& d) {
  if (d.is_float() || d.is_complex()) return d;
  if (d.itemsize == 1) return kFloat16Type;
  return d.itemsize == 2 ? data::kFloat32Type : data::kFloat64Type;
}

DType real_part(const DType& d) {
  if (!d.is_complex()) return d;
  return d.itemsize == 8 ? data::kFloat32Type : data::kFloat64Type;
}

std::optional<Loop> loop_of(Function f, std::vector<DType> arguments, DType result) {
  Loop loop{facts(f).name, std::move(arguments), result};
  if (!has_kernel(f, loop.arguments)) return std::nullopt;
  return loop;
}
std::optional<Loop> same_types(Function f, const DType& type, const DType& result) {
  return loop_of(f, std::vector<DType>(static_cast<size_t>(facts(f).arity), type), result);
}

void refuse_bool(Function f) {
  if (f == Function::kSubtract) {
    throw base::type_error(
        "numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` "
        "operator, or the logical_xor function instead.");
  }
  if (f == Function::kNegative) {
    throw base::type_error(
        "The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or "
        "the logical_not function instead.");
  }
}

std::optional<Loop> resolve_arithmetic(Function f, DType type) {
  if (type.is_bool()) {
    OnBool rule = facts(f).on_bool;
    if (rule == OnBool::kTypeError) {
      refuse_bool(f);
      return std::nullopt;
    }
    if (rule == OnBool::kInt8) type = kInt8Type;
  }
  bool real_valued = f == Function::kAbsolute && type.is_complex();
  return same_types(f, type, real_valued ? real_part(type) : type);
}

std::optional<Loop> resolve_floating(Function f, Operands operands) {
  DType common = common_type(operands);
  DType type = floating_type(common);
  if (std::none_of(operands.begin(), operands.end(), [](const Operand& o) { return o.weak; })) {
    type = floating_type(operands[0].dtype);
    for (const Operand& o : operands) type = data::promote(type, floating_type(o.dtype));
  }
  if (f == Function::kFloatPower || (f == Function::kAngle && common.is_bool())) {
    type = data::promote(type, data::kFloat64Type);
  }
  return same_types(f, type, f == Function::kAngle ? real_part(type) : type);
}

// int64 and uint64 (or bool's and smaller integers' wider kin) compare exactly.
std::optional<Loop> resolve_comparison(Function f, Operands operands) {
  DType common = common_type(operands);
  auto integer = [](const Operand& o) { return o.dtype.is_integer() || o.dtype.is_bool(); };
  bool mixed = common.is_float() && std::all_of(operands.begin(), operands.end(), integer);
  if (!mixed) return same_types(f, common, data::kBoolType);
  std::vector<DType> types;
  for (const Operand& o : operands) {
    types.push_back(o.dtype.is_unsigned() ? data::kUInt64Type : data::kInt64Type);
  }
  return loop_of(f, types, data::kBoolType);
}

std::optional<Loop> resolve_predicate(Function f, const DType& type) {
  if (f == Function::kIsnat) {
    throw base::type_error("ufunc 'isnat' is only defined for np.datetime64 and np.timedelta64.");
  }
  bool any_type = f == Function::kIsnan || f == Function::kIsinf || f == Function::kIsfinite;
  bool exact = type.is_integer() || type.is_bool();
  if (any_type && exact) return same_types(f, data::kBoolType, data::kBoolType);
  return same_types(f, floating_type(type), data::kBoolType);
}

std::optional<Loop> resolve_ldexp(const DType& number, const Operand& exponent) {
  const DType& e = exponent.dtype;
  if (!(e.is_integer() || e.is_bool()) || e.code == TypeCode::kUInt64) return std::nullopt;
  bool wide = !exponent.weak && (e.itemsize == 8 || e.code == TypeCode::kUInt32);
  DType type = floating_type(number);
  return loop_of(Function::kLdexp, {type, wide ? data::kInt64Type : data::kInt32Type}, type);
}

std::optional<Loop> resolve_where(Operands operands) {
  DType type = common_type(operands.subspan(1));
  return loop_of(Function::kWhere, {data::kBoolType, type, type}, type);
}

std::optional<Loop> resolve_numbers(Function f, Operands operands) {
  switch (facts(f).family) {
    case Family::kArithmetic: return resolve_arithmetic(f, common_type(operands));
    case Family::kFloating: return resolve_floating(f, operands);
    case Family::kComparison: return resolve_comparison(f, operands);
    case Family::kPredicate: return resolve_predicate(f, operands[0].dtype);
    case Family::kLdexp: return resolve_ldexp(operands[0].dtype, operands[1]);
    case Family::kWhere: return resolve_where(operands);
    case Family::kLogical: return same_types(f, data::kBoolType, data::kBoolType);
    case Family::kPart: {
      const DType& type = operands[0].dtype;
      return same_types(f, type, real_part(type));
    }
    case Family::kDivision: {
      DType type = common_type(operands);
      if (type.is_integer() || type.is_bool()) type = data::kFloat64Type;
      return same_types(f, type, type);
    }
    case Family::kBitwise:
    case Family::kShift: {
      DType type = common_type(operands);
      if (type.is_bool() && facts(f).on_bool == OnBool::kInt8) type = kInt8Type;
      if (!type.is_integer() && !type.is_bool()) return std::nullopt;
      return same_types(f, type, type);
    }
    case Family::kInternal: break;
  }
  return std::nullopt;
}

DType delta_like(const DType& time) { return DType::timedelta(time.unit, time.multiple); }
DType moment_like(const DType& time) { return DType::datetime(time.unit, time.multiple); }
bool is_moment(const DType& d) { return d.code == TypeCode::kDatetime64; }
bool is_delta(const DType& d) { return d.code == TypeCode::kTimedelta64; }
bool is_count(const DType& d) {
  return d.is_bool() || (d.is_integer() && d.code != TypeCode::kUInt64);
}

std::optional<Loop> resolve_time_sum(Function f, const DType& a, const DType& b,
                                     const DType& unit) {
  bool subtract = f == Function::kSubtract;
  if (is_moment(a) && is_moment(b)) {
    if (!subtract) return std::nullopt;
    return loop_of(f, {moment_like(unit), moment_like(unit)}, delta_like(unit));
  }
  if (is_moment(b) && subtract) return std::nullopt;
  DType left = is_moment(a) ? moment_like(unit) : delta_like(unit);
  DType right = is_moment(b) ? moment_like(unit) : delta_like(unit);
  bool moment = is_moment(a) || is_moment(b);
  return loop_of(f, {left, right}, moment ? moment_like(unit) : delta_like(unit));
}

std::optional<Loop> resolve_time_product(Function f, const DType& a, const DType& b,
                                         const DType& unit) {
  if (is_moment(a) || is_moment(b)) return std::nullopt;
  DType delta = delta_like(unit);
  if (is_delta(a) && is_delta(b)) {
    if (f == Function::kMultiply) return std::nullopt;
    DType result = f == Function::kDivide        ? data::kFloat64Type
                   : f == Function::kFloorDivide ? data::kInt64Type
                                                 : delta;
    return loop_of(f, {delta, delta}, result);
  }
  auto factor = [](const DType& d) { return is_count(d) ? data::kInt64Type : data::kFloat64Type; };
  const DType& number = is_delta(a) ? b : a;
  if (!is_count(number) && !number.is_float()) return std::nullopt;
  if (number.is_bool() && f != Function::kMultiply) return std::nullopt;
  if (is_delta(a)) return loop_of(f, {delta, factor(b)}, delta);
  return f == Function::kMultiply ? loop_of(f, {factor(a), delta}, delta) : std::nullopt;
}

std::optional<Loop> resolve_times(Function f, Operands operands) {
  Operands values = f == Function::kWhere ? operands.subspan(1) : operands;
  std::optional<DType> common;
  bool countable = true;
  for (const Operand& o : values) {
    if (o.dtype.is_time()) common = common ? data::promote(*common, o.dtype) : o.dtype;
    countable &= o.dtype.is_time() || is_count(o.dtype);
  }
  if (!common) return std::nullopt;
  if (values.size() == 2) {
    const DType& a = values[0].dtype;
    const DType& b = values[1].dtype;
    bool sum = f == Function::kAdd || f == Function::kSubtract;
    if (sum) return countable ? resolve_time_sum(f, a, b, *common) : std::nullopt;
    if (f == Function::kMultiply || f == Function::kDivide || f == Function::kFloorDivide ||
        f == Function::kRemainder) {
      return resolve_time_product(f, a, b, *common);
    }
  }
  for (const Operand& o : values) {
    bool same_kind = o.dtype.code == common->code || (is_delta(*common) && is_count(o.dtype));
    if (!same_kind) return std::nullopt;
  }
  Family family = facts(f).family;
  bool test = family == Family::kComparison || family == Family::kPredicate;
  if (f == Function::kWhere) return loop_of(f, {data::kBoolType, *common, *common}, *common);
  if (!test && family != Family::kArithmetic) return std::nullopt;
  return same_types(f, *common, test ? data::kBoolType : *common);
}

bool casts_supported(const Loop& loop, Operands operands) {
  for (size_t i = 0; i < operands.size(); ++i) {
    if (!cast_supported(operands[i].dtype, loop.arguments[i])) return false;
  }
  return true;
}

}  // namespace

std::optional<Loop> resolve(std::string_view function, std::span<const Operand> operands) {
  Function f = function_named(function);
  if (f == Function::kCount || static_cast<int>(operands.size()) != facts(f).arity) {
    return std::nullopt;
  }
  bool times = false;
  for (const Operand& o : operands) {
    if (!o.dtype.is_numeric() && !o.dtype.is_time()) return std::nullopt;
    times |= o.dtype.is_time();
  }
  try {
    std::optional<Loop> loop = times ? resolve_times(f, operands) : resolve_numbers(f, operands);
    return loop && casts_supported(*loop, operands) ? loop : std::nullopt;
  } catch (const base::Error&) {
    if (times) return std::nullopt;  // units without a common one: NumPy words the refusal
    throw;
  }
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const FunctionFacts& f : all_functions()) {
    if (f.family != Family::kInternal) names.emplace_back(f.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace dusk::kernels::array
