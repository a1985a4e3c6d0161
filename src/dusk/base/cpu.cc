#include "dusk/base/cpu.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace dusk::base {
namespace {

SimdLevel detect() {
  SimdLevel best = SimdLevel::kSse2;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) best = SimdLevel::kAvx2;
  if (best == SimdLevel::kAvx2 && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl")) {
    best = SimdLevel::kAvx512;
  }
  if (const char* asked = std::getenv("DUSK_SIMD")) {
    if (!std::strcmp(asked, "sse2")) best = SimdLevel::kSse2;
    if (!std::strcmp(asked, "avx2")) best = std::min(best, SimdLevel::kAvx2);
  }
  return best;
}

int quota_cpus() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return 1 << 20;
  return std::max(1, static_cast<int>(std::ceil(std::atof(quota.c_str()) / period)));
}

int detect_cpus() {
  cpu_set_t mask;
  int allowed = 1;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) allowed = CPU_COUNT(&mask);
  return std::max(1, std::min(allowed, quota_cpus()));
}

}  // namespace

SimdLevel simd_level() {
  static const SimdLevel level = detect();
  return level;
}

int cpu_count() {
  static const int count = detect_cpus();
  return count;
}

}  // namespace dusk::base
