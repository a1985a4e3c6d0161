#include "dusk/collections/array/chunks.h"

#include <gtest/gtest.h>

#include <random>

#include "dusk/base/error.h"

namespace dusk::collections::array {
namespace {

using Sizes = std::vector<std::vector<int64_t>>;

Chunks of(const Sizes& sizes) { return Chunks::from_sizes(sizes); }

TEST(Chunks, BlocksAreNumberedInCOrder) {
  Chunks c = of({{2, 1}, {3, 4}});
  EXPECT_EQ(c.block_count(), 4);
  EXPECT_EQ(c.block_shape(1), (std::vector<int64_t>{2, 4}));
  EXPECT_EQ(c.block_offset(3), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(c.coordinates(2), (Coordinates{1, 0}));
  EXPECT_EQ(c.text(), "(2, 1), (3, 4)");
}

TEST(Chunks, ArraysWithoutAxesHaveOneBlock) {
  Chunks c = of({});
  EXPECT_EQ(c.block_count(), 1);
  EXPECT_EQ(c.elements(0), 1);
}

TEST(Chunks, UnknownSizesAreContagious) {
  Chunks c = of({{kUnknown, kUnknown}, {3}});
  EXPECT_FALSE(c.known());
  EXPECT_EQ(c.shape(), (std::vector<int64_t>{kUnknown, 3}));
  EXPECT_EQ(c.elements(0), kUnknown);
}

TEST(Chunks, EveryPositionIsFoundInItsChunk) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<int64_t> sizes;
    for (size_t n = 1 + random() % 6; n > 0; --n) sizes.push_back(random() % 4);
    AxisPtr axis = make_axis(sizes);
    for (int64_t p = 0; p < axis->total(); ++p) {
      auto chunk = static_cast<size_t>(axis->find(p));
      EXPECT_LE(axis->starts[chunk], p);
      EXPECT_LT(p, axis->starts[chunk] + axis->sizes[chunk]);
    }
  }
}

TEST(Chunks, CommonBlocksAreCutWhereverSomebodyCuts) {
  std::vector<AxisPtr> axes{make_axis({4, 4}), make_axis({3, 5}), make_axis({8})};
  EXPECT_EQ(common_axis(axes)->sizes, (std::vector<int64_t>{3, 1, 4}));
  std::vector<AxisPtr> stretched{make_axis({1}), make_axis({2, 2})};
  EXPECT_EQ(common_axis(stretched)->sizes, (std::vector<int64_t>{2, 2}));
  std::vector<AxisPtr> unequal{make_axis({4}), make_axis({5})};
  EXPECT_THROW(common_axis(unequal), base::Error);
  std::vector<AxisPtr> unknown{make_axis({kUnknown, kUnknown}), make_axis({5})};
  EXPECT_THROW(common_axis(unknown), base::Error);
}

}  // namespace
}  // namespace dusk::collections::array
