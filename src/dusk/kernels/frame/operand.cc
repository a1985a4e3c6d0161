#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/util/bitmap_ops.h>

#include "dusk/base/error.h"
#include "dusk/data/table.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/functions.h"

namespace dusk::kernels::frame {

std::shared_ptr<arrow::DataType> type_of(const Operand& operand) {
  return operand.is_scalar() ? operand.scalar->type : operand.array->type();
}

std::shared_ptr<arrow::Array> as_array(const Operand& operand, int64_t length) {
  if (!operand.is_scalar()) return operand.array;
  auto array = arrow::MakeArrayFromScalar(*operand.scalar, length, data::arrow_pool());
  data::throw_if_failed(array.status(), "literal");
  return *array;
}

arrow::Datum as_datum(const Operand& operand) {
  return operand.is_scalar() ? arrow::Datum(operand.scalar) : arrow::Datum(operand.array);
}

Operand operand_of(std::shared_ptr<arrow::Array> array) {
  return {std::move(array), nullptr, false};
}

Operand decoded(const Operand& operand) {
  if (operand.is_scalar()) {
    if (operand.scalar->type->id() != arrow::Type::DICTIONARY) return operand;
    auto array = decoded(as_array(operand, 1));
    return {nullptr, array->GetScalar(0).ValueOrDie(), operand.weak};
  }
  return operand_of(decoded(operand.array));
}

Operand cast_operand(const Operand& operand, const std::shared_ptr<arrow::DataType>& type) {
  if (!operand.is_scalar()) return operand_of(cast_array(operand.array, type));
  if (operand.scalar->type->Equals(*type)) return operand;
  if (!operand.scalar->is_valid) return {nullptr, arrow::MakeNullScalar(type), operand.weak};
  bool parse = is_string_type(*operand.scalar->type);
  auto array = cast_array(as_array(operand, 1), type, parse, "literal");
  auto scalar = array->GetScalar(0);
  data::throw_if_failed(scalar.status(), "literal");
  return {nullptr, *scalar, operand.weak};
}

bool is_number_type(const arrow::DataType& type) {
  return arrow::is_integer(type.id()) || type.id() == arrow::Type::FLOAT ||
         type.id() == arrow::Type::DOUBLE || type.id() == arrow::Type::BOOL;
}
bool is_string_type(const arrow::DataType& type) {
  return type.id() == arrow::Type::STRING || type.id() == arrow::Type::LARGE_STRING ||
         type.id() == arrow::Type::STRING_VIEW;
}
bool is_time_type(const arrow::DataType& type) { return arrow::is_temporal(type.id()); }

namespace {

// 0 bool, 1 integer, 2 floating: NumPy's kinds, in order.
int kind_of(const arrow::DataType& type) {
  if (type.id() == arrow::Type::BOOL) return 0;
  return arrow::is_integer(type.id()) ? 1 : 2;
}

std::shared_ptr<arrow::DataType> integer_type(int bits, bool with_sign) {
  switch (bits) {
    case 8: return with_sign ? arrow::int8() : arrow::uint8();
    case 16: return with_sign ? arrow::int16() : arrow::uint16();
    case 32: return with_sign ? arrow::int32() : arrow::uint32();
    case 64: return with_sign ? arrow::int64() : arrow::uint64();
    default: return arrow::float64();
  }
}

int bits_of_type(const arrow::DataType& type) {
  return static_cast<const arrow::FixedWidthType&>(type).bit_width();
}

std::shared_ptr<arrow::DataType> common_number(const std::shared_ptr<arrow::DataType>& a,
                                               const std::shared_ptr<arrow::DataType>& b) {
  int ka = kind_of(*a), kb = kind_of(*b);
  if (ka > kb) return common_number(b, a);
  if (ka == 0) return b;
  int wa = bits_of_type(*a), wb = bits_of_type(*b);
  if (kb == 2) {
    if (ka == 2) return wa > wb ? a : b;
    return wa <= 16 ? b : arrow::float64();  // NumPy: float32 holds int16, not int32
  }
  bool sa = arrow::is_signed_integer(a->id()), sb = arrow::is_signed_integer(b->id());
  if (sa == sb) return wa > wb ? a : b;
  int with_sign = sa ? wa : wb, without = sa ? wb : wa;
  return integer_type(with_sign > without ? with_sign : without * 2, true);
}

std::shared_ptr<arrow::DataType> weak_number(const std::shared_ptr<arrow::DataType>& weak,
                                             const std::shared_ptr<arrow::DataType>& strong) {
  if (kind_of(*weak) <= kind_of(*strong)) return strong;
  if (kind_of(*weak) == 1) return arrow::int64();
  return arrow::float64();
}

}  // namespace

std::shared_ptr<arrow::DataType> common_type(const std::shared_ptr<arrow::DataType>& a,
                                             const std::shared_ptr<arrow::DataType>& b) {
  if (a->Equals(*b)) return a;
  if (a->id() == arrow::Type::NA) return b;
  if (b->id() == arrow::Type::NA) return a;
  if (is_number_type(*a) && is_number_type(*b)) return common_number(a, b);
  if (is_string_type(*a) && is_string_type(*b)) return arrow::large_utf8();
  bool date_a = a->id() == arrow::Type::DATE32 || a->id() == arrow::Type::DATE64;
  bool date_b = b->id() == arrow::Type::DATE32 || b->id() == arrow::Type::DATE64;
  if (a->id() == arrow::Type::TIMESTAMP && b->id() == arrow::Type::TIMESTAMP) {
    const auto& ta = static_cast<const arrow::TimestampType&>(*a);
    const auto& tb = static_cast<const arrow::TimestampType&>(*b);
    if (ta.timezone().empty() != tb.timezone().empty()) return nullptr;
    return ta.unit() > tb.unit() ? a : arrow::timestamp(tb.unit(), ta.timezone());
  }
  if (a->id() == arrow::Type::DURATION && b->id() == arrow::Type::DURATION) {
    auto ua = static_cast<const arrow::DurationType&>(*a).unit();
    return ua > static_cast<const arrow::DurationType&>(*b).unit() ? a : b;
  }
  if (date_a && b->id() == arrow::Type::TIMESTAMP) return b;
  if (date_b && a->id() == arrow::Type::TIMESTAMP) return a;
  if (date_a && date_b) return arrow::date64();
  if (is_string_type(*a) && is_time_type(*b)) return b;
  if (is_string_type(*b) && is_time_type(*a)) return a;
  return nullptr;
}

std::shared_ptr<arrow::DataType> common_type(const Operand& a, const Operand& b) {
  auto ta = type_of(a), tb = type_of(b);
  if (a.weak != b.weak && is_number_type(*ta) && is_number_type(*tb)) {
    return a.weak ? weak_number(ta, tb) : weak_number(tb, ta);
  }
  if (is_string_type(*ta) && is_string_type(*tb)) return a.weak ? tb : ta;
  return common_type(ta, tb);
}

std::shared_ptr<arrow::Buffer> common_validity(const Operand& a, const Operand& b, int64_t length) {
  const arrow::Array* left = a.is_scalar() || a.array->null_count() == 0 ? nullptr : a.array.get();
  const arrow::Array* right = b.is_scalar() || b.array->null_count() == 0 ? nullptr : b.array.get();
  if (left == nullptr) std::swap(left, right);
  if (left == nullptr) return nullptr;
  auto bits = allocate_bytes((length + 7) / 8);
  if (right == nullptr) {
    arrow::internal::CopyBitmap(left->null_bitmap_data(), left->offset(), length,
                                bits->mutable_data(), 0);
  } else {
    arrow::internal::BitmapAnd(left->null_bitmap_data(), left->offset(), right->null_bitmap_data(),
                               right->offset(), length, 0, bits->mutable_data());
  }
  return bits;
}

std::shared_ptr<arrow::Array> all_missing(const std::shared_ptr<arrow::DataType>& type,
                                          int64_t length) {
  auto array = arrow::MakeArrayOfNull(type, length, data::arrow_pool());
  data::throw_if_failed(array.status(), "frame");
  return *array;
}

std::shared_ptr<arrow::Array> without_nulls(const std::shared_ptr<arrow::Array>& array,
                                            bool value) {
  if (array->null_count() == 0) return array;
  return call_array("coalesce", {array, arrow::Datum(value)});
}

const OptionValue* find_option(const Options& options, const std::string& name) {
  auto found = options.find(name);
  if (found == options.end() || found->second.index() == 0) return nullptr;
  return &found->second;
}

std::string text_option(const Call& call, const std::string& name) {
  const OptionValue* value = find_option(*call.options, name);
  if (value == nullptr || !std::holds_alternative<std::string>(*value)) {
    throw base::type_error("[" + call.function + "] the option '" + name + "' must be a string");
  }
  return std::get<std::string>(*value);
}

std::string text_option(const Call& call, const std::string& name, const std::string& absent) {
  return find_option(*call.options, name) == nullptr ? absent : text_option(call, name);
}

int64_t integer_option(const Call& call, const std::string& name, int64_t absent) {
  const OptionValue* value = find_option(*call.options, name);
  if (value == nullptr) return absent;
  if (auto number = std::get_if<int64_t>(value)) return *number;
  if (auto number = std::get_if<bool>(value)) return *number;
  throw base::type_error("[" + call.function + "] the option '" + name + "' must be an integer");
}

bool bool_option(const Call& call, const std::string& name, bool absent) {
  return integer_option(call, name, absent) != 0;
}

}  // namespace dusk::kernels::frame
