// Element types, as NumPy names them. Native byte order only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dusk::data {

enum class TypeCode : uint8_t {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kFloat16,
  kFloat32,
  kFloat64,
  kComplex64,
  kComplex128,
  kDatetime64,   // int64 count of unit * multiple since 1970-01-01; min() is NaT
  kTimedelta64,  // int64 count of unit * multiple; min() is NaT
  kBytes,        // S<n>: itemsize bytes, zero padded
  kUnicode,      // U<n>: itemsize/4 UCS-4 code points, zero padded
  kObject,       // elements live in another language; chunks travel as foreign values
};

// NumPy's datetime units, in NumPy's order; kGeneric is a unit-less timedelta or NaT.
enum class TimeUnit : uint8_t {
  kYear,
  kMonth,
  kWeek,
  kDay,
  kHour,
  kMinute,
  kSecond,
  kMilli,
  kMicro,
  kNano,
  kPico,
  kFemto,
  kAtto,
  kGeneric
};

struct DType {
  TypeCode code = TypeCode::kFloat64;
  TimeUnit unit = TimeUnit::kGeneric;  // datetimes only
  int32_t itemsize = 8;                // bytes
  int32_t multiple = 1;                // datetimes only: the 25 of "M8[25s]"

  bool operator==(const DType&) const = default;

  static DType of(TypeCode code);  // fixed-size codes only
  static DType datetime(TimeUnit unit, int multiple = 1);
  static DType timedelta(TimeUnit unit, int multiple = 1);
  // Parses NumPy's `dtype.str` ("<f8", "|b1", "<M8[ns]", "|S3", "<U7", "|O"); also plain names
  // ("float64"). Throws TypeError for others and for foreign byte order.
  static DType parse(std::string_view text);

  std::string str() const;   // NumPy's dtype.str
  std::string name() const;  // NumPy's dtype.name ("float64", "datetime64[ns]", "bytes24"...)

  bool is_bool() const { return code == TypeCode::kBool; }
  bool is_signed() const { return code >= TypeCode::kInt8 && code <= TypeCode::kInt64; }
  bool is_unsigned() const { return code >= TypeCode::kUInt8 && code <= TypeCode::kUInt64; }
  bool is_integer() const { return is_signed() || is_unsigned(); }
  bool is_float() const { return code >= TypeCode::kFloat16 && code <= TypeCode::kFloat64; }
  bool is_complex() const { return code == TypeCode::kComplex64 || code == TypeCode::kComplex128; }
  bool is_numeric() const { return code <= TypeCode::kComplex128; }  // bool included
  bool is_time() const { return code == TypeCode::kDatetime64 || code == TypeCode::kTimedelta64; }
  bool is_object() const { return code == TypeCode::kObject; }
};

inline const DType kBoolType{TypeCode::kBool, TimeUnit::kGeneric, 1, 1};
inline const DType kInt32Type{TypeCode::kInt32, TimeUnit::kGeneric, 4, 1};
inline const DType kInt64Type{TypeCode::kInt64, TimeUnit::kGeneric, 8, 1};
inline const DType kUInt64Type{TypeCode::kUInt64, TimeUnit::kGeneric, 8, 1};
inline const DType kFloat32Type{TypeCode::kFloat32, TimeUnit::kGeneric, 4, 1};
inline const DType kFloat64Type{TypeCode::kFloat64, TimeUnit::kGeneric, 8, 1};

// numpy.promote_types(a, b) for the types above. Throws TypeError when there is none.
DType promote(const DType& a, const DType& b);

// numpy.can_cast(from, to, "same_kind").
bool can_cast_same_kind(const DType& from, const DType& to);

}  // namespace dusk::data
