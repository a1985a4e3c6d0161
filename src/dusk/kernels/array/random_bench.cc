// Random numbers, a million at a time.
#include <benchmark/benchmark.h>

#include "dusk/kernels/array/random.h"

namespace dusk::kernels::array {
namespace {

void draw(benchmark::State& state, Distribution distribution, data::DType dtype) {
  RandomSpec spec;
  spec.distribution = distribution;
  spec.dtype = dtype;
  spec.high = 1000;
  std::vector<int64_t> shape = {1 << 20}, offset = {0};
  for (auto _ : state) benchmark::DoNotOptimize(random_block(spec, shape, offset, shape));
  state.SetItemsProcessed(state.iterations() << 20);
}
BENCHMARK_CAPTURE(draw, random64, Distribution::kRandom, data::kFloat64Type);
BENCHMARK_CAPTURE(draw, random32, Distribution::kRandom, data::kFloat32Type);
BENCHMARK_CAPTURE(draw, normal64, Distribution::kNormal, data::kFloat64Type);
BENCHMARK_CAPTURE(draw, normal32, Distribution::kNormal, data::kFloat32Type);
BENCHMARK_CAPTURE(draw, exponential64, Distribution::kExponential, data::kFloat64Type);
BENCHMARK_CAPTURE(draw, integers64, Distribution::kIntegers, data::kInt64Type);
BENCHMARK_CAPTURE(draw, integers32, Distribution::kIntegers, data::kInt32Type);

}  // namespace
}  // namespace dusk::kernels::array
