#include "dusk/collections/array/reshape_chunks.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>

namespace dusk::collections::array {
namespace {

using Sizes = std::vector<int64_t>;

TEST(ReshapeChunks, MergedAxesKeepTheSizeOfChunks) {
  auto plan = reshape_chunks({{3, 3}, {5}, {2, 2}}, {30, 4});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->out, (ChunkLists{{15, 15}, {2, 2}}));
  EXPECT_EQ(plan->in, (ChunkLists{{3, 3}, {5}, {2, 2}}));
}

TEST(ReshapeChunks, SplitAxesAreCutAtWholeRows) {
  auto plan = reshape_chunks({{5, 5, 2}}, {3, 4});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->in, (ChunkLists{{4, 4, 4}}));
  EXPECT_EQ(plan->out, (ChunkLists{{1, 1, 1}, {4}}));
}

TEST(ReshapeChunks, AxesOfSingleStepsStayAsTheyAre) {
  auto plan = reshape_chunks({{1, 1}, {4, 2}}, {12});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->in, (ChunkLists{{1, 1}, {4, 2}}));
  EXPECT_EQ(plan->out, (ChunkLists{{4, 2, 4, 2}}));
}

TEST(ReshapeChunks, EmptyChunksAreNoSteps) {
  auto plan = reshape_chunks({{0, 2}, {2, 4}}, {12});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->in[1].size(), 1u);
}

TEST(ReshapeChunks, UnevenSplitsHaveNoPlan) {
  EXPECT_FALSE(reshape_chunks({{6}, {5}, {4}}, {4, 5, 6}));
}

int64_t total(const Sizes& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{0});
}

// The elements of every block, in C order.
Sizes elements(const ChunkLists& chunks) {
  Sizes all{1};
  for (const Sizes& axis : chunks) {
    Sizes next;
    for (int64_t outer : all) {
      for (int64_t n : axis) next.push_back(outer * n);
    }
    all = next;
  }
  return all;
}

TEST(ReshapeChunks, BlocksCorrespondOneToOneWhateverIsMerged) {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    ChunkLists in;
    Sizes shape;
    for (int d = 0, n = 1 + static_cast<int>(random() % 4); d < n; ++d) {
      Sizes axis;
      for (int c = 0, m = 1 + static_cast<int>(random() % 3); c < m; ++c) {
        axis.push_back(1 + static_cast<int64_t>(random() % 5));
      }
      if (!shape.empty() && random() % 2) {
        shape.back() *= total(axis);
      } else {
        shape.push_back(total(axis));
      }
      in.push_back(axis);
    }
    auto plan = reshape_chunks(in, shape);
    ASSERT_TRUE(plan);
    for (size_t d = 0; d < in.size(); ++d) EXPECT_EQ(total(plan->in[d]), total(in[d]));
    for (size_t d = 0; d < shape.size(); ++d) EXPECT_EQ(total(plan->out[d]), shape[d]);
    EXPECT_EQ(elements(plan->in), elements(plan->out));
  }
}

}  // namespace
}  // namespace dusk::collections::array
