#include "dusk/graph/task_graph.h"

#include <gtest/gtest.h>

#include "dusk/base/error.h"
#include "dusk/graph/expr.h"
#include "dusk/graph/testing.h"

namespace dusk::graph {
namespace {

using testing::blockwise;
using testing::map_over;
using testing::source;

void expect_consistent(const TaskGraph& graph) {
  std::vector<bool> seen(graph.size());
  for (uint32_t p : graph.priority) {
    ASSERT_LT(p, graph.size());
    EXPECT_FALSE(seen[p]) << "priorities are a permutation";
    seen[p] = true;
  }
  size_t edges = 0;
  for (TaskId t = 0; t < graph.size(); ++t) {
    for (TaskId input : graph.inputs_of(t)) {
      EXPECT_LT(graph.priority[input], graph.priority[t]);
      auto consumers = graph.consumers_of(input);
      EXPECT_NE(std::find(consumers.begin(), consumers.end(), t), consumers.end());
    }
    edges += graph.consumers_of(t).size();
  }
  EXPECT_EQ(edges, graph.inputs.size());
}

TEST(Expand, NumbersOnlyWhatTheWantedBlocksNeed) {
  LayerPtr x = source("x", {100});
  LayerPtr y = map_over("y", x);
  LayerPtr z = map_over("z", y);
  std::vector<Wanted> wanted = {{z, {3, 97}}};
  TaskGraph graph = expand(wanted);
  EXPECT_EQ(graph.size(), 6u);
  EXPECT_EQ(graph.outputs.size(), 2u);
  EXPECT_EQ(graph.index[graph.outputs[0]], 3);
  EXPECT_EQ(graph.index[graph.outputs[1]], 97);
  expect_consistent(graph);
}

TEST(Expand, KeepsArgumentOrderAndRepeatedInputs) {
  LayerPtr x = source("x", {4});
  BlockMap same = BlockMap::identity({4});
  BlockMap reversed{{4}, {-1}, 3};
  LayerPtr y = blockwise("y", {4}, {{x, same}, {x, reversed}, {x, same}});
  TaskGraph graph = expand(std::vector<Wanted>{{y, {1}}});
  auto inputs = graph.inputs_of(graph.outputs[0]);
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(graph.index[inputs[0]], 1);
  EXPECT_EQ(graph.index[inputs[1]], 2);
  EXPECT_EQ(inputs[0], inputs[2]);
  expect_consistent(graph);
}

TEST(Expand, LooksThroughForwardingLayers) {
  LayerPtr x = source("x", {5});
  LayerPtr picked =
      std::make_shared<PickLayer>("p", testing::token_of("p"), x, std::vector<int64_t>{4, 0});
  LayerPtr again = std::make_shared<PickLayer>("q", testing::token_of("q"), picked,
                                               std::vector<int64_t>{1, 1, 0});
  TaskGraph graph = expand(std::vector<Wanted>{{again, {}}});
  EXPECT_EQ(graph.size(), 2u);
  ASSERT_EQ(graph.outputs.size(), 3u);
  EXPECT_EQ(graph.outputs[0], graph.outputs[1]);
  EXPECT_EQ(graph.index[graph.outputs[0]], 0);
  EXPECT_EQ(graph.index[graph.outputs[2]], 4);
}

TEST(Expand, NamesTasksAsDaskDoes) {
  LayerPtr x = source("x", {2, 3});
  TaskGraph graph = expand(std::vector<Wanted>{{x, {5}}});
  EXPECT_EQ(graph.key(0), "('x-" + testing::token_of("x").hex() + "', 1, 2)");
}

TEST(Expand, FindsATaskThatNeedsItself) {
  auto operation = testing::weighted("loop");
  std::vector<ListLayer::Task> tasks = {{"a", operation, {{0, 1}}}, {"b", operation, {{0, 0}}}};
  LayerPtr loop = std::make_shared<ListLayer>("loop", testing::token_of("loop"),
                                              std::vector<LayerPtr>{}, std::move(tasks));
  std::vector<Wanted> wanted = {{loop, {0}}};
  EXPECT_DEATH(expand(wanted), "cycle");
}

// The most results that live at once when tasks run in the static order.
size_t most_alive(const TaskGraph& graph) {
  std::vector<TaskId> order(graph.size());
  for (TaskId t = 0; t < graph.size(); ++t) order[graph.priority[t]] = t;
  std::vector<size_t> uses(graph.size());
  for (TaskId t = 0; t < graph.size(); ++t) uses[t] = graph.consumers_of(t).size();
  size_t alive = 0, most = 0;
  for (TaskId t : order) {
    most = std::max(most, ++alive);
    for (TaskId input : graph.inputs_of(t)) {
      if (--uses[input] == 0) --alive;
    }
  }
  return most;
}

LayerPtr reduced(LayerPtr layer, int64_t split) {
  int round = 0;
  while (layer->size() > 1) {
    std::string name = "reduce" + std::to_string(round++) + layer->prefix();
    layer = std::make_shared<TreeReduceLayer>(
        name, testing::token_of(name), testing::weighted(name), layer,
        std::vector<int64_t>{layer->size()}, std::vector<int64_t>{split});
  }
  return layer;
}

TEST(Order, ReducesATreeWithAFewResultsAlive) {
  TaskGraph graph =
      expand(std::vector<Wanted>{{reduced(map_over("y", source("x", {4096})), 8), {}}});
  expect_consistent(graph);
  EXPECT_LE(most_alive(graph), 4u * 7 + 3);
}

TEST(Order, FinishesWithAChunkBeforeItStartsTheNext) {
  LayerPtr x = source("x", {1000});
  std::vector<Wanted> wanted = {{reduced(map_over("a", x), 10), {}},
                                {reduced(map_over("b", x), 10), {}}};
  TaskGraph graph = expand(wanted);
  expect_consistent(graph);
  EXPECT_LE(most_alive(graph), 70u);
}

TEST(Order, DoesTheLongBranchOfAnAccumulationFirst) {
  LayerPtr x = source("x", {500});
  auto operation = testing::weighted("accumulate");
  std::vector<ListLayer::Task> tasks;
  for (int64_t i = 0; i < 500; ++i) {
    tasks.push_back({"a", operation, {{0, i}}});
    if (i > 0) tasks.back().dependencies.push_back({1, i - 1});
  }
  LayerPtr sum = std::make_shared<ListLayer>("sum", testing::token_of("sum"),
                                             std::vector<LayerPtr>{x}, std::move(tasks));
  TaskGraph graph = expand(std::vector<Wanted>{{sum, {499}}});
  expect_consistent(graph);
  EXPECT_LE(most_alive(graph), 4u);
}

TEST(Order, DoesNotSpreadASeedOverAllItsConsumersFirst) {
  LayerPtr seed = source("seed", {1});
  LayerPtr chunks = blockwise("chunks", {1000}, {{seed, BlockMap{{1000}, {0}, 0}}});
  TaskGraph graph = expand(std::vector<Wanted>{{reduced(chunks, 10), {}}});
  expect_consistent(graph);
  EXPECT_LE(most_alive(graph), 40u);
}

TEST(Order, KeepsSiblingRootsTogether) {
  TaskGraph graph = expand(std::vector<Wanted>{{reduced(source("x", {64}), 8), {}}});
  for (TaskId t = 0; t < graph.size(); ++t) {
    if (graph.inputs_of(t).empty() || !graph.inputs_of(graph.inputs_of(t)[0]).empty()) continue;
    for (TaskId input : graph.inputs_of(t)) {
      EXPECT_GE(graph.priority[input] + 8, graph.priority[t]);
    }
  }
}

// Expressions for lowering: named nodes, of one task or of a layer of three.
class Node : public Expr {
 public:
  Node(std::string name, std::vector<ExprPtr> inputs, bool single)
      : Expr(testing::token_of(name), std::move(inputs)),
        name_(std::move(name)),
        operation_(testing::weighted(name_)),
        single_(single) {}
  std::string_view kind() const override { return "TestNode"; }
  std::string describe() const override { return name_; }
  const std::string& prefix() const override { return name_; }
  int64_t block_count() const override { return single_ ? 1 : 3; }
  ExprPtr with_inputs(std::vector<ExprPtr> inputs) const override {
    return std::make_shared<Node>(name_ + "'", std::move(inputs), single_);
  }
  LayerPtr lower(std::span<const LayerPtr> inputs) const override {
    std::vector<BlockwiseLayer::Input> all;
    for (const LayerPtr& input : inputs) all.push_back({input, BlockMap{{3}, {0}, 0}});
    return blockwise(name_, {3}, all);
  }
  const Operation* single_task() const override { return single_ ? operation_.get() : nullptr; }

 private:
  std::string name_;
  OperationPtr operation_;
  bool single_;
};

ExprPtr one(const std::string& name, std::vector<ExprPtr> inputs = {}) {
  return std::make_shared<Node>(name, std::move(inputs), true);
}
ExprPtr many(const std::string& name, std::vector<ExprPtr> inputs = {}) {
  return std::make_shared<Node>(name, std::move(inputs), false);
}

TEST(Lower, ListsSingleTasksTogetherEvenAroundOtherLayers) {
  ExprPtr a = one("a");
  ExprPtr b = one("b", {a});
  ExprPtr layer = many("layer", {b});
  ExprPtr c = one("c", {layer, a});
  std::vector<ExprPtr> roots = {c, layer, b};
  std::vector<LayerPtr> layers = lower(roots);
  std::vector<Wanted> wanted;
  for (const LayerPtr& l : layers) wanted.push_back({l, {}});
  TaskGraph graph = expand(wanted);
  EXPECT_EQ(graph.size(), 6u);
  ASSERT_EQ(graph.outputs.size(), 5u);
  EXPECT_EQ(graph.inputs_of(graph.outputs[0]).size(), 4u);
  EXPECT_EQ(graph.key(graph.outputs[0]), "c-" + testing::token_of("c").hex());
  // a = 7, b = 7 + 7, layer = 7 + 14, c = 7 + 21 * (1 + 2 + 3) + 7 * 4.
  EXPECT_EQ(testing::Interpreter().value(layers[0], 0), 161);
}

TEST(Lower, DoesNodesOfOneTokenOnce) {
  std::vector<ExprPtr> roots = {many("x"), many("x")};
  std::vector<LayerPtr> layers = lower(roots);
  EXPECT_EQ(layers[0], layers[1]);
}

// The node under a name that was given to it.
ExprPtr named(const std::string& name, ExprPtr node) {
  auto copy = std::const_pointer_cast<Expr>(node->with_inputs(node->inputs()));
  copy->set_name(name);
  return copy;
}

TEST(Lower, GivesTheFinalLayerTheNameThatANodeGot) {
  std::vector<ExprPtr> roots = {named("mine", many("x")), many("x")};
  EXPECT_EQ(roots[0]->key(), "mine");
  EXPECT_NE(roots[0]->token(), roots[1]->token());
  std::vector<LayerPtr> layers = lower(roots);
  EXPECT_EQ(layers[0]->name(), "mine");
  EXPECT_EQ(layers[0]->key(2), "('mine', 2)");
  EXPECT_NE(layers[1]->name(), "mine");
}

TEST(Lower, RefusesOneNameForDifferentNodes) {
  std::vector<ExprPtr> same = {named("mine", many("x")), named("mine", many("x"))};
  std::vector<LayerPtr> layers = lower(same);
  EXPECT_EQ(layers[0], layers[1]);
  std::vector<ExprPtr> other = {named("mine", many("x")), named("mine", many("y"))};
  EXPECT_THROW(lower(other), base::Error);
  std::vector<ExprPtr> taken = {named(many("x")->key(), many("y")), many("x")};
  EXPECT_THROW(lower(taken), base::Error);
}

TEST(Lower, TakesAMillionCallsInARow) {
  ExprPtr last = one("first");
  for (int i = 0; i < 1'000'000; ++i) last = one("n" + std::to_string(i), {last});
  std::vector<LayerPtr> layers = lower(std::span(&last, 1));
  TaskGraph graph = expand(std::vector<Wanted>{{layers[0], {}}});
  EXPECT_EQ(graph.size(), 1'000'001u);
}

TEST(Rewrite, RebuildsWhatIsAboveAChange) {
  ExprPtr a = many("a");
  ExprPtr b = many("b", {a});
  ExprPtr other = many("other");
  std::vector<ExprPtr> roots = {b, other};
  ExprPtr replacement = many("replacement");
  auto rewritten = rewrite(roots, [&](const ExprPtr& e) { return e == a ? replacement : e; });
  EXPECT_EQ(rewritten[0]->describe(), "b'");
  EXPECT_EQ(rewritten[0]->inputs()[0], replacement);
  EXPECT_EQ(rewritten[1], other);
}

TEST(Rewrite, KeepsNamesAndAnnotations) {
  ExprPtr a = many("a");
  ExprPtr b = named("mine", many("b", {a}));
  std::const_pointer_cast<Expr>(b)->set_annotations({{"priority", "1"}});
  ExprPtr replacement = many("replacement");
  auto rewritten =
      rewrite(std::span(&b, 1), [&](const ExprPtr& e) { return e == a ? replacement : e; });
  EXPECT_EQ(rewritten[0]->key(), "mine");
  EXPECT_EQ(rewritten[0]->annotations(), b->annotations());
  std::vector<ExprPtr> both = {b, rewritten[0]};
  EXPECT_EQ(lower(both)[0]->name(), lower(both)[1]->name());
}

}  // namespace
}  // namespace dusk::graph
