// Reductions of chunks of 1024 x 4096 doubles, out of cache, in bytes read per second.
#include <benchmark/benchmark.h>

#include "dusk/kernels/array/reduce.h"

namespace dusk::kernels::array {
namespace {

using data::NdArray;

constexpr int64_t kRows = 1024, kColumns = 4096, kChunks = 4;

// `axes`: bit 0 reduces rows, bit 1 columns.
void reduce(benchmark::State& state, const char* name, int axes) {
  NdArray whole = NdArray::empty(data::kFloat64Type, {kRows * kChunks, kColumns});
  for (int64_t i = 0; i < whole.size(); ++i) whole.as<double>()[i] = double(i % 1013) * 0.01;
  ReduceSpec spec{*reduction_named(name),
                  {(axes & 1) != 0, (axes & 2) != 0},
                  data::kFloat64Type,
                  std::string_view(name) != "mean"};
  Program program;
  program.set_result(program.input(data::kFloat64Type));
  int64_t chunk = 0;
  for (auto _ : state) {
    int64_t start = chunk++ % kChunks * kRows;
    NdArray part = whole.slice(0, start, 1, kRows);
    std::vector<int64_t> offset = {start, 0}, shape = {kRows * kChunks, kColumns};
    benchmark::DoNotOptimize(reduce_partial(spec, program, {&part, 1}, offset, shape));
  }
  state.SetBytesProcessed(state.iterations() * kRows * kColumns * 8);
}
#define DUSK_BENCH_REDUCE(name)                     \
  BENCHMARK_CAPTURE(reduce, name##_all, #name, 3);  \
  BENCHMARK_CAPTURE(reduce, name##_rows, #name, 1); \
  BENCHMARK_CAPTURE(reduce, name##_columns, #name, 2)
DUSK_BENCH_REDUCE(sum);
DUSK_BENCH_REDUCE(mean);
DUSK_BENCH_REDUCE(var);
DUSK_BENCH_REDUCE(nanvar);
DUSK_BENCH_REDUCE(max);
DUSK_BENCH_REDUCE(argmax);

}  // namespace
}  // namespace dusk::kernels::array
