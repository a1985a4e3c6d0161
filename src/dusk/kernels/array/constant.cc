#include <cmath>
#include <cstring>
#include <limits>

#include "dusk/base/error.h"
#include "dusk/kernels/array/program.h"

namespace dusk::kernels::array {
namespace {

using data::DType;
using data::TypeCode;

template <class T>
void put(Constant& c, T value) {
  static_assert(sizeof(T) <= sizeof c.bytes);
  std::memcpy(c.bytes, &value, sizeof value);
}

// The 64 bits of an integer stored in an integer type: its low bytes.
void put_integer(Constant& c, int64_t value) {
  std::memcpy(c.bytes, &value, static_cast<size_t>(c.dtype.itemsize));
}

bool put_float(Constant& c, double value) {
  switch (c.dtype.code) {
    case TypeCode::kFloat16: put(c, static_cast<_Float16>(value)); return true;
    case TypeCode::kFloat32:
    case TypeCode::kComplex64: put(c, static_cast<float>(value)); return true;
    case TypeCode::kFloat64:
    case TypeCode::kComplex128: put(c, value); return true;
    default: return false;
  }
}

int64_t truncated(double value) {
  bool fits = value >= -9223372036854775808.0 && value < 9223372036854775808.0;
  if (fits) return static_cast<int64_t>(value);
  bool high = value >= 9223372036854775808.0 && value < 18446744073709551616.0;
  return high ? static_cast<int64_t>(static_cast<uint64_t>(value))
              : std::numeric_limits<int64_t>::min();
}

}  // namespace

bool Constant::operator==(const Constant& other) const {
  return dtype == other.dtype && std::memcmp(bytes, other.bytes, sizeof bytes) == 0;
}

bool int_fits(const DType& dtype, int64_t value) {
  if (!dtype.is_integer()) return true;
  int bits = dtype.itemsize * 8;
  if (dtype.is_unsigned()) return value >= 0 && (bits == 64 || value >> bits == 0);
  if (bits == 64) return true;
  int64_t limit = int64_t{1} << (bits - 1);
  return value >= -limit && value < limit;
}

Constant Constant::from_double(DType dtype, double value) {
  Constant c;
  c.dtype = dtype;
  if (dtype.is_bool())
    put(c, static_cast<uint8_t>(value != 0));
  else if (!put_float(c, value))
    put_integer(c, truncated(value));
  return c;
}

Constant Constant::from_int(DType dtype, int64_t value) {
  if (!int_fits(dtype, value)) {
    throw base::Error(base::ErrorKind::kOverflow, "Python integer " + std::to_string(value) +
                                                      " out of bounds for " + dtype.name());
  }
  Constant c;
  c.dtype = dtype;
  if (dtype.is_bool())
    put(c, static_cast<uint8_t>(value != 0));
  else if (!put_float(c, static_cast<double>(value)))
    put_integer(c, value);
  return c;
}

}  // namespace dusk::kernels::array
