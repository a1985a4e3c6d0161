#include <arrow/api.h>
#include <arrow/compute/api.h>

#include <charconv>
#include <cmath>

#include "dusk/base/error.h"
#include "dusk/data/table.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/functions.h"

namespace dusk::kernels::frame {
namespace {

namespace pc = arrow::compute;
using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

// Python's repr of a float: the shortest digits, exponents below 1e-4 and from 1e16 on.
std::string float_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char digits[64];
  double size = std::fabs(value);
  bool plain = value == 0 || (size >= 1e-4 && size < 1e16);
  auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  auto end = std::to_chars(digits, digits + sizeof digits, value, format).ptr;
  std::string text(digits, end);
  if (plain && text.find('.') == std::string::npos) text += ".0";
  return text;
}

template <class F>
ArrayPtr built_text(const ArrayPtr& x, const TypePtr& type, F text_of) {
  arrow::LargeStringBuilder builder(data::arrow_pool());
  for (int64_t i = 0; i < x->length(); ++i) {
    auto status = x->IsNull(i) ? builder.AppendNull() : builder.Append(text_of(i));
    data::throw_if_failed(status, "astype");
  }
  auto array = builder.Finish();
  data::throw_if_failed(array.status(), "astype");
  return cast_array(*array, type);
}

ArrayPtr to_text(const ArrayPtr& x, const TypePtr& type) {
  if (x->type_id() == arrow::Type::DOUBLE || x->type_id() == arrow::Type::FLOAT) {
    // pandas keeps missing values missing in its str dtype.
    auto wide = cast_array(x, arrow::float64());
    auto missing = run_function("isna", {operand_of(wide)}, x->length());
    auto nulled = call_array("if_else", {missing, arrow::MakeNullScalar(wide->type()), wide});
    ColumnView view = view_of(*nulled);
    return built_text(nulled, type, [&](int64_t i) { return float_text(view.as<double>()[i]); });
  }
  if (x->type_id() == arrow::Type::BOOL) {
    ColumnView view = view_of(*x);
    return built_text(x, type,
                      [&](int64_t i) { return std::string(view.bit(i) ? "True" : "False"); });
  }
  return cast_array(x, type, true);
}

// Not a number has no integer.
void refuse_missing(const ArrayPtr& x) {
  auto finite = run_function("isfinite", {operand_of(x)}, x->length());
  ColumnView view = view_of(*finite);
  if (count_bits(view.as<uint8_t>(), view.offset, view.length) == view.length) return;
  throw base::value_error("[astype] Cannot convert non-finite values (NA or inf) to integer");
}

ArrayPtr astype(const Call& call) {
  TypePtr type = type_from_name(text_option(call, "type"));
  ArrayPtr x = call.args[0].array;
  if (x->type()->Equals(*type)) return x;
  if (type->id() == arrow::Type::DICTIONARY) {
    const auto& coded = static_cast<const arrow::DictionaryType&>(*type);
    auto values = cast_array(decoded(x), coded.value_type(), true);
    return cast_array(call_array("dictionary_encode", {values}), type);
  }
  x = decoded(x);
  if (is_string_type(*type)) return to_text(x, type);
  if (arrow::is_floating(x->type_id()) && arrow::is_integer(type->id())) refuse_missing(x);
  if (type->id() == arrow::Type::BOOL && is_number_type(*x->type())) {
    // NaN is true in NumPy; zero is the only false number.
    Operand zero{nullptr, arrow::MakeScalar(int64_t{0}), true};
    return run_function("ne", {operand_of(x), zero}, call.length);
  }
  if (is_string_type(*x->type())) {
    if (is_number_type(*type)) x = call_array("utf8_trim_whitespace", {x});
    return cast_array(x, type, true);
  }
  bool checked =
      is_time_type(*type) && is_time_type(*x->type()) ? false : arrow::is_decimal(type->id());
  return cast_array(x, type, checked);
}

arrow::TimeUnit::type unit_of(const std::string& name) {
  if (name == "s") return arrow::TimeUnit::SECOND;
  if (name == "ms") return arrow::TimeUnit::MILLI;
  if (name == "us") return arrow::TimeUnit::MICRO;
  if (name == "ns") return arrow::TimeUnit::NANO;
  throw base::value_error("[to_datetime] cannot cast unit " + name + "; s, ms, us, ns can be");
}

// Texts that Arrow cannot read become missing, one at a time.
ArrayPtr parsed_leniently(const ArrayPtr& texts, const TypePtr& type) {
  arrow::ArrayVector parts;
  for (int64_t i = 0; i < texts->length(); ++i) {
    try {
      parts.push_back(cast_array(texts->Slice(i, 1), type, true));
    } catch (const base::Error&) {
      parts.push_back(all_missing(type, 1));
    }
  }
  return combined(arrow::ChunkedArray(std::move(parts), type));
}

// pandas 3: microseconds for texts, the unit asked for (nanoseconds) for numbers.
ArrayPtr to_datetime(const Call& call) {
  ArrayPtr x = decoded(call.args[0].array);
  if (x->type_id() == arrow::Type::TIMESTAMP) return x;
  bool coerce = text_option(call, "errors", "raise") == "coerce";
  if (is_string_type(*x->type())) {
    auto type = arrow::timestamp(arrow::TimeUnit::MICRO);
    if (find_option(*call.options, "format") != nullptr) {
      pc::StrptimeOptions options(text_option(call, "format"), arrow::TimeUnit::MICRO, coerce);
      return call_array("strptime", {x}, &options, "to_datetime");
    }
    if (!coerce) return cast_array(x, type, true, "to_datetime");
    try {
      return cast_array(x, type, true, "to_datetime");
    } catch (const base::Error&) {
      return parsed_leniently(x, type);
    }
  }
  if (x->type_id() == arrow::Type::DATE32)
    return cast_array(x, arrow::timestamp(arrow::TimeUnit::SECOND));
  if (x->type_id() == arrow::Type::DATE64)
    return cast_array(x, arrow::timestamp(arrow::TimeUnit::MILLI));
  if (!is_number_type(*x->type())) {
    throw base::type_error("[to_datetime] " + x->type()->ToString() +
                           " is not convertible to datetime");
  }
  auto counts = cast_array(x, arrow::int64());
  auto counted = cast_array(counts, arrow::timestamp(unit_of(text_option(call, "unit", "ns"))));
  return cast_array(counted, arrow::timestamp(arrow::TimeUnit::NANO), true, "to_datetime");
}

}  // namespace

std::vector<Function> cast_functions() {
  return {{"astype", 1, 1, astype}, {"to_datetime", 1, 1, to_datetime}};
}

}  // namespace dusk::kernels::frame
