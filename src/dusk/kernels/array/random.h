// Counter-based random numbers (Philox4x32-10, Salmon et al. 2011).
//
// Element i of a stream depends on the key and i only: never on chunks, threads or order. A chunk
// asks for the elements at its own positions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dusk/data/ndarray.h"

namespace dusk::kernels::array {

struct RandomKey {
  uint64_t seed = 0;
  uint64_t stream = 0;  // differs between arrays made from one generator
};

enum class Distribution : uint8_t {
  kRandom /* [0, 1) */,
  kUniform,
  kNormal,
  kIntegers,
  kExponential
};

struct RandomSpec {
  Distribution distribution = Distribution::kRandom;
  RandomKey key;
  data::DType dtype;  // float64 or float32; integers: any integer dtype
  double a = 0;       // uniform: low; normal: mean; exponential: scale
  double b = 1;       // uniform: high; normal: standard deviation
  int64_t low = 0;    // integers in [low, high], both ends included; 64-bit patterns for
  int64_t high = 0;   // uint64
};

// The block of `shape` at `offset` of the whole array of `whole` shape, C-contiguous. The element
// at multi-index m of the whole array has counter ravel_multi_index(m, whole).
data::NdArray random_block(const RandomSpec& spec, std::span<const int64_t> whole,
                           std::span<const int64_t> offset, std::span<const int64_t> shape);

}  // namespace dusk::kernels::array
