#include "dusk/kernels/array/random.h"

#include <algorithm>
#include <cstring>

#include "dusk/base/check.h"
#include "dusk/base/cpu.h"
#include "dusk/base/error.h"
#include "dusk/kernels/array/random_kernel.h"

namespace dusk::kernels::array {

const RandomKernels& random_kernels_sse2();
const RandomKernels& random_kernels_avx2();
const RandomKernels& random_kernels_avx512();

const RandomKernels& random_kernels() {
  switch (base::simd_level()) {
    case base::SimdLevel::kAvx512: return random_kernels_avx512();
    case base::SimdLevel::kAvx2: return random_kernels_avx2();
    default: return random_kernels_sse2();
  }
}

void philox_block(uint64_t seed, uint64_t block, uint64_t stream, uint32_t words[4]) {
  uint32_t c0 = static_cast<uint32_t>(block), c1 = static_cast<uint32_t>(block >> 32);
  uint32_t c2 = static_cast<uint32_t>(stream), c3 = static_cast<uint32_t>(stream >> 32);
  uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t p0 = uint64_t{0xD2511F53} * c0, p1 = uint64_t{0xCD9E8D57} * c2;
    c0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<uint32_t>(p1);
    c2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<uint32_t>(p0);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

namespace {

using data::NdArray;

constexpr int64_t kScratchGroups = 64;

RandomKernel kernel_of(const RandomSpec& spec) {
  const RandomKernels& k = random_kernels();
  bool single = spec.dtype.code == data::TypeCode::kFloat32;
  switch (spec.distribution) {
    case Distribution::kRandom:
    case Distribution::kUniform: return single ? k.uniform32 : k.uniform64;
    case Distribution::kNormal: return single ? k.normal32 : k.normal64;
    case Distribution::kExponential: return single ? k.exponential32 : k.exponential64;
    case Distribution::kIntegers: return k.integers;
  }
  DUSK_CHECK(false, "an unknown distribution");
}

RandomArguments arguments_of(const RandomSpec& spec) {
  RandomArguments r;
  r.seed = spec.key.seed;
  r.stream = spec.key.stream;
  r.a = spec.a;
  r.b = spec.b;
  if (spec.distribution == Distribution::kRandom) r.a = 0, r.b = 1;
  if (spec.distribution == Distribution::kUniform) r.b = spec.b - spec.a;
  r.low = static_cast<uint64_t>(spec.low);
  r.range = static_cast<uint64_t>(spec.high) - static_cast<uint64_t>(spec.low) + 1;
  return r;
}

// Writes elements [first, first + count) of the stream.
class Run {
 public:
  explicit Run(const RandomSpec& spec)
      : kernel_(kernel_of(spec)), arguments_(arguments_of(spec)), itemsize_(spec.dtype.itemsize) {
    bool single = spec.dtype.code == data::TypeCode::kFloat32;
    group_ = single ? kGroupFloats : kGroupDoubles;
    narrow_ = spec.distribution == Distribution::kIntegers && itemsize_ < 8;
  }

  void write(int64_t first, int64_t count, std::byte* to) {
    while (count > 0) {
      int64_t skip = first % group_;
      bool whole = skip == 0 && count >= group_ && !narrow_;
      int64_t wanted = whole ? count / group_ : (skip + count - 1) / group_ + 1;
      int64_t groups = std::min(kScratchGroups, wanted);
      int64_t made = std::min(groups * group_ - skip, count);
      void* out = whole ? static_cast<void*>(to) : scratch_;
      kernel_(arguments_, static_cast<uint64_t>(first / group_), groups, out);
      if (!whole) copy(skip, made, to);
      first += made;
      count -= made;
      to += made * itemsize_;
    }
  }

 private:
  // From scratch; of narrow integers the low bytes.
  void copy(int64_t skip, int64_t count, std::byte* to) {
    if (!narrow_) {
      std::memcpy(to, scratch_ + skip * itemsize_, static_cast<size_t>(count * itemsize_));
      return;
    }
    const uint64_t* from = reinterpret_cast<const uint64_t*>(scratch_) + skip;
    if (itemsize_ == 1) std::copy_n(from, count, reinterpret_cast<uint8_t*>(to));
    if (itemsize_ == 2) std::copy_n(from, count, reinterpret_cast<uint16_t*>(to));
    if (itemsize_ == 4) std::copy_n(from, count, reinterpret_cast<uint32_t*>(to));
  }

  RandomKernel kernel_;
  RandomArguments arguments_;
  int64_t itemsize_;
  int64_t group_;
  bool narrow_;
  alignas(64) std::byte scratch_[kScratchGroups * kGroupDoubles * 8];
};

}  // namespace

NdArray random_block(const RandomSpec& spec, std::span<const int64_t> whole,
                     std::span<const int64_t> offset, std::span<const int64_t> shape) {
  bool integers = spec.distribution == Distribution::kIntegers;
  bool right = integers ? spec.dtype.is_integer() || spec.dtype.is_bool()
                        : spec.dtype.is_float() && spec.dtype.itemsize >= 4;
  if (!right) {
    throw base::type_error("[random] Unsupported dtype " + spec.dtype.name() +
                           "; floats come as float64 or float32");
  }
  NdArray out = NdArray::empty(spec.dtype, data::Dims(shape));
  if (out.size() == 0) return out;
  // Axes that the block covers wholly join the run of the axis before them.
  int64_t run = 1, step = 1;
  size_t axis = shape.size();
  while (axis > 0) {
    --axis;
    run *= shape[axis];
    step *= whole[axis];
    if (shape[axis] != whole[axis]) break;
  }
  Run writer(spec);
  data::Dims index(axis);
  int64_t inner = shape.empty() ? 0 : offset[axis] * (step / std::max<int64_t>(whole[axis], 1));
  std::byte* to = out.data();
  while (true) {
    int64_t first = 0;
    for (size_t d = 0; d < axis; ++d) first = first * whole[d] + offset[d] + index[d];
    writer.write(first * step + inner, run, to);
    to += run * spec.dtype.itemsize;
    size_t d = axis;
    while (d-- > 0) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
    if (d == static_cast<size_t>(-1)) return out;
  }
}

}  // namespace dusk::kernels::array
