// Elementwise expressions over chunks of a million doubles, out of cache: bytes per second are what
// is read and written once.
#include <benchmark/benchmark.h>

#include "dusk/kernels/array/program.h"

namespace dusk::kernels::array {
namespace {

using data::NdArray;

constexpr int64_t kElements = int64_t{1} << 20;
constexpr int64_t kChunks = 8;

class Builder {
 public:
  Register input() { return program.input(f8); }
  Register number(double v) { return program.constant(Constant::from_double(f8, v)); }
  Register call(const char* function, Register a, Register b) {
    Register both[2] = {a, b};
    return program.call(Loop{function, {f8, f8}, f8}, both);
  }
  Register call(const char* function, Register a) {
    return program.call(Loop{function, {f8}, f8}, {&a, 1});
  }
  Program program;

 private:
  data::DType f8 = data::kFloat64Type;
};

NdArray filled(double seed) {
  NdArray a = NdArray::empty(data::kFloat64Type, {kElements * kChunks});
  for (int64_t i = 0; i < a.size(); ++i) a.as<double>()[i] = seed + double(i % 1000) * 1e-3;
  return a;
}

void run(benchmark::State& state, const Program& program) {
  std::vector<NdArray> whole;
  for (size_t i = 0; i < program.input_count(); ++i) whole.push_back(filled(0.1 + double(i)));
  NdArray out = filled(0);
  int64_t chunk = 0;
  for (auto _ : state) {
    int64_t start = chunk++ % kChunks * kElements;
    std::vector<NdArray> inputs;
    for (const NdArray& a : whole) inputs.push_back(a.slice(0, start, 1, kElements));
    NdArray part = out.slice(0, start, 1, kElements);
    evaluate_into(program, inputs, part);
  }
  auto streams = static_cast<int64_t>(program.input_count() + 1);
  state.SetBytesProcessed(state.iterations() * kElements * 8 * streams);
  state.SetItemsProcessed(state.iterations() * kElements);
}

void add(benchmark::State& state) {
  Builder b;
  Register x = b.input(), y = b.input();
  b.program.set_result(b.call("add", x, y));
  run(state, b.program);
}
void linear(benchmark::State& state) {
  Builder b;
  Register x = b.input(), y = b.input();
  b.program.set_result(
      b.call("add", b.call("multiply", b.number(2), x), b.call("multiply", b.number(3), y)));
  run(state, b.program);
}
void polynomial(benchmark::State& state) {
  Builder b;
  Register x = b.input(), y = b.input(), z = b.input();
  Register left =
      b.call("subtract", b.call("multiply", x, y), b.call("multiply", b.number(4.1), x));
  Register right = b.call("multiply", b.call("multiply", b.number(2.5), y), z);
  b.program.set_result(b.call("add", left, right));
  run(state, b.program);
}
void length(benchmark::State& state) {
  Builder b;
  Register x = b.input(), y = b.input(), two = b.number(2);
  b.program.set_result(
      b.call("sqrt", b.call("add", b.call("power", x, two), b.call("power", y, two))));
  run(state, b.program);
}
void circle(benchmark::State& state) {
  Builder b;
  Register x = b.input(), two = b.number(2);
  b.program.set_result(b.call("add", b.call("power", b.call("sin", x), two),
                              b.call("power", b.call("cos", x), two)));
  run(state, b.program);
}
void exponential(benchmark::State& state) {
  Builder b;
  Register x = b.input(), y = b.input(), z = b.input();
  b.program.set_result(b.call("add", b.call("multiply", b.call("exp", x), y), b.call("sin", z)));
  run(state, b.program);
}
BENCHMARK(add);
BENCHMARK(linear);
BENCHMARK(polynomial);
BENCHMARK(length);
BENCHMARK(circle);
BENCHMARK(exponential);

void function_of_one(benchmark::State& state, const char* name) {
  Builder b;
  b.program.set_result(b.call(name, b.input()));
  run(state, b.program);
}
#define DUSK_BENCH_FUNCTION(name) BENCHMARK_CAPTURE(function_of_one, name, #name)
DUSK_BENCH_FUNCTION(sqrt);
DUSK_BENCH_FUNCTION(exp);
DUSK_BENCH_FUNCTION(log);
DUSK_BENCH_FUNCTION(sin);
DUSK_BENCH_FUNCTION(tan);
DUSK_BENCH_FUNCTION(tanh);
DUSK_BENCH_FUNCTION(arctan);

}  // namespace
}  // namespace dusk::kernels::array
