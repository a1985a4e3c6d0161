// Kernels that turn counters into numbers, compiled per instruction set.
//
// A group is eight Philox blocks, g * 8 ... g * 8 + 7. It makes 16 elements of eight bytes or 32
// floats: element l comes from block l % 8, word (pair) l / 8. So the lanes of a vector are blocks
// and nothing is shuffled. The counter is (block, stream), the key the seed.
#pragma once

#include <cstdint>

namespace dusk::kernels::array {

struct RandomArguments {
  uint64_t seed = 0;
  uint64_t stream = 0;
  double a = 0;        // uniform: low; normal: mean; exponential: scale
  double b = 0;        // uniform: high - low; normal: standard deviation
  uint64_t low = 0;    // integers
  uint64_t range = 0;  // integers: how many values; 0: all 2^64
};

constexpr int64_t kGroupDoubles = 16;
constexpr int64_t kGroupFloats = 32;

// `groups` groups from the first into `out`.
using RandomKernel = void (*)(const RandomArguments& arguments, uint64_t first, int64_t groups,
                              void* out);

struct RandomKernels {
  RandomKernel uniform64, uniform32, normal64, normal32, exponential64, exponential32;
  RandomKernel integers;  // uint64_t patterns, kGroupDoubles a group
};

const RandomKernels& random_kernels();

// The four words of one block.
void philox_block(uint64_t seed, uint64_t block, uint64_t stream, uint32_t words[4]);

}  // namespace dusk::kernels::array
