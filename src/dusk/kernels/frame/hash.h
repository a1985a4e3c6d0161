// Hashes of key values. Stable: partitions in different processes must agree.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace dusk::kernels::frame {

// A bijection that spreads 64 bits (the finaliser of splitmix64, Steele et al. 2014).
inline uint64_t mix(uint64_t x) {
  x ^= x >> 30;
  x *= 0xBF58476D1CE4E5B9ULL;
  x ^= x >> 27;
  x *= 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

// Cheaper, good enough for tables that take the upper bits.
inline uint64_t spread(uint64_t x) { return (x ^ (x >> 32)) * 0x9E3779B97F4A7C15ULL; }

inline uint64_t fold_multiply(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Eight bytes a step, folded by a 128-bit product.
inline uint64_t hash_bytes(std::string_view text) {
  const char* at = text.data();
  size_t left = text.size();
  uint64_t hash = 0xA0761D6478BD642FULL ^ left;
  auto word = [](const char* from, size_t bytes) {
    uint64_t value = 0;
    std::memcpy(&value, from, bytes);
    return value;
  };
  while (left > 16) {
    hash = fold_multiply(word(at, 8) ^ 0xE7037ED1A0B428DBULL, word(at + 8, 8) ^ hash);
    at += 16;
    left -= 16;
  }
  uint64_t low = 0, high = 0;
  if (left >= 8) {
    low = word(at, 8);
    high = word(at + left - 8, 8);
  } else if (left >= 4) {
    low = word(at, 4);
    high = word(at + left - 4, 4);
  } else if (left > 0) {
    low = static_cast<uint8_t>(at[0]) |
          static_cast<uint64_t>(static_cast<uint8_t>(at[left / 2])) << 8 |
          static_cast<uint64_t>(static_cast<uint8_t>(at[left - 1])) << 16;
  }
  return fold_multiply(low ^ 0x8EBC6AF09C88C6E3ULL, high ^ hash);
}

}  // namespace dusk::kernels::frame
