// Writes and reads the small headers of frames: little-endian integers and length-prefixed text.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "dusk/base/error.h"

namespace dusk::data {

static_assert(std::endian::native == std::endian::little);

class ByteWriter {
 public:
  void integer(int64_t value) { raw(&value, sizeof value); }
  void text(std::string_view value) {
    integer(static_cast<int64_t>(value.size()));
    raw(value.data(), value.size());
  }
  std::string take() { return std::move(bytes_); }

 private:
  void raw(const void* data, size_t size) { bytes_.append(static_cast<const char*>(data), size); }
  std::string bytes_;
};

// Every read beyond the end, and every length that cannot be, throws ValueError.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  int64_t integer() {
    int64_t value;
    std::memcpy(&value, raw(sizeof value).data(), sizeof value);
    return value;
  }
  int64_t length(int64_t most) {
    int64_t value = integer();
    if (value < 0 || value > most) throw damaged();
    return value;
  }
  std::string_view text() { return raw(static_cast<size_t>(length(INT64_MAX))); }
  size_t left() const { return left_.size(); }

  static base::Error damaged() {
    return base::value_error("[from_frames] the header was not made by to_frames, or is damaged");
  }

 private:
  std::string_view raw(size_t size) {
    if (size > left_.size()) throw damaged();
    std::string_view part = left_.substr(0, size);
    left_.remove_prefix(size);
    return part;
  }
  std::string_view left_;
};

}  // namespace dusk::data
