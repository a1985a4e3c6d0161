// Frame expressions over Parquet, CSV and tables, and what the passes make of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "dusk/collections/frame/combining.h"
#include "dusk/collections/frame/grouping.h"
#include "dusk/collections/frame/rowwise.h"
#include "dusk/io/parquet.h"
#include "support.h"

namespace dusk::pipeline {
namespace {

namespace frame = collections::frame;
namespace kernel = kernels::frame;
using frame::FramePtr;
using kernel::ColumnExpr;

kernel::ColumnPtr field(const std::string& name) { return ColumnExpr::field(name); }
kernel::ColumnPtr call(const std::string& function, std::vector<kernel::ColumnPtr> arguments) {
  return ColumnExpr::call(function, std::move(arguments));
}

// Rows 0..n-1 of k = i % 3, v = i, w = i / 2, in files of `rows` rows and row groups of `group`.
std::vector<std::string> numbered(const Folder& folder, int64_t n, int64_t rows, int64_t group) {
  std::vector<std::string> paths;
  for (int64_t start = 0; start < n; start += rows) {
    std::vector<int64_t> k, v;
    std::vector<double> w;
    for (int64_t i = start; i < std::min(n, start + rows); ++i) {
      k.push_back(i % 3);
      v.push_back(i);
      w.push_back(static_cast<double>(i) / 2);
    }
    paths.push_back(folder.file("part." + std::to_string(paths.size()) + ".parquet"));
    io::write_parquet(table({{"k", integers(k)}, {"v", integers(v)}, {"w", doubles(w)}}),
                      paths.back(), "snappy", group, {});
  }
  return paths;
}

// The text of every node below.
std::string described(const graph::ExprPtr& expr) {
  std::string text = expr->describe() + "\n";
  for (const auto& input : expr->inputs()) text += described(input);
  return text;
}

TEST(FramePipeline, GroupsDoNotDependOnPartitions) {
  Folder folder;
  for (int64_t rows : {100, 31, 7}) {
    auto paths = numbered(folder, 100, rows, 5);
    kernel::AggregateSpec spec{{"k"}, {{"n", "count", "v", {}}, {"s", "sum", "w", {}}}};
    auto result = collect(frame::group_by(frame::read_parquet(paths, {}, {}, 0), spec, true, true));
    EXPECT_EQ(values<arrow::Int64Type>(*result, "k"), (std::vector<int64_t>{0, 1, 2}));
    EXPECT_EQ(values<arrow::Int64Type>(*result, "n"), (std::vector<int64_t>{34, 33, 33}));
    EXPECT_EQ(values<arrow::DoubleType>(*result, "s"), (std::vector<double>{841.5, 808.5, 825}));
  }
}

TEST(FramePipeline, OnlyNeededColumnsAreRead) {
  Folder folder;
  FramePtr x = frame::read_parquet(numbered(folder, 50, 25, 10), {}, {}, 0);
  FramePtr sums = frame::project(
      x, {{"twice", call("multiply", {field("v"), ColumnExpr::literal(int64_t{2})})}});
  std::string plan = described(frame::optimize({sums})[0]);
  EXPECT_NE(plan.find("columns=[__index__, v]"), std::string::npos) << plan;
  EXPECT_EQ(values<arrow::Int64Type>(*collect(sums), "twice")[49], 98);
}

TEST(FramePipeline, PredicatesReachTheScanAndSkipRowGroups) {
  Folder folder;
  FramePtr x = frame::read_parquet(numbered(folder, 1000, 500, 50), {}, {}, 0);
  FramePtr late = frame::filter(x, call("ge", {field("v"), ColumnExpr::literal(int64_t{940})}));
  // The scan reads the two of twenty row groups that can have such rows.
  graph::ExprPtr scan = frame::optimize({late})[0];
  while (!scan->inputs().empty()) scan = scan->inputs()[0];
  int64_t read = 0;
  for (const data::Value& part : compute(scan)) read += part.table()->num_rows();
  EXPECT_EQ(read, 100) << described(scan);
  EXPECT_EQ(values<arrow::Int64Type>(*collect(late), "v").size(), 60u);
  FramePtr never = frame::filter(x, call("lt", {field("v"), ColumnExpr::literal(int64_t{0})}));
  EXPECT_EQ(collect(never)->num_rows(), 0);
}

TEST(FramePipeline, OptimisingTwiceChangesNothingMore) {
  Folder folder;
  FramePtr x = frame::read_parquet(numbered(folder, 60, 20, 10), {}, {}, 0);
  FramePtr y = frame::filter(x, call("gt", {field("w"), ColumnExpr::literal(3.0)}));
  kernel::AggregateSpec spec{{"k"}, {{"s", "sum", "v", {}}}};
  auto once = frame::optimize({frame::group_by(y, spec, true, true)});
  auto twice = frame::optimize(once);
  EXPECT_EQ(once[0]->token(), twice[0]->token());
}

TEST(FramePipeline, JoinsSortsAndDistinctRowsAgreeWithLoops) {
  std::vector<data::TablePtr> left, right;
  std::vector<std::pair<int64_t, int64_t>> rows;
  for (int64_t p = 0; p < 3; ++p) {
    std::vector<int64_t> k, v;
    for (int64_t i = 0; i < 11; ++i) {
      k.push_back((i * 7 + p) % 5);
      v.push_back(100 * p + i);
      rows.emplace_back(k.back(), v.back());
    }
    left.push_back(std::make_shared<data::Table>(table({{"k", integers(k)}, {"v", integers(v)}})));
  }
  right.push_back(std::make_shared<data::Table>(
      table({{"k", integers({0, 2, 2, 9})}, {"name", texts({"nil", "two", "deux", "nine"})}})));
  FramePtr a = frame::from_tables(left, "left", "from-tables");
  FramePtr b = frame::from_tables(right, "right", "from-tables");
  kernel::JoinSpec spec;
  spec.left_on = {"k"};
  spec.right_on = {"k"};
  spec.columns = {{"k", 0, "k"}, {"v", 0, "v"}, {"name", 1, "name"}};
  auto joined = collect(frame::merge(a, b, spec, {}, 0));
  std::multiset<std::pair<int64_t, int64_t>> wanted, got;
  for (auto [k, v] : rows) {
    for (int copies = k == 0 ? 1 : k == 2 ? 2 : 0; copies > 0; --copies) wanted.emplace(k, v);
  }
  auto k = values<arrow::Int64Type>(*joined, "k");
  auto v = values<arrow::Int64Type>(*joined, "v");
  for (size_t i = 0; i < k.size(); ++i) got.emplace(k[i], v[i]);
  EXPECT_EQ(got, wanted);

  auto sorted = collect(frame::sort(a, {{"v", true}}, kernel::NaPosition::kLast, 2));
  auto order = values<arrow::Int64Type>(*sorted, "v");
  EXPECT_EQ(order.size(), rows.size());
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));

  auto distinct = collect(frame::drop_duplicates(a, {"k"}, kernel::Keep::kFirst));
  std::map<int64_t, int64_t> first;
  for (auto [key, value] : rows) first.try_emplace(key, value);
  auto keys = values<arrow::Int64Type>(*distinct, "k");
  auto kept = values<arrow::Int64Type>(*distinct, "v");
  ASSERT_EQ(keys.size(), 5u);
  for (size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(kept[i], first.at(keys[i]));
}

TEST(FramePipeline, CsvBlocksGiveTheLinesOfTheFile) {
  Folder folder;
  std::string text = "a,b\n";
  for (int i = 0; i < 200; ++i) text += std::to_string(i) + ",x" + std::to_string(i % 4) + "\n";
  std::string path = folder.write("rows.csv", text);
  auto schema =
      arrow::schema({arrow::field("a", arrow::int64()), arrow::field("b", arrow::utf8())});
  for (int64_t blocksize : {0, 10, 64, 100000}) {
    auto all = collect(frame::read_csv({path}, schema, {}, blocksize));
    auto a = values<arrow::Int64Type>(*all, "a");
    ASSERT_EQ(a.size(), 200u) << blocksize;
    for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i], static_cast<int64_t>(i));
  }
}

TEST(FramePipeline, BadFilesAreNamedWithWhatIsWrong) {
  Folder folder;
  auto good = numbered(folder, 10, 10, 10)[0];
  std::string bytes(std::istreambuf_iterator<char>(std::ifstream(good).rdbuf()), {});
  std::string cut = folder.write("cut.parquet", bytes.substr(0, bytes.size() / 2));
  auto [kind, text] = error_of([&] { frame::read_parquet({cut}, {}, {}, 0); });
  EXPECT_EQ(kind, base::ErrorKind::kOs);
  EXPECT_NE(text.find(cut), std::string::npos);

  EXPECT_EQ(error_of([&] { frame::read_parquet({folder.file("none")}, {}, {}, 0); }).first,
            base::ErrorKind::kFileNotFound);

  std::string other = folder.file("other.parquet");
  io::write_parquet(table({{"k", texts({"a"})}, {"v", integers({1})}, {"w", doubles({1})}}), other,
                    "snappy", 10, {});
  auto [differ, both] = error_of([&] { frame::read_parquet({good, other}, {}, {}, 0); });
  EXPECT_EQ(differ, base::ErrorKind::kValue);
  EXPECT_NE(both.find(good), std::string::npos);
  EXPECT_NE(both.find(other), std::string::npos);
  EXPECT_NE(both.find("k"), std::string::npos);

  auto schema =
      arrow::schema({arrow::field("a", arrow::int64()), arrow::field("b", arrow::int64())});
  std::string ragged = folder.write("ragged.csv", "a,b\n1,2\n3,4,5\n");
  auto [parse, line] = error_of([&] { collect(frame::read_csv({ragged}, schema, {}, 0)); });
  EXPECT_EQ(parse, base::ErrorKind::kParse);
  EXPECT_NE(line.find("line 3"), std::string::npos) << line;

  std::string wrong = folder.write("wrong.csv", "a,b\n1,two\n");
  EXPECT_EQ(error_of([&] { collect(frame::read_csv({wrong}, schema, {}, 0)); }).first,
            base::ErrorKind::kValue);
}

TEST(FramePipeline, MissingColumnsAreAnsweredWithTheNearestNames) {
  Folder folder;
  FramePtr x = frame::read_parquet(numbered(folder, 10, 10, 10), {}, {}, 0);
  auto [kind, text] = error_of([&] { frame::filter(x, call("isna", {field("kk")})); });
  EXPECT_EQ(kind, base::ErrorKind::kKey);
  EXPECT_NE(text.find("k"), std::string::npos);
  kernel::AggregateSpec spec{{"nothing"}, {{"s", "sum", "v", {}}}};
  EXPECT_EQ(error_of([&] { frame::group_by(x, spec, true, true); }).first, base::ErrorKind::kKey);
}

}  // namespace
}  // namespace dusk::pipeline
