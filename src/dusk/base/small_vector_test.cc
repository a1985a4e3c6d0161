#include "dusk/base/small_vector.h"

#include <gtest/gtest.h>

#include <random>

namespace dusk::base {
namespace {

template <class T, size_t N>
std::vector<T> listed(const SmallVector<T, N>& v) {
  return std::vector<T>(v.begin(), v.end());
}

TEST(SmallVector, IsSmall) {
  EXPECT_EQ(sizeof(SmallVector<uint32_t, 2>), 16u);
  EXPECT_EQ(sizeof(SmallVector<uint64_t, 2>), 24u);
}

TEST(SmallVector, GrowsOutsideAndShrinks) {
  SmallVector<int, 2> v;
  EXPECT_TRUE(v.empty());
  for (int i = 0; i < 5; ++i) v.push_back(i);
  EXPECT_EQ(listed(v), (std::vector<int>{0, 1, 2, 3, 4}));
  v.erase(1);
  v.insert(0, 9);
  EXPECT_EQ(listed(v), (std::vector<int>{9, 0, 2, 3, 4}));
  v.resize(1);
  v.resize(3, 7);
  EXPECT_EQ(listed(v), (std::vector<int>{9, 7, 7}));
  EXPECT_EQ(v.back(), 7);
  v.clear();
  EXPECT_TRUE(v.empty());
}

TEST(SmallVector, AnElementOfItselfIsPushedWhole) {
  SmallVector<int, 2> v{1, 2};
  v.push_back(v[0]);
  EXPECT_EQ(listed(v), (std::vector<int>{1, 2, 1}));
}

TEST(SmallVector, CopiesAndMoves) {
  for (size_t n : {0, 1, 2, 3, 100}) {
    SmallVector<int, 2> v(n, 5);
    SmallVector<int, 2> copy = v;
    EXPECT_EQ(copy, v);
    copy.push_back(6);
    EXPECT_EQ(v.size(), n);
    SmallVector<int, 2> moved = std::move(copy);
    EXPECT_EQ(moved.size(), n + 1);
    EXPECT_TRUE(copy.empty());  // NOLINT(bugprone-use-after-move)
    copy.push_back(1);
    copy = moved;
    EXPECT_EQ(copy, moved);
    moved = std::move(v);
    EXPECT_EQ(moved, (SmallVector<int, 2>(n, 5)));
    SmallVector<int, 2>& self = moved;
    moved = self;
    EXPECT_EQ(moved.size(), n);
  }
}

TEST(SmallVector, BehavesLikeAVector) {
  std::mt19937 random(1);
  SmallVector<int, 3> small;
  std::vector<int> large;
  for (int step = 0; step < 20'000; ++step) {
    auto value = static_cast<int>(random());
    size_t at = large.empty() ? 0 : random() % large.size();
    switch (random() % 6) {
      case 0:
      case 1: small.push_back(value), large.push_back(value); break;
      case 2:
        small.insert(at, value);
        large.insert(large.begin() + static_cast<std::ptrdiff_t>(at), value);
        break;
      case 3:
        if (large.empty()) break;
        small.erase(at);
        large.erase(large.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 4: small.resize(at, value), large.resize(at, value); break;
      default: small = SmallVector<int, 3>(large);
    }
    ASSERT_EQ(listed(small), large);
  }
}

}  // namespace
}  // namespace dusk::base
