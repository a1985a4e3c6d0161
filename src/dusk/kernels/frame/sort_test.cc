#include "dusk/kernels/frame/sort.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/frame_testing.h"

namespace dusk::kernels::frame {
namespace {

using namespace testing;

struct Columns {
  std::vector<std::optional<int64_t>> i;
  std::vector<std::optional<double>> d;
  std::vector<std::optional<std::string>> s;
  TablePtr make() const { return table({{"i", ints(i)}, {"d", doubles(d)}, {"s", texts(s)}}); }
};

Columns random_columns(size_t n, uint64_t seed) {
  std::mt19937_64 random(seed);
  Columns c;
  for (size_t r = 0; r < n; ++r) {
    auto x = static_cast<int64_t>(random() % 20) - 10;
    c.i.push_back(x == 9 ? std::optional<int64_t>() : x);
    double y = static_cast<double>(random() % 100) - 50;
    c.d.push_back(y == 1 ? std::optional<double>() : y == 2 ? kNaN : y / 4);
    c.s.push_back(random() % 9 == 0 ? std::optional<std::string>() : std::to_string(random() % 30));
  }
  return c;
}

template <class T>
int compare(const std::optional<T>& a, const std::optional<T>& b, bool ascending, NaPosition na) {
  auto lost = [](const std::optional<T>& v) {
    if constexpr (std::is_same_v<T, double>) return !v || std::isnan(*v);
    return !v.has_value();
  };
  if (lost(a) || lost(b)) {
    int order = static_cast<int>(lost(a)) - static_cast<int>(lost(b));
    return na == NaPosition::kLast ? order : -order;
  }
  int order = *a < *b ? -1 : *a > *b ? 1 : 0;
  return ascending ? order : -order;
}

TEST(Sort, MatchesAStableSortForAllKeysAndDirections) {
  for (size_t n : {0u, 1u, 2u, 255u, 3000u}) {
    Columns c = random_columns(n, n + 1);
    auto t = c.make();
    for (const auto& names : std::vector<std::vector<std::string>>{
             {"i"}, {"d"}, {"s"}, {"i", "s"}, {"s", "d", "i"}, {"d", "i"}}) {
      for (int directions = 0; directions < 4; ++directions) {
        for (NaPosition na : {NaPosition::kFirst, NaPosition::kLast}) {
          std::vector<SortKey> keys;
          for (size_t k = 0; k < names.size(); ++k)
            keys.push_back({names[k], ((directions >> (k & 1)) & 1) == 0});
          Rows want(n);
          std::iota(want.begin(), want.end(), 0);
          std::stable_sort(want.begin(), want.end(), [&](Row a, Row b) {
            for (const SortKey& key : keys) {
              int order = key.column == "i"   ? compare(c.i[a], c.i[b], key.ascending, na)
                          : key.column == "d" ? compare(c.d[a], c.d[b], key.ascending, na)
                                              : compare(c.s[a], c.s[b], key.ascending, na);
              if (order != 0) return order < 0;
            }
            return false;
          });
          EXPECT_EQ(sort_indices(*t, keys, na), want);
          EXPECT_EQ(sort_indices(*in_chunks(t, 17), keys, na), want);
        }
      }
    }
  }
}

TEST(Sort, SampleSortGivesTheSameOrder) {
  auto t = random_columns(5000, 9).make();
  std::vector<SortKey> keys = {{"d", false}, {"s", true}};
  std::vector<TablePtr> partitions, samples;
  for (int64_t at = 0; at < 5000; at += 900) {
    partitions.push_back(t->Slice(at, 900));
    samples.push_back(sample_rows(partitions.back(), keys, 50));
  }
  auto cuts = splitters(samples, keys, 4);
  ASSERT_EQ(cuts->num_rows(), 3);
  std::vector<std::vector<TablePtr>> pieces(4);
  for (const auto& partition : partitions) {
    auto parts = split(partition, keys, cuts);
    for (size_t p = 0; p < 4; ++p) pieces[p].push_back(parts[p]);
  }
  std::vector<TablePtr> sorted;
  for (const auto& piece : pieces) sorted.push_back(sort(concatenate(piece), keys));
  EXPECT_TRUE(concatenate(sorted)->CombineChunks().ValueOrDie()->Equals(
      *sort(t, keys), arrow::EqualOptions::Defaults().nans_equal(true)));
  EXPECT_GT(sorted[1]->num_rows(), 500);
}

TEST(Sort, TopRowsKeepTies) {
  auto t = table({{"x", ints({3, 1, 3, 2, std::nullopt, 3})}, {"r", ints({0, 1, 2, 3, 4, 5})}});
  auto ids = [&](int64_t n, bool largest, KeepTies keep) {
    return top_rows(t, n, {"x"}, largest, keep)->GetColumnByName("r")->chunk(0);
  };
  EXPECT_ARRAY(ids(2, true, KeepTies::kFirst), ints({0, 2}));
  EXPECT_ARRAY(ids(2, true, KeepTies::kLast), ints({5, 2}));
  EXPECT_ARRAY(ids(2, true, KeepTies::kAll), ints({0, 2, 5}));
  EXPECT_ARRAY(ids(2, false, KeepTies::kFirst), ints({1, 3}));
  EXPECT_ARRAY(ids(9, false, KeepTies::kFirst), ints({1, 3, 0, 2, 5, 4}));
}

TEST(Rows, DuplicatesByFirstLastAndNone) {
  auto t =
      table({{"a", ints({1, 2, 1, std::nullopt, std::nullopt})}, {"r", ints({0, 1, 2, 3, 4})}});
  auto ids = [&](Keep keep) {
    return drop_duplicates(t, {"a"}, keep)->GetColumnByName("r")->chunk(0);
  };
  EXPECT_ARRAY(ids(Keep::kFirst), ints({0, 1, 3}));
  EXPECT_ARRAY(ids(Keep::kLast), ints({1, 2, 4}));
  EXPECT_ARRAY(ids(Keep::kNone), ints({1}));
  EXPECT_ARRAY(unique(*t->GetColumnByName("a")), ints({1, 2, std::nullopt}));
}

TEST(Rows, PartitionsAgreeAcrossTypes) {
  auto a = table({{"k", ints({1, 2, 3, std::nullopt, 77})}});
  auto b = table({{"k", doubles({1.0, 2.0, 3.0, kNaN, 77.0})}});
  auto pa = hash_partition(a, {"k"}, 3), pb = hash_partition(b, {"k"}, 3);
  for (size_t p = 0; p < 3; ++p) EXPECT_EQ(pa[p]->num_rows(), pb[p]->num_rows());
  int64_t rows = 0;
  for (const auto& part : pa) rows += part->num_rows();
  EXPECT_EQ(rows, 5);
}

TEST(Rows, TakeFillsHolesWithNulls) {
  Columns c = random_columns(100, 4);
  auto t = c.make()->Slice(3);
  Rows rows = {5, kNoRow, 0, 5};
  auto got = take(t, rows);
  EXPECT_ARRAY(got->GetColumnByName("s")->chunk(0), texts({c.s[8], std::nullopt, c.s[3], c.s[8]}));
  EXPECT_ARRAY(got->GetColumnByName("i")->chunk(0), ints({c.i[8], std::nullopt, c.i[3], c.i[8]}));
}

}  // namespace
}  // namespace dusk::kernels::frame
