// What the processor offers, asked once.
#pragma once

namespace dusk::base {

enum class SimdLevel { kSse2 = 0, kAvx2 = 1, kAvx512 = 2 };

// The best level that this processor runs; DUSK_SIMD=sse2|avx2|avx512 in the environment lowers it.
SimdLevel simd_level();

// Hardware threads this process may use (affinity mask and cgroup quota considered), at least 1.
int cpu_count();

}  // namespace dusk::base
