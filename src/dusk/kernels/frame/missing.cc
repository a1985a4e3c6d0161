#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/util/bitmap_ops.h>

#include <cmath>
#include <cstring>

#include "dusk/base/error.h"
#include "dusk/data/table.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/functions.h"

namespace dusk::kernels::frame {
namespace {

// Bytes 1 where missing, for floats.
template <class T>
void mark_missing(const ColumnView& view, uint8_t* bytes) {
  const T* in = view.as<T>();
  for (int64_t i = 0; i < view.length; ++i) bytes[i] = in[i] != in[i];
  if (view.validity == nullptr) return;
  for (int64_t i = 0; i < view.length; ++i) bytes[i] |= !view.valid(i);
}

std::shared_ptr<arrow::Array> present(const Call& call) {
  bool want_missing = call.function == "isna";
  const arrow::Array& x = *call.args[0].array;
  int64_t n = x.length();
  if (x.type_id() == arrow::Type::NA) {
    return as_array({nullptr, arrow::MakeScalar(want_missing), false}, n);
  }
  ColumnView view = view_of(x);
  if (is_floating(view.storage)) {
    auto bytes = allocate_bytes(n);
    view.storage == Storage::kFloat32 ? mark_missing<float>(view, bytes->mutable_data())
                                      : mark_missing<double>(view, bytes->mutable_data());
    if (!want_missing) {
      for (int64_t i = 0; i < n; ++i) bytes->mutable_data()[i] ^= 1;
    }
    return bool_array(bytes->data(), n);
  }
  if (x.null_count() == 0) return as_array({nullptr, arrow::MakeScalar(!want_missing), false}, n);
  auto bits = allocate_bytes((n + 7) / 8);
  if (want_missing) {
    arrow::internal::InvertBitmap(x.null_bitmap_data(), x.offset(), n, bits->mutable_data(), 0);
  } else {
    arrow::internal::CopyBitmap(x.null_bitmap_data(), x.offset(), n, bits->mutable_data(), 0);
  }
  return fixed_array(arrow::boolean(), n, bits);
}

template <class T>
std::shared_ptr<arrow::Array> fill_numbers(const arrow::Array& x, T value) {
  ColumnView view = view_of(x);
  auto values = allocate_bytes(view.length * static_cast<int64_t>(sizeof(T)));
  T* out = reinterpret_cast<T*>(values->mutable_data());
  const T* in = view.as<T>();
  if constexpr (std::is_floating_point_v<T>) {
    for (int64_t i = 0; i < view.length; ++i) out[i] = in[i] != in[i] ? value : in[i];
  } else {
    if (view.length > 0) std::memcpy(out, in, sizeof(T) * static_cast<size_t>(view.length));
  }
  if (view.validity != nullptr) {
    for (int64_t i = 0; i < view.length; ++i) out[i] = view.valid(i) ? out[i] : value;
  }
  return fixed_array(x.type(), view.length, values);
}

// A category can be filled with one of its categories only.
std::shared_ptr<arrow::Array> fill_codes(const Call& call) {
  const auto& coded = static_cast<const arrow::DictionaryArray&>(*call.args[0].array);
  auto value = cast_operand(decoded(call.args[1]), coded.dictionary()->type());
  if (!value.is_scalar()) {
    throw base::not_implemented("[fillna] categories filled from a column; see docs/status.md");
  }
  arrow::compute::SetLookupOptions lookup(coded.dictionary());
  auto code = call_array("index_in", {as_array(value, 1)}, &lookup, "fillna");
  if (code->null_count() != 0) {
    throw base::type_error("[fillna] Cannot setitem on a Categorical with a new category (" +
                           value.scalar->ToString() + "), set the categories first");
  }
  auto typed = cast_array(code, coded.indices()->type());
  auto filled = call_array("coalesce", {coded.indices(), typed->GetScalar(0).ValueOrDie()});
  auto array = arrow::DictionaryArray::FromArrays(coded.type(), filled, coded.dictionary());
  data::throw_if_failed(array.status(), "fillna");
  return *array;
}

std::shared_ptr<arrow::Array> fillna(const Call& call) {
  Operand x = call.args[0], value = call.args[1];
  if (!x.is_scalar() && x.array->type_id() == arrow::Type::DICTIONARY) return fill_codes(call);
  x = decoded(x);
  value = decoded(value);
  if (value.is_scalar() && !value.scalar->is_valid) return as_array(x, call.length);
  auto type = common_type(x, value);
  if (type == nullptr) {
    throw base::type_error("[fillna] Invalid value of type " + type_of(value)->ToString() +
                           " for a column of " + type_of(x)->ToString());
  }
  x = cast_operand(x, type);
  value = cast_operand(value, type);
  Storage storage = storage_of(*type);
  if (is_number(storage) && value.is_scalar() && !x.is_scalar()) {
    auto one = as_array(value, 1);
    return dispatch_number(storage, [&](auto zero) {
      using T = decltype(zero);
      return fill_numbers<T>(*x.array, view_of(*one).as<T>()[0]);
    });
  }
  if (is_floating(storage)) {
    auto missing = run_function("isna", {x}, call.length);
    return call_array("if_else", {missing, as_datum(value), as_datum(x)});
  }
  return call_array("coalesce", {as_datum(x), as_datum(value)}, nullptr, "fillna");
}

std::shared_ptr<arrow::Array> coalesce(const Call& call) {
  Operand result = call.args[0];
  for (size_t i = 1; i < call.args.size(); ++i) {
    result = operand_of(run_function("fillna", {result, call.args[i]}, call.length));
  }
  return as_array(result, call.length);
}

std::shared_ptr<arrow::Array> list_option(const OptionValue& values) {
  arrow::Result<std::shared_ptr<arrow::Array>> array;
  auto build = [&](auto&& builder, const auto& list) {
    for (auto&& value : list) data::throw_if_failed(builder.Append(value), "isin");
    array = builder.Finish();
  };
  if (auto v = std::get_if<std::vector<int64_t>>(&values)) {
    build(arrow::Int64Builder(), *v);
  } else if (auto v = std::get_if<std::vector<double>>(&values)) {
    build(arrow::DoubleBuilder(), *v);
  } else if (auto v = std::get_if<std::vector<std::string>>(&values)) {
    build(arrow::LargeStringBuilder(), *v);
  } else if (auto v = std::get_if<std::vector<bool>>(&values)) {
    build(arrow::BooleanBuilder(), *v);
  } else {
    throw base::type_error("[isin] only list-like objects are allowed to be passed to isin()");
  }
  data::throw_if_failed(array.status(), "isin");
  return *array;
}

// Literals of one kind as an array; null literals are kept apart.
std::shared_ptr<arrow::Array> list_of(const Call& call) {
  std::shared_ptr<arrow::DataType> type = arrow::null();
  for (size_t i = 1; i < call.args.size(); ++i) {
    if (!call.args[i].is_scalar()) throw base::type_error("[isin] takes literals");
    auto common = common_type(type, type_of(call.args[i]));
    if (common == nullptr) throw base::type_error("[isin] values of one kind are needed");
    type = common;
  }
  arrow::ArrayVector parts;
  for (size_t i = 1; i < call.args.size(); ++i) {
    parts.push_back(as_array(cast_operand(call.args[i], type), 1));
  }
  return combined(arrow::ChunkedArray(parts, type));
}

std::shared_ptr<arrow::Array> isin(const Call& call) {
  const OptionValue* option = find_option(*call.options, "values");
  auto values = option != nullptr ? list_option(*option) : list_of(call);
  auto nothing = [&] { return as_array({nullptr, arrow::MakeScalar(false), false}, call.length); };
  if (values->length() == 0) return nothing();
  Operand x = decoded(call.args[0]);
  auto type = common_type(type_of(x), values->type());
  if (type == nullptr) return nothing();
  if (type_of(x)->id() == arrow::Type::TIMESTAMP) type = type_of(x);
  // A missing value among the values matches every missing one.
  Operand set = operand_of(cast_array(values, type, is_string_type(*values->type()), "isin"));
  bool match_missing = false;
  auto missing = run_function("isna", {set}, values->length());
  for (int64_t i = 0; i < values->length(); ++i) match_missing |= view_of(*missing).bit(i);
  arrow::compute::SetLookupOptions lookup(
      set.array, arrow::compute::SetLookupOptions::NullMatchingBehavior::SKIP);
  Operand in = operand_of(call_array("is_in", {as_datum(cast_operand(x, type))}, &lookup, "isin"));
  Operand lost = operand_of(run_function("isna", {x}, call.length));
  if (match_missing) return run_function("or", {in, lost}, call.length);
  return in.array;
}

std::shared_ptr<arrow::Array> choose(const Call& call, bool keep) {
  Operand x = decoded(call.args[0]);
  auto condition = without_nulls(as_array(call.args[1], call.length), false);
  if (condition->type_id() != arrow::Type::BOOL) {
    throw base::type_error("[" + call.function +
                           "] Boolean array expected for the condition, not " +
                           condition->type()->ToString());
  }
  Operand other = call.args.size() > 2 ? decoded(call.args[2])
                                       : Operand{nullptr, arrow::MakeNullScalar(type_of(x)), true};
  auto type = common_type(x, other);
  if (type == nullptr) {
    throw base::type_error("[" + call.function + "] no common type of " + type_of(x)->ToString() +
                           " and " + type_of(other)->ToString());
  }
  arrow::Datum a = as_datum(cast_operand(x, type)), b = as_datum(cast_operand(other, type));
  if (!keep) std::swap(a, b);
  return call_array("if_else", {condition, a, b}, nullptr, call.function);
}

std::shared_ptr<arrow::Array> where(const Call& call) { return choose(call, true); }
std::shared_ptr<arrow::Array> mask(const Call& call) { return choose(call, false); }

// Rows of x for which comparing with a bound says so become the bound; a missing bound is none.
std::shared_ptr<arrow::Array> bounded(const Operand& x, const Operand& bound, const char* beyond,
                                      int64_t n) {
  if (bound.is_scalar() && !bound.scalar->is_valid) return as_array(x, n);
  auto replace = run_function(beyond, {x, bound}, n);
  return run_function("mask", {x, operand_of(replace), bound}, n);
}

std::shared_ptr<arrow::Array> clip(const Call& call) {
  auto above = bounded(call.args[0], call.args[1], "lt", call.length);
  return bounded(operand_of(above), call.args[2], "gt", call.length);
}

std::shared_ptr<arrow::Array> extreme(const Call& call) {
  const Operand &x = call.args[0], &y = call.args[1];
  bool least = call.function == "minimum";
  auto wins = run_function(least ? "lt" : "gt", {x, y}, call.length);
  auto missing = run_function("isna", {x}, call.length);
  auto keep = run_function("or", {operand_of(wins), operand_of(missing)}, call.length);
  return run_function("where", {x, operand_of(keep), y}, call.length);
}

}  // namespace

std::vector<Function> missing_functions() {
  return {{"isna", 1, 1, present},       {"notna", 1, 1, present}, {"fillna", 2, 2, fillna},
          {"coalesce", 1, -1, coalesce}, {"isin", 1, -1, isin},    {"where", 2, 3, where},
          {"mask", 2, 3, mask},          {"clip", 3, 3, clip},     {"minimum", 2, 2, extreme},
          {"maximum", 2, 2, extreme}};
}

}  // namespace dusk::kernels::frame
