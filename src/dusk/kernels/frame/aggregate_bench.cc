// Group-bys of db-benchmark's shapes: 10^7 rows (or DUSK_BENCH_ROWS), one thread.
#include <arrow/api.h>
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <random>

#include "dusk/kernels/frame/aggregate.h"

namespace dusk::kernels::frame {
namespace {

int64_t bench_rows() {
  const char* text = std::getenv("DUSK_BENCH_ROWS");
  return text == nullptr ? 10'000'000 : std::atoll(text);
}

template <class T, class Type, class F>
std::shared_ptr<arrow::Array> numbers(F next) {
  arrow::TypedBufferBuilder<T> builder;
  for (int64_t i = 0; i < bench_rows(); ++i) (void)builder.Append(next());
  return std::make_shared<arrow::NumericArray<Type>>(bench_rows(), *builder.Finish());
}

std::shared_ptr<arrow::Array> names(int64_t distinct, std::mt19937_64& random) {
  arrow::StringBuilder builder;
  char text[32];
  for (int64_t i = 0; i < bench_rows(); ++i) {
    std::snprintf(text, sizeof text, "id%010lld",
                  static_cast<long long>(random() % static_cast<uint64_t>(distinct) + 1));
    (void)builder.Append(text);
  }
  return *builder.Finish();
}

const std::shared_ptr<arrow::Table>& data() {
  static const auto* table = [] {
    std::mt19937_64 random(1);
    int64_t n = bench_rows(), k = 100;
    auto id = [&](int64_t most) {
      return [&random, most] {
        return static_cast<int32_t>(random() % static_cast<uint64_t>(most) + 1);
      };
    };
    auto schema =
        arrow::schema({arrow::field("id1", arrow::utf8()), arrow::field("id3", arrow::utf8()),
                       arrow::field("id4", arrow::int32()), arrow::field("id5", arrow::int32()),
                       arrow::field("id6", arrow::int32()), arrow::field("v1", arrow::int32()),
                       arrow::field("v2", arrow::int32()), arrow::field("v3", arrow::float64())});
    arrow::ArrayVector columns = {names(k, random),
                                  names(n / k, random),
                                  numbers<int32_t, arrow::Int32Type>(id(k)),
                                  numbers<int32_t, arrow::Int32Type>(id(k)),
                                  numbers<int32_t, arrow::Int32Type>(id(n / k)),
                                  numbers<int32_t, arrow::Int32Type>(id(5)),
                                  numbers<int32_t, arrow::Int32Type>(id(15)),
                                  numbers<double, arrow::DoubleType>([&] {
                                    return static_cast<double>(random() % 100000000) / 1e6;
                                  })};
    return new std::shared_ptr<arrow::Table>(arrow::Table::Make(schema, columns));
  }();
  return *table;
}

void run(benchmark::State& state, const AggregateSpec& spec) {
  data();
  for (auto _ : state) benchmark::DoNotOptimize(aggregate(data(), spec));
  state.SetItemsProcessed(state.iterations() * bench_rows());
}

void q1(benchmark::State& state) { run(state, {{"id1"}, {{"v1", "sum", "v1", {}}}}); }
void q3(benchmark::State& state) {
  run(state, {{"id3"}, {{"v1", "sum", "v1", {}}, {"v3", "mean", "v3", {}}}});
}
void q4(benchmark::State& state) {
  run(state,
      {{"id4"}, {{"v1", "mean", "v1", {}}, {"v2", "mean", "v2", {}}, {"v3", "mean", "v3", {}}}});
}
void q5(benchmark::State& state) {
  run(state,
      {{"id6"}, {{"v1", "sum", "v1", {}}, {"v2", "sum", "v2", {}}, {"v3", "sum", "v3", {}}}});
}
void q6(benchmark::State& state) {
  run(state, {{"id4", "id5"}, {{"median", "median", "v3", {}}, {"std", "std", "v3", {}}}});
}
void q7(benchmark::State& state) {
  run(state, {{"id3"}, {{"v1", "max", "v1", {}}, {"v2", "min", "v2", {}}}});
}
void q10(benchmark::State& state) {
  run(state,
      {{"id1", "id3", "id4", "id5", "id6"}, {{"v3", "sum", "v3", {}}, {"n", "size", "", {}}}});
}
void reduce_all(benchmark::State& state) {
  run(state, {{}, {{"v1", "sum", "v1", {}}, {"v3", "mean", "v3", {}}, {"s", "std", "v3", {}}}});
}

BENCHMARK(q1)->Unit(benchmark::kMillisecond);
BENCHMARK(q3)->Unit(benchmark::kMillisecond);
BENCHMARK(q4)->Unit(benchmark::kMillisecond);
BENCHMARK(q5)->Unit(benchmark::kMillisecond);
BENCHMARK(q6)->Unit(benchmark::kMillisecond);
BENCHMARK(q7)->Unit(benchmark::kMillisecond);
BENCHMARK(q10)->Unit(benchmark::kMillisecond);
BENCHMARK(reduce_all)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dusk::kernels::frame
