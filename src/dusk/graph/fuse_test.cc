#include "dusk/graph/fuse.h"

#include <gtest/gtest.h>

#include <random>

#include "dusk/graph/block_map.h"
#include "dusk/graph/explain.h"
#include "dusk/graph/svg.h"
#include "dusk/graph/testing.h"

namespace dusk::graph {
namespace {

using testing::blockwise;
using testing::Interpreter;
using testing::map_over;
using testing::source;

size_t tasks_of(const std::vector<LayerPtr>& layers) {
  std::vector<Wanted> wanted;
  for (const LayerPtr& l : layers) wanted.push_back({l, {}});
  return expand(wanted).size();
}

void expect_same_values(const std::vector<LayerPtr>& before, const std::vector<LayerPtr>& after) {
  Interpreter plain, fused;
  ASSERT_EQ(before.size(), after.size());
  for (size_t r = 0; r < before.size(); ++r) {
    ASSERT_EQ(before[r]->size(), after[r]->size());
    EXPECT_EQ(before[r]->name(), after[r]->name());
    for (int64_t i = 0; i < before[r]->size(); ++i) {
      ASSERT_EQ(plain.value(before[r], i), fused.value(after[r], i)) << "block " << i;
    }
  }
}

TEST(Fuse, MakesAChainOneLayer) {
  LayerPtr top = map_over("z", map_over("y", source("x", {3, 4})));
  std::vector<LayerPtr> before = {top};
  auto after = fuse_blockwise(before);
  EXPECT_EQ(tasks_of(after), 12u);
  expect_same_values(before, after);
}

TEST(Fuse, FoldsADiamondIntoItsTop) {
  LayerPtr x = source("x", {5});
  LayerPtr a = map_over("a", x);
  LayerPtr b = map_over("b", x);
  BlockMap same = BlockMap::identity({5});
  std::vector<LayerPtr> before = {blockwise("top", {5}, {{a, same}, {b, same}, {x, same}})};
  auto after = fuse_blockwise(before);
  EXPECT_EQ(tasks_of(after), 5u);
  expect_same_values(before, after);
}

TEST(Fuse, KeepsWhatIsAskedFor) {
  LayerPtr x = source("x", {5});
  LayerPtr y = map_over("y", x);
  std::vector<LayerPtr> before = {map_over("z", y), y};
  auto after = fuse_blockwise(before);
  EXPECT_EQ(tasks_of(after), 10u);
  expect_same_values(before, after);
}

TEST(Fuse, DoesNotRepeatAnExpensiveSource) {
  LayerPtr x = source("x", {5});
  std::vector<LayerPtr> before = {map_over("a", x), map_over("b", x)};
  auto after = fuse_blockwise(before);
  EXPECT_EQ(tasks_of(after), 15u);
  LayerPtr row = source("row", {1});
  std::vector<LayerPtr> broadcast = {blockwise("c", {5}, {{row, BlockMap{{5}, {0}, 0}}})};
  EXPECT_EQ(tasks_of(fuse_blockwise(broadcast)), 6u);
}

TEST(Fuse, RepeatsACheapSource) {
  LayerPtr x = source("x", {5}, true);
  std::vector<LayerPtr> before = {map_over("a", x), map_over("b", x)};
  auto after = fuse_blockwise(before);
  EXPECT_EQ(tasks_of(after), 10u);
  expect_same_values(before, after);
}

TEST(Fuse, StaysQuickOnLongChainsAndWideSums) {
  LayerPtr chain = source("x", {1});
  for (int i = 0; i < 20'000; ++i) chain = map_over("y" + std::to_string(i), chain);
  LayerPtr wide = source("w", {1});
  for (int i = 0; i < 2'000; ++i) {
    LayerPtr other = source("w" + std::to_string(i), {1});
    BlockMap same = BlockMap::identity({1});
    wide = blockwise("s" + std::to_string(i), {1}, {{wide, same}, {other, same}});
  }
  std::vector<LayerPtr> before = {chain, wide};
  auto after = fuse_blockwise(before);
  EXPECT_LT(tasks_of(after), 500u);
  expect_same_values({wide}, {after[1]});
}

TEST(Fuse, MapsIndexesThroughATranspose) {
  LayerPtr x = map_over("y", source("x", {2, 3}));
  BlockMap transposed{{3, 2}, {1, 3}, 0};
  LayerPtr t = blockwise("t", {3, 2}, {{x, transposed}});
  std::vector<LayerPtr> before = {map_over("z", t)};
  auto after = fuse_blockwise(before);
  EXPECT_EQ(tasks_of(after), 6u);
  expect_same_values(before, after);
}

TEST(Fuse, RewiresLayersThatAreNotBlockwise) {
  LayerPtr y = map_over("y", map_over("x2", source("x", {9})));
  LayerPtr sum =
      std::make_shared<TreeReduceLayer>("sum", testing::token_of("sum"), testing::weighted("sum"),
                                        y, std::vector<int64_t>{9}, std::vector<int64_t>{4});
  std::vector<LayerPtr> before = {map_over("last", sum)};
  auto after = fuse_blockwise(before);
  EXPECT_EQ(tasks_of(after), 9u + 3u + 3u);
  expect_same_values(before, after);
}

TEST(Fuse, KeepsLayersOfDifferentAnnotationsApart) {
  LayerPtr x = source("x", {4});
  auto y = std::const_pointer_cast<Layer>(map_over("y", x));
  y->set_annotations({{"priority", "1"}});
  std::vector<LayerPtr> before = {map_over("z", y)};
  EXPECT_EQ(tasks_of(fuse_blockwise(before)), 12u);
}

// Sums numbers; absorbs other sums, and knows that a + a is 2a.
class Sum : public Operation {
 public:
  explicit Sum(std::vector<int64_t> weights) : weights_(std::move(weights)) {}
  std::string name() const override { return "sum"; }
  base::Result<data::Value> run(const TaskContext&, Inputs inputs) const override {
    EXPECT_EQ(inputs.size(), weights_.size());
    int64_t sum = 0;
    for (size_t k = 0; k < inputs.size(); ++k) sum += weights_[k] * testing::number_of(inputs[k]);
    return testing::number(sum);
  }
  OperationPtr absorb(size_t position, const Operation& producer) const override {
    auto other = dynamic_cast<const Sum*>(&producer);
    if (!other) return nullptr;
    std::vector<int64_t> weights = weights_;
    int64_t scale = weights[position];
    auto at = weights.erase(weights.begin() + static_cast<int64_t>(position));
    std::vector<int64_t> scaled;
    for (int64_t w : other->weights_) scaled.push_back(scale * w);
    weights.insert(at, scaled.begin(), scaled.end());
    return std::make_shared<Sum>(std::move(weights));
  }
  OperationPtr merge_inputs(size_t first, size_t second) const override {
    std::vector<int64_t> weights = weights_;
    weights[first] += weights[second];
    weights.erase(weights.begin() + static_cast<int64_t>(second));
    return std::make_shared<Sum>(std::move(weights));
  }
  size_t inputs() const { return weights_.size(); }

 private:
  std::vector<int64_t> weights_;
};

LayerPtr sum_layer(const std::string& name, std::vector<BlockwiseLayer::Input> inputs,
                   std::vector<int64_t> weights, std::vector<int64_t> grid) {
  return std::make_shared<BlockwiseLayer>(name, testing::token_of(name),
                                          std::make_shared<Sum>(std::move(weights)),
                                          std::move(grid), std::move(inputs));
}

TEST(Fuse, LetsOperationsAbsorbEachOtherAndMergesEqualInputs) {
  LayerPtr x = source("x", {4});
  LayerPtr y = source("y", {4});
  BlockMap same = BlockMap::identity({4});
  LayerPtr a = sum_layer("a", {{x, same}, {y, same}}, {1, 10}, {4});
  LayerPtr b = sum_layer("b", {{y, same}, {x, same}}, {1, 1}, {4});
  LayerPtr top = sum_layer("top", {{a, same}, {b, same}, {a, same}}, {1, 100, 1}, {4});
  std::vector<LayerPtr> before = {top, map_over("keep", x), map_over("keep2", y)};
  auto after = fuse_blockwise(before);
  expect_same_values(before, after);
  auto fused = dynamic_cast<const BlockwiseLayer*>(after[0].get());
  ASSERT_TRUE(fused);
  auto sum = dynamic_cast<const Sum*>(fused->shared_operation().get());
  ASSERT_TRUE(sum) << "everything was absorbed";
  EXPECT_EQ(sum->inputs(), 2u);
  EXPECT_EQ(fused->inputs().size(), 2u);
}

// Random stacks of blockwise layers over 2-d grids: the fused plan gives the same numbers.
TEST(Fuse, AgreesWithThePlainPlanOnRandomStacks) {
  std::mt19937_64 random(7);
  auto pick = [&](size_t n) { return static_cast<size_t>(random() % n); };
  for (int round = 0; round < 300; ++round) {
    std::vector<int64_t> grid = {1 + static_cast<int64_t>(pick(4)),
                                 1 + static_cast<int64_t>(pick(4))};
    std::vector<int64_t> turned = {grid[1], grid[0]};
    auto flip = [&](const std::vector<int64_t>& g) { return BlockMap{g, {1, g[0]}, 0}; };
    std::vector<LayerPtr> layers = {source("s0", grid), source("s1", turned, true),
                                    source("s2", {1, 1})};
    for (int l = 0; l < 8; ++l) {
      const auto& own = pick(3) ? grid : turned;
      std::vector<BlockwiseLayer::Input> inputs;
      size_t count = 1 + pick(3);
      for (size_t k = 0; k < count; ++k) {
        LayerPtr in = layers[pick(layers.size())];
        BlockMap map = in->size() == 1     ? BlockMap{own, {0, 0}, 0}
                       : in->grid() == own ? BlockMap::identity(own)
                                           : flip(own);
        if (in->grid() == own && pick(4) == 0) {
          map.offset = own[1] - 1;  // mirrored columns
          map.strides[1] = -1;
        }
        inputs.push_back({in, map});
      }
      layers.push_back(blockwise("l" + std::to_string(l), own, inputs));
    }
    std::vector<LayerPtr> before = {layers.back(), layers[3 + pick(8)]};
    auto after = fuse_blockwise(before);
    EXPECT_LE(tasks_of(after), tasks_of(before));
    expect_same_values(before, after);
    if (::testing::Test::HasFatalFailure()) FAIL() << "round " << round;
  }
}

TEST(BlockMap, ComposesOnlyWhereBlocksDoNotWrapAround) {
  BlockMap columns{{6}, {1}, 0};
  BlockMap rows_of_three{{2, 3}, {10, 1}, 0};
  EXPECT_FALSE(compose(rows_of_three, columns));
  BlockMap second_row{{3}, {1}, 3};
  auto composed = compose(rows_of_three, second_row);
  ASSERT_TRUE(composed);
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ((*composed)(i), rows_of_three(second_row(i)));
}

TEST(BlockMap, KnowsWhetherABlockIsReadTwice) {
  EXPECT_TRUE(reads_once(BlockMap::identity({3, 4})));
  EXPECT_TRUE(reads_once(BlockMap{{3, 4}, {1, 3}, 0}));
  EXPECT_TRUE(reads_once(BlockMap{{3}, {-2}, 4}));
  EXPECT_FALSE(reads_once(BlockMap{{3, 4}, {0, 1}, 0}));
  EXPECT_FALSE(reads_once(BlockMap{{3, 3}, {1, 1}, 0}));
}

TEST(Explain, NamesLayersTasksAndFusedSteps) {
  LayerPtr top = map_over("z", map_over("y", source("x", {3})));
  auto fused = fuse_blockwise(std::vector<LayerPtr>{top});
  std::string text = explain(expand(std::vector<Wanted>{{fused[0], {}}}), "Optimised");
  EXPECT_NE(text.find("Optimised: 1 layer, 3 tasks"), std::string::npos) << text;
  EXPECT_NE(text.find("x -> y -> z"), std::string::npos) << text;
  EXPECT_NE(text.find("native"), std::string::npos) << text;
}

TEST(Svg, EscapesNamesAndDrawsLayersOfLargeGraphs) {
  LayerPtr x = source("<x&\"y\">", {3});
  TaskGraph small = expand(std::vector<Wanted>{{map_over("z", x), {}}});
  std::string svg = to_svg(drawing_of(small, true));
  EXPECT_EQ(svg.find("<x&"), std::string::npos);
  EXPECT_NE(svg.find("&lt;x&amp;&quot;y&quot;&gt;"), std::string::npos);
  TaskGraph large = expand(std::vector<Wanted>{{map_over("z", source("x", {1000})), {}}});
  EXPECT_EQ(drawing_of(large, true).boxes.size(), 2u);
  EXPECT_EQ(drawing_of(large, true).arrows.size(), 1u);
}

}  // namespace
}  // namespace dusk::graph
