// Random numbers that are the same with every compiler and library: splitmix64 for hashing, and
// xoshiro256** for streams. No std distributions, whose results are not specified.
#pragma once

#include <array>
#include <cstdint>

namespace dusk::sim {

inline uint64_t scramble(uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

// A number that depends on all of its parts and their order.
template <class... Rest>
uint64_t mix(uint64_t first, Rest... rest) {
  uint64_t h = scramble(first);
  ((h = scramble(h ^ static_cast<uint64_t>(rest))), ...);
  return h;
}

class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : s_) word = seed = scramble(seed);
  }
  uint64_t next() {
    uint64_t result = rotate(s_[1] * 5, 7) * 9;
    uint64_t t = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= t;
    s_[3] = rotate(s_[3], 45);
    return result;
  }
  // 0 <= result < n; REQUIRES: n > 0.
  uint32_t below(uint64_t n) { return static_cast<uint32_t>(next() % n); }
  int64_t between(int64_t low, int64_t high) {  // both included
    return low + static_cast<int64_t>(next() % static_cast<uint64_t>(high - low + 1));
  }
  bool one_in(uint64_t n) { return next() % n == 0; }

 private:
  static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  std::array<uint64_t, 4> s_;
};

}  // namespace dusk::sim
