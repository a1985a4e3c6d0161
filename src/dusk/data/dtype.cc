#include "dusk/data/dtype.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <utility>

#include "dusk/base/check.h"
#include "dusk/base/error.h"

namespace dusk::data {
namespace {

struct FixedType {
  TypeCode code;
  int32_t itemsize;
  std::string_view name;
  std::string_view str;
};

constexpr std::array<FixedType, 14> kFixed = {{
    {TypeCode::kBool, 1, "bool", "|b1"},
    {TypeCode::kInt8, 1, "int8", "|i1"},
    {TypeCode::kInt16, 2, "int16", "<i2"},
    {TypeCode::kInt32, 4, "int32", "<i4"},
    {TypeCode::kInt64, 8, "int64", "<i8"},
    {TypeCode::kUInt8, 1, "uint8", "|u1"},
    {TypeCode::kUInt16, 2, "uint16", "<u2"},
    {TypeCode::kUInt32, 4, "uint32", "<u4"},
    {TypeCode::kUInt64, 8, "uint64", "<u8"},
    {TypeCode::kFloat16, 2, "float16", "<f2"},
    {TypeCode::kFloat32, 4, "float32", "<f4"},
    {TypeCode::kFloat64, 8, "float64", "<f8"},
    {TypeCode::kComplex64, 8, "complex64", "<c8"},
    {TypeCode::kComplex128, 16, "complex128", "<c16"},
}};

constexpr std::array<std::pair<std::string_view, TypeCode>, 31> kOtherNames = {{
    {"?", TypeCode::kBool},
    {"bool_", TypeCode::kBool},
    {"b", TypeCode::kInt8},
    {"h", TypeCode::kInt16},
    {"i", TypeCode::kInt32},
    {"intc", TypeCode::kInt32},
    {"l", TypeCode::kInt64},
    {"q", TypeCode::kInt64},
    {"p", TypeCode::kInt64},
    {"int", TypeCode::kInt64},
    {"int_", TypeCode::kInt64},
    {"intp", TypeCode::kInt64},
    {"B", TypeCode::kUInt8},
    {"H", TypeCode::kUInt16},
    {"I", TypeCode::kUInt32},
    {"L", TypeCode::kUInt64},
    {"Q", TypeCode::kUInt64},
    {"P", TypeCode::kUInt64},
    {"uint", TypeCode::kUInt64},
    {"uintp", TypeCode::kUInt64},
    {"e", TypeCode::kFloat16},
    {"half", TypeCode::kFloat16},
    {"f", TypeCode::kFloat32},
    {"single", TypeCode::kFloat32},
    {"d", TypeCode::kFloat64},
    {"float", TypeCode::kFloat64},
    {"double", TypeCode::kFloat64},
    {"F", TypeCode::kComplex64},
    {"csingle", TypeCode::kComplex64},
    {"D", TypeCode::kComplex128},
    {"complex", TypeCode::kComplex128},
}};

constexpr std::array<std::string_view, 13> kUnits = {"Y",  "M",  "W",  "D",  "h",  "m", "s",
                                                     "ms", "us", "ns", "ps", "fs", "as"};

const FixedType& fixed(TypeCode code) {
  DUSK_CHECK(code <= TypeCode::kComplex128, "a dtype of no fixed size");
  return kFixed[static_cast<size_t>(code)];
}

[[noreturn]] void not_understood(std::string_view text) {
  throw base::type_error("data type '" + std::string(text) + "' not understood");
}

// Digits only; -1 for anything else.
int32_t parse_number(std::string_view text) {
  int32_t value = -1;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

// "[25s]" or "[ns]" or nothing.
DType parse_time(TypeCode code, std::string_view unit, std::string_view whole) {
  DType dtype{code, TimeUnit::kGeneric, 8, 1};
  if (unit.empty()) return dtype;
  if (unit.size() < 3 || unit.front() != '[' || unit.back() != ']') not_understood(whole);
  unit = unit.substr(1, unit.size() - 2);
  size_t digits = std::min(unit.find_first_not_of("0123456789"), unit.size());
  if (digits > 0) dtype.multiple = parse_number(unit.substr(0, digits));
  unit = unit.substr(digits);
  if (unit == "generic") return dtype;
  auto found = std::find(kUnits.begin(), kUnits.end(), unit == "\u03bcs" ? "us" : unit);
  if (found == kUnits.end() || dtype.multiple < 1) not_understood(whole);
  dtype.unit = static_cast<TimeUnit>(found - kUnits.begin());
  return dtype;
}

DType parse_text(TypeCode code, std::string_view size, std::string_view whole) {
  int32_t count = size.empty() ? 0 : parse_number(size);
  if (count < 0) not_understood(whole);
  return DType{code, TimeUnit::kGeneric, code == TypeCode::kUnicode ? count * 4 : count, 1};
}

std::string unit_text(const DType& dtype) {
  if (dtype.unit == TimeUnit::kGeneric) return "";
  std::string multiple = dtype.multiple == 1 ? "" : std::to_string(dtype.multiple);
  return "[" + multiple + std::string(kUnits[static_cast<size_t>(dtype.unit)]) + "]";
}

DType no_promotion(const DType& a, const DType& b) {
  throw base::type_error("The DTypes '" + a.name() + "' and '" + b.name() +
                         "' do not have a common DType. For example they cannot be stored in a "
                         "single array unless the dtype is `object`.");
}

bool is_text(const DType& d) { return d.code == TypeCode::kBytes || d.code == TypeCode::kUnicode; }

bool is_calendar(TimeUnit unit) { return unit <= TimeUnit::kMonth; }

// How many `fine` units one `coarse` unit has; both linear or both of the calendar.
int64_t unit_factor(TimeUnit coarse, TimeUnit fine) {
  constexpr int64_t kSteps[] = {12, 0, 7, 24, 60, 60, 1000, 1000, 1000, 1000, 1000, 1000};
  int64_t factor = 1;
  for (int u = static_cast<int>(coarse); u < static_cast<int>(fine); ++u) {
    if (__builtin_mul_overflow(factor, kSteps[u], &factor)) {
      throw base::Error(base::ErrorKind::kOverflow,
                        "Integer overflow while computing the conversion factor between NumPy "
                        "datetime units");
    }
  }
  return factor;
}

DType promote_times(const DType& a, const DType& b) {
  bool delta = a.code == TypeCode::kTimedelta64 && b.code == TypeCode::kTimedelta64;
  DType result{delta ? TypeCode::kTimedelta64 : TypeCode::kDatetime64, a.unit, 8, a.multiple};
  if (a.unit == TimeUnit::kGeneric || b.unit == TimeUnit::kGeneric) {
    const DType& known = a.unit == TimeUnit::kGeneric ? b : a;
    result.unit = known.unit;
    result.multiple = known.multiple;
    return result;
  }
  const DType& coarse = a.unit < b.unit ? a : b;
  const DType& fine = a.unit < b.unit ? b : a;
  result.unit = fine.unit;
  result.multiple = fine.multiple;
  if (is_calendar(coarse.unit) != is_calendar(fine.unit)) {
    if (!delta) return result;
    throw base::type_error("Cannot get a common metadata divisor for Numpy datetime metadata " +
                           unit_text(a) + " and " + unit_text(b) +
                           " because they have incompatible nonlinear base time units.");
  }
  int64_t steps = coarse.multiple * unit_factor(coarse.unit, fine.unit);
  result.multiple = static_cast<int32_t>(std::gcd(steps, int64_t{fine.multiple}));
  return result;
}

// Characters that NumPy reserves for a number turned into text.
int32_t text_width(TypeCode code) {
  constexpr int32_t kWidths[] = {5, 4, 6, 11, 21, 3, 5, 10, 20, 32, 32, 32, 64, 64};
  return kWidths[static_cast<size_t>(code)];
}

DType promote_texts(const DType& a, const DType& b) {
  if (a.is_time() || b.is_time()) return no_promotion(a, b);
  bool unicode = a.code == TypeCode::kUnicode || b.code == TypeCode::kUnicode;
  auto width = [](const DType& d) {
    if (d.is_numeric()) return text_width(d.code);
    return d.code == TypeCode::kUnicode ? d.itemsize / 4 : d.itemsize;
  };
  int32_t count = std::max(width(a), width(b));
  return DType{unicode ? TypeCode::kUnicode : TypeCode::kBytes, TimeUnit::kGeneric,
               unicode ? count * 4 : count, 1};
}

TypeCode float_of(int32_t itemsize) {
  return itemsize <= 2   ? TypeCode::kFloat16
         : itemsize == 4 ? TypeCode::kFloat32
                         : TypeCode::kFloat64;
}

// The smallest float that holds the numbers of a real type, as NumPy sees it.
int32_t float_size(const DType& d) {
  if (d.is_float()) return d.itemsize;
  if (d.is_complex()) return d.itemsize / 2;
  return std::min(8, d.itemsize * 2);
}

TypeCode promote_integers(const DType& a, const DType& b) {
  if (a.is_signed() == b.is_signed()) return a.itemsize >= b.itemsize ? a.code : b.code;
  const DType& s = a.is_signed() ? a : b;
  const DType& u = a.is_signed() ? b : a;
  if (s.itemsize > u.itemsize) return s.code;
  switch (u.itemsize) {
    case 1: return TypeCode::kInt16;
    case 2: return TypeCode::kInt32;
    case 4: return TypeCode::kInt64;
    default: return TypeCode::kFloat64;
  }
}

DType promote_numbers(const DType& a, const DType& b) {
  if (a.is_bool() || b.is_bool()) return a.is_bool() ? b : a;
  if (a.is_integer() && b.is_integer()) return DType::of(promote_integers(a, b));
  int32_t size = std::max(float_size(a), float_size(b));
  if (a.is_complex() || b.is_complex()) {
    return DType::of(size <= 4 ? TypeCode::kComplex64 : TypeCode::kComplex128);
  }
  return DType::of(float_of(size));
}

// NumPy's order of kinds for same_kind casts.
int kind_rank(const DType& d) {
  if (d.is_bool()) return 0;
  if (d.is_unsigned()) return 1;
  if (d.is_signed()) return 2;
  if (d.is_float()) return 4;
  return 5;
}

bool can_cast_time(const DType& from, const DType& to) {
  if (!from.is_time()) {
    return to.code == TypeCode::kTimedelta64 && (from.is_integer() || from.is_bool());
  }
  if (from.code != to.code) return false;
  if (from.unit == TimeUnit::kGeneric) return true;
  if (to.unit == TimeUnit::kGeneric) return false;
  return to.code == TypeCode::kDatetime64 || is_calendar(from.unit) == is_calendar(to.unit);
}

}  // namespace

DType DType::of(TypeCode code) { return DType{code, TimeUnit::kGeneric, fixed(code).itemsize, 1}; }
DType DType::datetime(TimeUnit unit, int multiple) {
  return DType{TypeCode::kDatetime64, unit, 8, multiple};
}
DType DType::timedelta(TimeUnit unit, int multiple) {
  return DType{TypeCode::kTimedelta64, unit, 8, multiple};
}

DType DType::parse(std::string_view text) {
  std::string_view body = text;
  bool foreign = false;
  if (!body.empty() && std::string_view("<>=|").find(body.front()) != std::string_view::npos) {
    foreign = body.front() == '>';
    body.remove_prefix(1);
  }
  for (const FixedType& type : kFixed) {
    if (body != type.name && body != type.str.substr(1)) continue;
    if (foreign && type.itemsize > 1) {
      throw base::type_error("data type '" + std::string(text) +
                             "' has a foreign byte order; convert it to the native one first");
    }
    return of(type.code);
  }
  for (const auto& [name, code] : kOtherNames) {
    if (text == name) return of(code);
  }
  if (body == "O" || body == "object") return DType{TypeCode::kObject, TimeUnit::kGeneric, 8, 1};
  if (body == "bytes") return DType{TypeCode::kBytes, TimeUnit::kGeneric, 0, 1};
  if (body == "str") return DType{TypeCode::kUnicode, TimeUnit::kGeneric, 0, 1};
  if (foreign || body.empty()) not_understood(text);
  for (auto [prefix, code] : {std::pair{std::string_view("datetime64"), TypeCode::kDatetime64},
                              {"timedelta64", TypeCode::kTimedelta64},
                              {"M8", TypeCode::kDatetime64},
                              {"m8", TypeCode::kTimedelta64}}) {
    if (body.starts_with(prefix)) return parse_time(code, body.substr(prefix.size()), text);
  }
  if (body.front() == 'S') return parse_text(TypeCode::kBytes, body.substr(1), text);
  if (body.front() == 'U') return parse_text(TypeCode::kUnicode, body.substr(1), text);
  not_understood(text);
}

std::string DType::str() const {
  switch (code) {
    case TypeCode::kDatetime64: return "<M8" + unit_text(*this);
    case TypeCode::kTimedelta64: return "<m8" + unit_text(*this);
    case TypeCode::kBytes: return "|S" + std::to_string(itemsize);
    case TypeCode::kUnicode: return "<U" + std::to_string(itemsize / 4);
    case TypeCode::kObject: return "|O";
    default: return std::string(fixed(code).str);
  }
}

std::string DType::name() const {
  switch (code) {
    case TypeCode::kDatetime64: return "datetime64" + unit_text(*this);
    case TypeCode::kTimedelta64: return "timedelta64" + unit_text(*this);
    case TypeCode::kBytes: return itemsize ? "bytes" + std::to_string(itemsize * 8) : "bytes";
    case TypeCode::kUnicode: return itemsize ? "str" + std::to_string(itemsize * 8) : "str";
    case TypeCode::kObject: return "object";
    default: return std::string(fixed(code).name);
  }
}

DType promote(const DType& a, const DType& b) {
  if (a == b) return a;
  if (a.is_object() || b.is_object()) return a.is_object() ? a : b;
  if (is_text(a) || is_text(b)) return promote_texts(a, b);
  if (a.is_time() && b.is_time()) return promote_times(a, b);
  if (!a.is_time() && !b.is_time()) return promote_numbers(a, b);
  const DType& time = a.is_time() ? a : b;
  const DType& number = a.is_time() ? b : a;
  bool counts = number.is_bool() || (number.is_integer() && number.code != TypeCode::kUInt64);
  return time.code == TypeCode::kTimedelta64 && counts ? time : no_promotion(a, b);
}

bool can_cast_same_kind(const DType& from, const DType& to) {
  if (from == to || to.is_object()) return true;
  if (from.is_object()) return false;
  if (is_text(to)) {
    return from.is_numeric() || from.code == TypeCode::kBytes || from.code == to.code;
  }
  if (is_text(from)) return false;
  if (from.is_time() || to.is_time()) return can_cast_time(from, to);
  return kind_rank(from) <= kind_rank(to);
}

}  // namespace dusk::data
