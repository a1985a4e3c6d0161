// Joins, sorts, filters and expressions over 10^7 rows (or DUSK_BENCH_ROWS), one thread.
#include <arrow/api.h>
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <numeric>
#include <random>

#include "dusk/kernels/frame/filter.h"
#include "dusk/kernels/frame/join.h"
#include "dusk/kernels/frame/sort.h"

namespace dusk::kernels::frame {
namespace {

using TablePtr = std::shared_ptr<arrow::Table>;

int64_t bench_rows() {
  const char* text = std::getenv("DUSK_BENCH_ROWS");
  return text == nullptr ? 10'000'000 : std::atoll(text);
}

// Columns k (shuffled or random keys) and v.
TablePtr keyed(int64_t rows, int64_t keys, uint64_t seed, const char* value) {
  std::mt19937_64 random(seed);
  arrow::TypedBufferBuilder<int64_t> k;
  arrow::TypedBufferBuilder<double> v;
  for (int64_t i = 0; i < rows; ++i) {
    (void)k.Append(static_cast<int64_t>(random() % static_cast<uint64_t>(keys)));
    (void)v.Append(static_cast<double>(random() >> 11) / 9007199254740992.0);
  }
  auto schema =
      arrow::schema({arrow::field("k", arrow::int64()), arrow::field(value, arrow::float64())});
  return arrow::Table::Make(schema, {std::make_shared<arrow::Int64Array>(rows, *k.Finish()),
                                     std::make_shared<arrow::DoubleArray>(rows, *v.Finish())});
}

const TablePtr& left() {
  static const auto* table = new TablePtr(keyed(bench_rows(), bench_rows(), 1, "a"));
  return *table;
}

void join_with(benchmark::State& state, int64_t right_rows) {
  left();
  auto right = keyed(right_rows, right_rows, 2, "b");
  JoinSpec spec{JoinKind::kInner, {"k"}, {"k"}, {{"k", 0, "k"}, {"a", 0, "a"}, {"b", 1, "b"}}};
  for (auto _ : state) benchmark::DoNotOptimize(join(left(), right, spec));
}
void join_small(benchmark::State& state) { join_with(state, 1000); }
void join_medium(benchmark::State& state) { join_with(state, bench_rows() / 100); }
void join_big(benchmark::State& state) { join_with(state, bench_rows()); }

void sort_int64(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(sort_indices(*left(), {{"k", true}}));
}
void sort_double_take(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(sort(left(), {{"a", true}}));
}
void filter_half(benchmark::State& state) {
  auto predicate = ColumnExpr::call("gt", {ColumnExpr::field("a"), ColumnExpr::literal(0.5)});
  for (auto _ : state) benchmark::DoNotOptimize(filter(left(), predicate));
}
void expression(benchmark::State& state) {
  auto a = ColumnExpr::field("a"), k = ColumnExpr::field("k");
  auto product = ColumnExpr::call("multiply", {a, ColumnExpr::literal(2.0)});
  auto expr = ColumnExpr::call("subtract", {ColumnExpr::call("add", {product, k}), a});
  for (auto _ : state) benchmark::DoNotOptimize(evaluate(expr, *left()));
}
void partition_16(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(hash_partition(left(), {"k"}, 16));
}

BENCHMARK(join_small)->Unit(benchmark::kMillisecond);
BENCHMARK(join_medium)->Unit(benchmark::kMillisecond);
BENCHMARK(join_big)->Unit(benchmark::kMillisecond);
BENCHMARK(sort_int64)->Unit(benchmark::kMillisecond);
BENCHMARK(sort_double_take)->Unit(benchmark::kMillisecond);
BENCHMARK(filter_half)->Unit(benchmark::kMillisecond);
BENCHMARK(expression)->Unit(benchmark::kMillisecond);
BENCHMARK(partition_16)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dusk::kernels::frame
