// Integers as they are on the wire.
#pragma once

#include <bit>
#include <cstring>
#include <string>

namespace dusk::net {

static_assert(std::endian::native == std::endian::little, "the wire is little-endian");

template <class T>
T read_little(const void* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

template <class T>
void append_little(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace dusk::net
