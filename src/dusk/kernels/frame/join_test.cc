#include "dusk/kernels/frame/join.h"

#include <gtest/gtest.h>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/frame_testing.h"

namespace dusk::kernels::frame {
namespace {

using namespace testing;

JoinSpec spec_of(JoinKind kind) {
  bool left_only = kind == JoinKind::kLeftSemi || kind == JoinKind::kLeftAnti;
  JoinSpec spec{kind, {"k"}, {"k"}, {{"k", 0, "k"}, {"a", 0, "a"}}};
  if (!left_only) spec.columns.push_back({"b", 1, "b"});
  return spec;
}

using Cell = std::optional<int64_t>;
struct Row3 {
  Cell k, a, b;
  bool operator==(const Row3&) const = default;
};

std::vector<Row3> rows_of(const TablePtr& t) {
  std::vector<Row3> rows;
  auto cell = [&](const char* name, int64_t i) -> Cell {
    auto column = t->GetColumnByName(name);
    if (column == nullptr) return std::nullopt;
    auto scalar = column->GetScalar(i).ValueOrDie();
    if (!scalar->is_valid) return std::nullopt;
    return std::static_pointer_cast<arrow::Int64Scalar>(scalar)->value;
  };
  for (int64_t i = 0; i < t->num_rows(); ++i)
    rows.push_back({cell("k", i), cell("a", i), cell("b", i)});
  return rows;
}

// Nested loops in the order that pandas keeps.
std::vector<Row3> reference(const std::vector<Cell>& left, const std::vector<Cell>& right,
                            JoinKind kind) {
  std::vector<Row3> rows;
  auto id = [](size_t i) { return Cell(static_cast<int64_t>(i)); };
  if (kind == JoinKind::kRight) {
    for (size_t j = 0; j < right.size(); ++j) {
      bool found = false;
      for (size_t i = 0; i < left.size(); ++i) {
        if (left[i] == right[j]) rows.push_back({left[i], id(i), id(j)}), found = true;
      }
      if (!found) rows.push_back({right[j], std::nullopt, id(j)});
    }
    return rows;
  }
  for (size_t i = 0; i < left.size(); ++i) {
    bool found = false;
    for (size_t j = 0; j < right.size(); ++j) {
      if (left[i] != right[j]) continue;
      found = true;
      if (kind != JoinKind::kLeftSemi && kind != JoinKind::kLeftAnti) {
        rows.push_back({left[i], id(i), id(j)});
      }
    }
    bool keep = kind == JoinKind::kLeftSemi ? found : kind == JoinKind::kLeftAnti ? !found : false;
    bool lone = !found && (kind == JoinKind::kLeft || kind == JoinKind::kOuter);
    if (keep || lone) rows.push_back({left[i], id(i), std::nullopt});
  }
  if (kind == JoinKind::kOuter) {
    for (size_t j = 0; j < right.size(); ++j) {
      if (std::find(left.begin(), left.end(), right[j]) == left.end()) {
        rows.push_back({right[j], std::nullopt, id(j)});
      }
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row3& x, const Row3& y) {
      if (!x.k || !y.k) return x.k.has_value() && !y.k.has_value();
      return *x.k < *y.k;
    });
  }
  return rows;
}

TablePtr side(const std::vector<Cell>& keys, const char* name) {
  std::vector<Cell> numbers;
  for (size_t i = 0; i < keys.size(); ++i) numbers.push_back(static_cast<int64_t>(i));
  return table({{"k", ints(keys)}, {name, ints(numbers)}});
}

TEST(Join, EveryKindMatchesNestedLoops) {
  std::mt19937_64 random(11);
  for (auto [l, r, groups] : {std::tuple{300, 200, 50},
                              {20, 400, 100},
                              {400, 20, 1000},
                              {0, 30, 5},
                              {30, 0, 5},
                              {0, 0, 1},
                              {1, 1, 1}}) {
    std::vector<Cell> left, right;
    auto next = [&](int64_t g) -> Cell {
      auto key = static_cast<int64_t>(random() % static_cast<uint64_t>(g + 1));
      return key == g ? Cell() : Cell(key * 1'000'003);
    };
    for (int i = 0; i < l; ++i) left.push_back(next(groups));
    for (int i = 0; i < r; ++i) right.push_back(next(groups));
    for (JoinKind kind : {JoinKind::kInner, JoinKind::kLeft, JoinKind::kRight, JoinKind::kOuter,
                          JoinKind::kLeftSemi, JoinKind::kLeftAnti}) {
      auto want = reference(left, right, kind);
      auto a = side(left, "a"), b = side(right, "b");
      EXPECT_EQ(rows_of(join(a, b, spec_of(kind))), want) << static_cast<int>(kind);
      EXPECT_EQ(rows_of(join(in_chunks(a, 7), in_chunks(b, 13), spec_of(kind))), want);
      if (kind == JoinKind::kRight || kind == JoinKind::kOuter) continue;
      JoinTable built(b, *a->schema(), spec_of(kind));
      EXPECT_EQ(rows_of(built.probe(a)), want);
    }
  }
}

TEST(Join, SeveralKeysOfDifferentTypes) {
  auto a = table({{"k", built<arrow::Int32Builder, int32_t>({1, 1, 2})},
                  {"s", texts({"x", "y", "x"})},
                  {"a", ints({10, 11, 12})}});
  auto b = table({{"k2", doubles({1.0, 2.5, 1.0, 2.0})},
                  {"s", built<arrow::StringBuilder, std::string>({"y", "x", "y", "x"})},
                  {"b", ints({20, 21, 22, 23})}});
  JoinSpec spec{
      JoinKind::kInner, {"k", "s"}, {"k2", "s"}, {{"a", 0, "a"}, {"s", 1, "s"}, {"b", 1, "b"}}};
  auto result = join(a, b, spec);
  EXPECT_ARRAY(result->GetColumnByName("a")->chunk(0), ints({11, 11, 12}));
  EXPECT_ARRAY(result->GetColumnByName("b")->chunk(0), ints({20, 22, 23}));
  EXPECT_ARRAY(result->GetColumnByName("s")->chunk(0), texts({"y", "y", "x"}));
}

TEST(Join, MissingMatchesMissing) {
  auto a = table({{"k", doubles({kNaN, std::nullopt, 1.0})}, {"a", ints({1, 2, 3})}});
  auto b = table({{"k", doubles({std::nullopt, 5.0})}, {"b", ints({7, 8})}});
  auto result = join(a, b, spec_of(JoinKind::kInner));
  EXPECT_ARRAY(result->GetColumnByName("a")->chunk(0), ints({1, 2}));
}

TEST(Join, SaysWhatIsWrong) {
  auto a = side({1}, "a");
  auto b = table({{"k", texts({"1"})}, {"b", ints({1})}});
  EXPECT_THROW(join(a, b, spec_of(JoinKind::kInner)), base::Error);
  EXPECT_THROW(join_kind("cross"), base::Error);
}

}  // namespace
}  // namespace dusk::kernels::frame
