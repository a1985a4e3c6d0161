#include <arrow/api.h>

#include <map>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/expression.h"

namespace dusk::kernels::frame {
namespace {

using TypePtr = std::shared_ptr<arrow::DataType>;

const std::map<std::string, TypePtr>& plain_types() {
  static const auto* types =
      new std::map<std::string, TypePtr>{{"null", arrow::null()},
                                         {"bool", arrow::boolean()},
                                         {"boolean", arrow::boolean()},
                                         {"int8", arrow::int8()},
                                         {"int16", arrow::int16()},
                                         {"int32", arrow::int32()},
                                         {"int64", arrow::int64()},
                                         {"uint8", arrow::uint8()},
                                         {"uint16", arrow::uint16()},
                                         {"uint32", arrow::uint32()},
                                         {"uint64", arrow::uint64()},
                                         {"halffloat", arrow::float16()},
                                         {"float16", arrow::float16()},
                                         {"float", arrow::float32()},
                                         {"float32", arrow::float32()},
                                         {"double", arrow::float64()},
                                         {"float64", arrow::float64()},
                                         {"string", arrow::utf8()},
                                         {"utf8", arrow::utf8()},
                                         {"str", arrow::large_utf8()},
                                         {"large_string", arrow::large_utf8()},
                                         {"large_utf8", arrow::large_utf8()},
                                         {"string_view", arrow::utf8_view()},
                                         {"binary", arrow::binary()},
                                         {"large_binary", arrow::large_binary()},
                                         {"date32", arrow::date32()},
                                         {"date32[day]", arrow::date32()},
                                         {"date64", arrow::date64()},
                                         {"date64[ms]", arrow::date64()},
                                         {"time32[s]", arrow::time32(arrow::TimeUnit::SECOND)},
                                         {"time32[ms]", arrow::time32(arrow::TimeUnit::MILLI)},
                                         {"time64[us]", arrow::time64(arrow::TimeUnit::MICRO)},
                                         {"time64[ns]", arrow::time64(arrow::TimeUnit::NANO)}};
  return *types;
}

const std::map<std::string, arrow::TimeUnit::type>& units() {
  static const auto* table =
      new std::map<std::string, arrow::TimeUnit::type>{{"s", arrow::TimeUnit::SECOND},
                                                       {"ms", arrow::TimeUnit::MILLI},
                                                       {"us", arrow::TimeUnit::MICRO},
                                                       {"ns", arrow::TimeUnit::NANO}};
  return *table;
}

base::Error unknown(const std::string& name) {
  return base::type_error("[astype] data type '" + name + "' not understood");
}

// What stands between `head` and the last character of `name`, when it starts so.
bool inside(const std::string& name, const std::string& head, std::string& body) {
  if (!name.starts_with(head) || name.size() < head.size() + 1) return false;
  body = name.substr(head.size(), name.size() - head.size() - 1);
  return true;
}

TypePtr instant(const std::string& name, const std::string& body) {
  size_t comma = body.find(',');
  auto unit = units().find(body.substr(0, comma));
  if (unit == units().end()) throw unknown(name);
  if (comma == std::string::npos) return arrow::timestamp(unit->second);
  size_t start = body.find_first_not_of(' ', comma + 1);
  if (start == std::string::npos) throw unknown(name);
  std::string zone = body.substr(start);
  if (zone.starts_with("tz=")) zone = zone.substr(3);
  return arrow::timestamp(unit->second, zone);
}

TypePtr decimal(const std::string& name, const std::string& body) {
  size_t comma = body.find(',');
  if (comma == std::string::npos) throw unknown(name);
  try {
    auto made = arrow::Decimal128Type::Make(std::stoi(body.substr(0, comma)),
                                            std::stoi(body.substr(comma + 1)));
    if (!made.ok()) throw unknown(name);
    return *made;
  } catch (const std::logic_error&) {
    throw unknown(name);
  }
}

// "values=string, indices=int32, ordered=0"
TypePtr dictionary(const std::string& name, const std::string& body) {
  TypePtr values = arrow::large_utf8(), indices = arrow::int32();
  bool ordered = body.find("ordered=1") != std::string::npos;
  auto read = [&](const std::string& label, TypePtr& type) {
    size_t at = body.find(label);
    if (at == std::string::npos) return;
    at += label.size();
    type = type_from_name(body.substr(at, body.find(',', at) - at));
  };
  read("values=", values);
  read("indices=", indices);
  if (!arrow::is_integer(indices->id())) throw unknown(name);
  return arrow::dictionary(indices, values, ordered);
}

}  // namespace

std::shared_ptr<arrow::DataType> type_from_name(const std::string& name) {
  auto plain = plain_types().find(name);
  if (plain != plain_types().end()) return plain->second;
  if (name == "category") return arrow::dictionary(arrow::int32(), arrow::large_utf8());
  std::string body;
  if (inside(name, "timestamp[", body) || inside(name, "datetime64[", body)) {
    return instant(name, body);
  }
  if (inside(name, "duration[", body) || inside(name, "timedelta64[", body)) {
    auto unit = units().find(body);
    if (unit == units().end()) throw unknown(name);
    return arrow::duration(unit->second);
  }
  if (inside(name, "decimal128(", body) || inside(name, "decimal(", body)) {
    return decimal(name, body);
  }
  if (inside(name, "dictionary<", body)) return dictionary(name, body);
  throw unknown(name);
}

}  // namespace dusk::kernels::frame
