// One contiguous Arrow array as raw pointers, so that loops need no Arrow headers.
//
// A view borrows: the array must outlive it. Temporal types appear as the integers they are stored
// as. `values` is already moved to the array's offset, except for bits (booleans and validity),
// which are read at `offset + i`.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "dusk/base/error.h"

namespace dusk::kernels::frame {

enum class Storage : uint8_t {
  kNull,
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kFloat32,
  kFloat64,
  kString,       // 32-bit offsets; binary too
  kLargeString,  // 64-bit offsets
  kFixed,        // `width` bytes a value: decimals, fixed-size binary
  kDictionary,
  kOther,
};

inline bool is_number(Storage s) { return s >= Storage::kInt8 && s <= Storage::kFloat64; }
inline bool is_integer(Storage s) { return s >= Storage::kInt8 && s <= Storage::kUInt64; }
inline bool is_floating(Storage s) { return s == Storage::kFloat32 || s == Storage::kFloat64; }
inline bool is_text(Storage s) { return s == Storage::kString || s == Storage::kLargeString; }

inline bool get_bit(const uint8_t* bits, int64_t i) { return (bits[i >> 3] >> (i & 7)) & 1; }
inline void set_bit(uint8_t* bits, int64_t i, bool on) {
  auto mask = static_cast<uint8_t>(1u << (i & 7));
  bits[i >> 3] = static_cast<uint8_t>((bits[i >> 3] & ~mask) | (on ? mask : 0));
}

struct ColumnView {
  Storage storage = Storage::kOther;
  int width = 0;  // bytes a value, where fixed
  int64_t length = 0;
  int64_t offset = 0;                 // of the bits
  const uint8_t* validity = nullptr;  // null when nothing is null
  const void* values = nullptr;       // or the offsets of strings
  const uint8_t* bytes = nullptr;     // of strings

  template <class T>
  const T* as() const {
    return static_cast<const T*>(values);
  }
  bool valid(int64_t i) const { return validity == nullptr || get_bit(validity, offset + i); }
  bool bit(int64_t i) const { return get_bit(as<uint8_t>(), offset + i); }
  std::string_view text(int64_t i) const {
    if (storage == Storage::kString) {
      const int32_t* at = as<int32_t>() + i;
      return {reinterpret_cast<const char*>(bytes) + at[0], static_cast<size_t>(at[1] - at[0])};
    }
    if (storage == Storage::kLargeString) {
      const int64_t* at = as<int64_t>() + i;
      return {reinterpret_cast<const char*>(bytes) + at[0], static_cast<size_t>(at[1] - at[0])};
    }
    return {static_cast<const char*>(values) + i * width, static_cast<size_t>(width)};
  }
};

// How values of a type are stored. String views and half floats are kOther: normalise first.
Storage storage_of(const arrow::DataType& type);
// Of a dictionary array: its indices.
ColumnView view_of(const arrow::Array& array);
// Rows [start, start + length) of a view.
ColumnView slice(const ColumnView& view, int64_t start, int64_t length);

// Bit i of `bits` (from bit `offset`) as byte i, 0 or 1.
void unpack_bits(const uint8_t* bits, int64_t offset, int64_t length, uint8_t* bytes);
// Bytes 0 or 1 as bits from bit 0 of `bits` on; bits beyond `length` in the last byte are 0.
void pack_bits(const uint8_t* bytes, int64_t length, uint8_t* bits);
int64_t count_bits(const uint8_t* bits, int64_t offset, int64_t length);

// Calls f(T{}) for the C++ type of a number's storage.
template <class F>
decltype(auto) dispatch_number(Storage storage, F&& f) {
  switch (storage) {
    case Storage::kInt8: return f(int8_t{});
    case Storage::kInt16: return f(int16_t{});
    case Storage::kInt32: return f(int32_t{});
    case Storage::kInt64: return f(int64_t{});
    case Storage::kUInt8: return f(uint8_t{});
    case Storage::kUInt16: return f(uint16_t{});
    case Storage::kUInt32: return f(uint32_t{});
    case Storage::kUInt64: return f(uint64_t{});
    case Storage::kFloat32: return f(float{});
    case Storage::kFloat64: return f(double{});
    default: throw base::runtime_error("[frame] not a number");
  }
}

}  // namespace dusk::kernels::frame
