// The bytes that operations and layers are written as: integers in as few bytes as they need,
// numbers as they are, text and lists after their length.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dusk/base/error.h"
#include "dusk/base/token.h"
#include "dusk/data/dtype.h"

namespace dusk::graph {

class PackedWriter {
 public:
  void integer(int64_t value) {  // small magnitudes are short, whatever their sign
    auto bits = static_cast<uint64_t>(value);
    count((bits << 1) ^ static_cast<uint64_t>(value >> 63));
  }
  void count(uint64_t value) {
    while (value >= 0x80) {
      bytes_.push_back(static_cast<char>(value | 0x80));
      value >>= 7;
    }
    bytes_.push_back(static_cast<char>(value));
  }
  void boolean(bool value) { bytes_.push_back(value ? 1 : 0); }
  void real(double value) { raw(&value, sizeof value); }
  void token(const base::Token& value) {
    raw(&value.hi, sizeof value.hi);
    raw(&value.lo, sizeof value.lo);
  }
  void text(std::string_view value) {
    count(value.size());
    bytes_.append(value);
  }
  void dtype(const data::DType& value) { text(value.str()); }
  void integers(std::span<const int64_t> values) {
    count(values.size());
    for (int64_t v : values) integer(v);
  }
  template <class Texts>
  void texts(const Texts& values) {
    count(values.size());
    for (const auto& v : values) text(v);
  }
  void raw(const void* data, size_t size) { bytes_.append(static_cast<const char*>(data), size); }

  const std::string& bytes() const { return bytes_; }
  std::string take_bytes() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Every read beyond the end, and every length or number that cannot be, throws ValueError. What
// the views returned by text() and raw() show must outlive them.
class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes) : left_(bytes) {}

  int64_t integer() {
    uint64_t bits = count();
    return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
  }
  // The same, refused outside of [least, most].
  int64_t integer(int64_t least, int64_t most) {
    int64_t value = integer();
    if (value < least || value > most) throw damaged();
    return value;
  }
  template <class Enum>
  Enum choice(Enum last) {
    return static_cast<Enum>(integer(0, static_cast<int64_t>(last)));
  }
  uint64_t count();
  // The length of a list of which every item takes one byte at least.
  size_t length() {
    uint64_t value = count();
    if (value > left_.size()) throw damaged();
    return static_cast<size_t>(value);
  }
  bool boolean() {
    auto byte = static_cast<unsigned char>(raw(1)[0]);
    if (byte > 1) throw damaged();
    return byte == 1;
  }
  double real() {
    double value;
    std::memcpy(&value, raw(sizeof value).data(), sizeof value);
    return value;
  }
  base::Token token() {
    base::Token value;
    std::memcpy(&value.hi, raw(sizeof value.hi).data(), sizeof value.hi);
    std::memcpy(&value.lo, raw(sizeof value.lo).data(), sizeof value.lo);
    return value;
  }
  std::string_view text() { return raw(length()); }
  std::string string() { return std::string(text()); }
  data::DType dtype() { return data::DType::parse(text()); }
  std::vector<int64_t> integers();
  std::vector<std::string> texts();
  std::string_view raw(size_t size) {
    if (size > left_.size()) throw damaged();
    std::string_view part = left_.substr(0, size);
    left_.remove_prefix(size);
    return part;
  }

  size_t left() const { return left_.size(); }
  static base::Error damaged() {
    return base::value_error("[decode] the bytes were not made by encode, or are damaged");
  }

 private:
  std::string_view left_;
};

inline uint64_t PackedReader::count() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    auto byte = static_cast<unsigned char>(raw(1)[0]);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  throw damaged();
}

inline std::vector<int64_t> PackedReader::integers() {
  std::vector<int64_t> values(length());
  for (int64_t& v : values) v = integer();
  return values;
}

inline std::vector<std::string> PackedReader::texts() {
  std::vector<std::string> values(length());
  for (std::string& v : values) v = text();
  return values;
}

}  // namespace dusk::graph
