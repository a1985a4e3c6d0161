// Overhead of a native task that does nothing: a million of them, in the shapes that graphs have.
#include "dusk/runtime/executor.h"

#include <benchmark/benchmark.h>

#include "dusk/graph/task_graph.h"

namespace dusk::runtime {
namespace {

using graph::BlockMap;
using graph::LayerPtr;

constexpr int64_t kTasks = 1'000'000;

class Nothing : public graph::Operation {
 public:
  std::string name() const override { return "nothing"; }
  base::Result<data::Value> run(const graph::TaskContext&, graph::Inputs) const override {
    return data::Value();
  }
};

base::Token token(int64_t n) { return base::Tokenizer("bench").add(n).finish(); }

LayerPtr independent(int64_t n) {
  return std::make_shared<graph::BlockwiseLayer>(
      "independent", token(n), std::make_shared<Nothing>(), std::vector<int64_t>{n},
      std::vector<graph::BlockwiseLayer::Input>{});
}

LayerPtr chain(int64_t n) {
  auto operation = std::make_shared<Nothing>();
  std::vector<graph::ListLayer::Task> tasks;
  for (int64_t i = 0; i < n; ++i) {
    tasks.push_back({"", operation, {}});
    if (i > 0) tasks.back().dependencies = {{0, i - 1}};
  }
  return std::make_shared<graph::ListLayer>("chain", token(1), std::vector<LayerPtr>{},
                                            std::move(tasks));
}

LayerPtr tree(int64_t n, int64_t split) {
  LayerPtr layer = independent(n);
  while (n > 1) {
    layer = std::make_shared<graph::TreeReduceLayer>("tree", token(n), std::make_shared<Nothing>(),
                                                     layer, std::vector<int64_t>{n},
                                                     std::vector<int64_t>{split});
    n = layer->size();
  }
  return layer;
}

graph::TaskGraph graph_of(int shape) {
  std::vector<graph::Wanted> wanted;
  switch (shape) {
    case 0: wanted = {{independent(kTasks), {}}}; break;
    case 1: wanted = {{chain(kTasks), {kTasks - 1}}}; break;
    case 2: wanted = {{tree(kTasks / 2, 2), {}}}; break;
    default: wanted = {{tree(kTasks, kTasks), {}}}; break;
  }
  return graph::expand(wanted);
}

const char* const kShapes[] = {"independent", "chain", "tree", "fan-in"};

void BM_Run(benchmark::State& state) {
  graph::TaskGraph graph = graph_of(static_cast<int>(state.range(0)));
  RunOptions options;
  options.num_threads = static_cast<int>(state.range(1));
  options.synchronous = state.range(1) == 0;
  for (auto _ : state) {
    auto result = run(graph, options);
    if (!result.ok()) state.SkipWithError(result.error().what());
  }
  state.SetLabel(kShapes[state.range(0)]);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(graph.size()));
}
BENCHMARK(BM_Run)
    ->ArgsProduct({{0, 1, 2, 3}, {0, 1, 2}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void BM_ExpandAndOrder(benchmark::State& state) {
  for (auto _ : state) {
    graph::TaskGraph graph = graph_of(static_cast<int>(state.range(0)));
    benchmark::DoNotOptimize(graph.priority.data());
  }
  state.SetLabel(kShapes[state.range(0)]);
}
BENCHMARK(BM_ExpandAndOrder)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

void BM_Order(benchmark::State& state) {
  graph::TaskGraph graph = graph_of(static_cast<int>(state.range(0)));
  for (auto _ : state) graph::assign_priorities(graph);
  state.SetLabel(kShapes[state.range(0)]);
}
BENCHMARK(BM_Order)->DenseRange(0, 3)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dusk::runtime
