// Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011) on vectors of blocks, and what is made of it.
#pragma once

#include <immintrin.h>

#include "dusk/kernels/array/random_kernel.h"
#include "dusk/kernels/array/vector_math.h"

namespace dusk::kernels::array::DUSK_ISA {

constexpr int kBlocks = 8;  // a group

#if defined(__AVX512F__)
constexpr int kWords = 8;
#elif defined(__AVX2__)
constexpr int kWords = 4;
#else
constexpr int kWords = 2;
#endif
typedef uint64_t WordVector __attribute__((vector_size(8 * kWords)));
typedef double RealVector __attribute__((vector_size(8 * kWords)));

// The product of the low halves of each lane.
inline WordVector low_product(WordVector a, WordVector b) {
#if defined(__AVX512F__)
  return (WordVector)_mm512_maskz_mul_epu32(0xff, (__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (WordVector)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#else
  return (WordVector)_mm_mul_epu32((__m128i)a, (__m128i)b);
#endif
}

// Lanes hold 32-bit words; the upper halves are rubbish until the end.
struct Philox {
  WordVector c0, c1, c2, c3;

  Philox(uint64_t seed, uint64_t stream, WordVector block) {
    c0 = block;
    c1 = block >> 32;
    c2 = WordVector{} + stream;
    c3 = WordVector{} + (stream >> 32);
    uint64_t k0 = seed & 0xffffffff, k1 = seed >> 32;
    const WordVector m0 = WordVector{} + 0xD2511F53u, m1 = WordVector{} + 0xCD9E8D57u;
    for (int round = 0; round < 10; ++round) {
      WordVector p0 = low_product(c0, m0), p1 = low_product(c2, m1);
      c0 = (p1 >> 32) ^ c1 ^ k0;
      c1 = p1;
      c2 = (p0 >> 32) ^ c3 ^ k1;
      c3 = p0;
      k0 = (k0 + 0x9E3779B9u) & 0xffffffff;
      k1 = (k1 + 0xBB67AE85u) & 0xffffffff;
    }
    const WordVector low = WordVector{} + 0xffffffffu;
    c0 &= low;
    c1 &= low;
    c2 &= low;
    c3 &= low;
  }
  WordVector first() const { return c0 | c1 << 32; }
  WordVector second() const { return c2 | c3 << 32; }
};

inline WordVector block_numbers(uint64_t first) {
  WordVector v;
  for (int k = 0; k < kWords; ++k) v[k] = first + static_cast<uint64_t>(k);
  return v;
}

// 53 bits over 2^53: halves of the integer get their exponents by or, and lose them again.
inline RealVector unit_double(WordVector bits) {
  WordVector x = bits >> 11;
  RealVector high = (RealVector)((x >> 32) | 0x4530000000000000u);         // + 2^84
  RealVector low = (RealVector)((x & 0xffffffffu) | 0x4330000000000000u);  // + 2^52
  return ((high - 19342813118337666422669312.0) + low) * 0x1p-53;
}
// 32 bits, centred: never 0 or 1.
inline RealVector open_unit(WordVector word) {
  RealVector x = (RealVector)(word | 0x4330000000000000u);
  return (x - 4503599627370496.0 + 0.5) * 0x1p-32;
}
inline void store_floats(float* to, RealVector v) {
  for (int k = 0; k < kWords; ++k) to[k] = static_cast<float>(v[k]);
}

// visit(philox, position of its lanes in the group) for every vector of blocks of every group.
template <class Visit>
inline void each_vector(const RandomArguments& r, uint64_t first, int64_t groups, Visit&& visit) {
  for (int64_t g = 0; g < groups; ++g) {
    uint64_t block = (first + static_cast<uint64_t>(g)) * kBlocks;
    for (int k = 0; k < kBlocks; k += kWords) {
      Philox philox(r.seed, r.stream, block_numbers(block + static_cast<uint64_t>(k)));
      visit(philox, g, k);
    }
  }
}

inline void uniform64(const RandomArguments& r, uint64_t first, int64_t groups, void* out) {
  each_vector(r, first, groups, [&](const Philox& p, int64_t g, int k) {
    double* to = static_cast<double*>(out) + g * kGroupDoubles + k;
    RealVector u = r.a + r.b * unit_double(p.first()), v = r.a + r.b * unit_double(p.second());
    store(to, (DoubleVector)u);
    store(to + kBlocks, (DoubleVector)v);
  });
}

inline void uniform32(const RandomArguments& r, uint64_t first, int64_t groups, void* out) {
  const float low = static_cast<float>(r.a), width = static_cast<float>(r.b);
  each_vector(r, first, groups, [&](const Philox& p, int64_t g, int k) {
    float* to = static_cast<float*>(out) + g * kGroupFloats + k;
    const WordVector words[4] = {p.c0, p.c1, p.c2, p.c3};
    for (int w = 0; w < 4; ++w) {
      for (int lane = 0; lane < kWords; ++lane) {
        auto bits = static_cast<int32_t>(words[w][lane] >> 8);
        to[w * kBlocks + lane] = low + width * (static_cast<float>(bits) * 0x1p-24f);
      }
    }
  });
}

struct Pair {
  RealVector x, y;
};
// Box and Muller (1958): u in (0, 1], v in [0, 1).
inline Pair normal_pair(RealVector u, RealVector v) {
  DoubleVector log = DUSK_SLEEF_D(log, u10)((DoubleVector)u);
  RealVector radius = (RealVector)log * -2.0;
  for (int k = 0; k < kWords; ++k) radius[k] = __builtin_sqrt(radius[k]);
  auto turn = DUSK_SLEEF_D(sincospi, u35)((DoubleVector)(v * 2.0));
  return {radius * (RealVector)turn.y, radius * (RealVector)turn.x};
}

inline void normal64(const RandomArguments& r, uint64_t first, int64_t groups, void* out) {
  each_vector(r, first, groups, [&](const Philox& p, int64_t g, int k) {
    double* to = static_cast<double*>(out) + g * kGroupDoubles + k;
    Pair pair = normal_pair(1.0 - unit_double(p.first()), unit_double(p.second()));
    RealVector u = r.a + r.b * pair.x, v = r.a + r.b * pair.y;
    store(to, (DoubleVector)u);
    store(to + kBlocks, (DoubleVector)v);
  });
}

inline void normal32(const RandomArguments& r, uint64_t first, int64_t groups, void* out) {
  each_vector(r, first, groups, [&](const Philox& p, int64_t g, int k) {
    float* to = static_cast<float*>(out) + g * kGroupFloats + k;
    Pair a = normal_pair(open_unit(p.c0), open_unit(p.c1));
    Pair b = normal_pair(open_unit(p.c2), open_unit(p.c3));
    store_floats(to, r.a + r.b * a.x);
    store_floats(to + kBlocks, r.a + r.b * a.y);
    store_floats(to + 2 * kBlocks, r.a + r.b * b.x);
    store_floats(to + 3 * kBlocks, r.a + r.b * b.y);
  });
}

inline RealVector exponential(RealVector u) {
  return -(RealVector)DUSK_SLEEF_D(log, u10)((DoubleVector)u);
}
inline void exponential64(const RandomArguments& r, uint64_t first, int64_t groups, void* out) {
  each_vector(r, first, groups, [&](const Philox& p, int64_t g, int k) {
    double* to = static_cast<double*>(out) + g * kGroupDoubles + k;
    RealVector u = r.a * exponential(1.0 - unit_double(p.first()));
    RealVector v = r.a * exponential(1.0 - unit_double(p.second()));
    store(to, (DoubleVector)u);
    store(to + kBlocks, (DoubleVector)v);
  });
}
inline void exponential32(const RandomArguments& r, uint64_t first, int64_t groups, void* out) {
  each_vector(r, first, groups, [&](const Philox& p, int64_t g, int k) {
    float* to = static_cast<float*>(out) + g * kGroupFloats + k;
    const WordVector words[4] = {p.c0, p.c1, p.c2, p.c3};
    for (int w = 0; w < 4; ++w)
      store_floats(to + w * kBlocks, r.a * exponential(open_unit(words[w])));
  });
}

// Lemire (2019): the high half of bits * range, drawn again where the low half is among the
// range's 2^64 mod range surplus values, so that every value is equally likely. The draws after
// the first have the seed's upper word changed by their number.
inline uint64_t bounded(const RandomArguments& r, uint64_t bits, uint64_t block, int half) {
  if (r.range == 0) return r.low + bits;
  __uint128_t product = static_cast<__uint128_t>(bits) * r.range;
  if (static_cast<uint64_t>(product) < r.range) {
    uint64_t surplus = (0 - r.range) % r.range;
    for (uint64_t again = 1; static_cast<uint64_t>(product) < surplus; ++again) {
      uint32_t words[4];
      philox_block(r.seed ^ (again << 32), block, r.stream, words);
      bits = words[2 * half] | static_cast<uint64_t>(words[2 * half + 1]) << 32;
      product = static_cast<__uint128_t>(bits) * r.range;
    }
  }
  return r.low + static_cast<uint64_t>(product >> 64);
}

inline void integers(const RandomArguments& r, uint64_t first, int64_t groups, void* out) {
  each_vector(r, first, groups, [&](const Philox& p, int64_t g, int k) {
    uint64_t* to = static_cast<uint64_t*>(out) + g * kGroupDoubles + k;
    uint64_t block = (first + static_cast<uint64_t>(g)) * kBlocks + static_cast<uint64_t>(k);
    const WordVector a = p.first(), b = p.second();
    for (int lane = 0; lane < kWords; ++lane) {
      to[lane] = bounded(r, a[lane], block + static_cast<uint64_t>(lane), 0);
      to[kBlocks + lane] = bounded(r, b[lane], block + static_cast<uint64_t>(lane), 1);
    }
  });
}

inline constexpr RandomKernels kRandomKernels = {
    &uniform64, &uniform32, &normal64, &normal32, &exponential64, &exponential32, &integers};

}  // namespace dusk::kernels::array::DUSK_ISA
