#include "dusk/kernels/frame/aggregate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/frame_testing.h"

namespace dusk::kernels::frame {
namespace {

using namespace testing;

const std::vector<std::string> kNumeric = {"sum", "mean", "count", "min",  "max",     "var",
                                           "std", "prod", "first", "last", "nunique", "median"};

AggregateSpec spec_of(std::vector<std::string> keys, const std::vector<std::string>& functions,
                      const std::string& value) {
  AggregateSpec spec{std::move(keys), {}};
  for (const std::string& f : functions) spec.aggregates.push_back({f, f, value, {}});
  return spec;
}

struct Reference {
  std::vector<double> values;  // present ones, in order

  double of(const std::string& f) const {
    double n = static_cast<double>(values.size());
    long double sum = 0, square = 0;
    double product = 1;  // overflows as the kernel does
    for (double v : values) sum += v, product *= v;
    for (double v : values) square += (v - sum / n) * (v - sum / n);
    if (f == "sum") return static_cast<double>(sum);
    if (f == "mean") return static_cast<double>(sum / n);
    if (f == "count") return n;
    if (f == "prod") return product;
    if (f == "var") return n > 1 ? static_cast<double>(square / (n - 1)) : kNaN;
    if (f == "std") return std::sqrt(of("var"));
    if (values.empty()) return f == "nunique" ? 0 : kNaN;
    auto sorted = values;
    std::sort(sorted.begin(), sorted.end());
    if (f == "min") return sorted.front();
    if (f == "max") return sorted.back();
    if (f == "first") return values.front();
    if (f == "last") return values.back();
    if (f == "median") {
      size_t m = sorted.size() / 2;
      return sorted.size() % 2 ? sorted[m] : (sorted[m - 1] + sorted[m]) / 2;
    }
    return static_cast<double>(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
  }
};

struct Data {
  TablePtr table;
  std::map<int64_t, Reference> groups;
};

Data random_data(int rows, int64_t groups, int64_t stretch, bool nulls, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::optional<int64_t>> keys;
  std::vector<std::optional<double>> values;
  Data data;
  for (int i = 0; i < rows; ++i) {
    int64_t key =
        (static_cast<int64_t>(random() % static_cast<uint64_t>(groups)) - groups / 2) * stretch;
    double value = static_cast<double>(random() % 1000) / 8 - 60;
    uint64_t kind = nulls ? random() % 10 : 9;
    keys.push_back(key);
    values.push_back(kind == 0   ? std::optional<double>()
                     : kind == 1 ? std::optional<double>(kNaN)
                                 : std::optional<double>(value));
    Reference& reference = data.groups[key];
    if (kind > 1) reference.values.push_back(value);
  }
  data.table = table({{"k", ints(keys)}, {"v", doubles(values)}});
  return data;
}

double number_at(const TablePtr& t, const std::string& name, int64_t row) {
  auto scalar = t->GetColumnByName(name)->GetScalar(row).ValueOrDie();
  if (!scalar->is_valid) return kNaN;
  return std::static_pointer_cast<arrow::DoubleScalar>(
             scalar->CastTo(arrow::float64()).ValueOrDie())
      ->value;
}

void expect_matches(const TablePtr& result, const Data& data,
                    const std::vector<std::string>& functions) {
  ASSERT_EQ(result->num_rows(), static_cast<int64_t>(data.groups.size()));
  int64_t row = 0;
  for (const auto& [key, reference] : data.groups) {
    ASSERT_EQ(number_at(result, "k", row), static_cast<double>(key));
    for (const std::string& f : functions) {
      double got = number_at(result, f, row), want = reference.of(f);
      if (std::isinf(want)) {
        ASSERT_EQ(got, want) << f << " of group " << key;
      } else if (std::isnan(want)) {
        ASSERT_TRUE(std::isnan(got)) << f << " of group " << key << " is " << got;
      } else {
        ASSERT_NEAR(got, want, 1e-11 * (1 + std::fabs(want))) << f << " of group " << key;
      }
    }
    ++row;
  }
}

TEST(Aggregate, EveryFunctionMatchesAStraightforwardOne) {
  for (bool nulls : {false, true}) {
    for (auto [groups, stretch] : {std::pair<int64_t, int64_t>{1, 1},
                                   {7, 1},
                                   {3000, 1},
                                   {3000, 1'000'003},
                                   {500, int64_t{1} << 50}}) {
      Data data = random_data(20000, groups, stretch, nulls, 42 + static_cast<uint64_t>(groups));
      auto spec = spec_of({"k"}, kNumeric, "v");
      expect_matches(aggregate(data.table, spec), data, kNumeric);
      expect_matches(aggregate(in_chunks(data.table, 777), spec), data, kNumeric);
    }
  }
}

TEST(Aggregate, PartialStatesMergeToTheSame) {
  Data data = random_data(30000, 2000, 12345, true, 7);
  auto spec = spec_of({"k"}, kNumeric, "v");
  for (int partitions : {1, 3}) {
    std::vector<Aggregator> merged;
    for (int p = 0; p < partitions; ++p) merged.emplace_back(spec, *data.table->schema());
    for (int64_t at = 0; at < 30000; at += 7001) {
      Aggregator part(spec, *data.table->schema());
      part.consume(*data.table->Slice(at, 7001));
      auto states = part.to_state_tables(partitions);
      for (size_t p = 0; p < states.size(); ++p) merged[p].consume_state(*states[p]);
    }
    std::vector<TablePtr> results;
    int64_t rows = 0;
    for (auto& one : merged) {
      results.push_back(one.finish());
      rows += results.back()->num_rows();
    }
    ASSERT_EQ(rows, static_cast<int64_t>(data.groups.size()));
    if (partitions == 1) expect_matches(results[0], data, kNumeric);
    if (partitions == 3) {
      EXPECT_GT(results[1]->num_rows(), 500);
    }
  }
}

TEST(Aggregate, ManyGroupsGrowTheTables) {
  Data data = random_data(200000, 100000, 99991, false, 3);
  std::vector<std::string> functions = {"sum", "count"};
  expect_matches(aggregate(data.table, spec_of({"k"}, functions, "v")), data, functions);
}

TEST(Aggregate, MissingKeysAreAGroupUnlessDropped) {
  auto t = table({{"k", doubles({1.0, kNaN, std::nullopt, 1.0, -0.0, 0.0})},
                  {"v", ints({1, 2, 4, 8, 16, 32})}});
  auto spec = spec_of({"k"}, {"sum"}, "v");
  auto kept = aggregate(t, spec, true, false);
  EXPECT_ARRAY(kept->GetColumnByName("sum")->chunk(0), ints({48, 9, 6}));
  EXPECT_EQ(aggregate(t, spec)->num_rows(), 2);
}

TEST(Aggregate, SeveralKeysOfSeveralTypes) {
  auto t = table({{"s", texts({"b", "a", std::nullopt, "b", "a", "b"})},
                  {"i", ints({1, 1, 1, 1, 2, std::nullopt})},
                  {"v", ints({1, 2, 3, 4, 5, 6})}});
  auto result = aggregate(t, spec_of({"s", "i"}, {"sum"}, "v"), true, false);
  EXPECT_ARRAY(result->GetColumnByName("s")->chunk(0), texts({"a", "a", "b", "b", std::nullopt}));
  EXPECT_ARRAY(result->GetColumnByName("i")->chunk(0), ints({1, 2, 1, std::nullopt, 1}));
  EXPECT_ARRAY(result->GetColumnByName("sum")->chunk(0), ints({2, 5, 5, 6, 3}));
}

TEST(Aggregate, KeysTooWideToPack) {
  int64_t least = std::numeric_limits<int64_t>::min(), most = std::numeric_limits<int64_t>::max();
  auto t = table({{"a", ints({least, most, 0, least, std::nullopt, most})},
                  {"b", doubles({1.5, -2, 3, 1.5, 0, -2})},
                  {"v", ints({1, 2, 3, 4, 5, 6})}});
  auto result = aggregate(t, spec_of({"a", "b"}, {"sum"}, "v"), true, false);
  EXPECT_ARRAY(result->GetColumnByName("a")->chunk(0), ints({least, 0, most, std::nullopt}));
  EXPECT_ARRAY(result->GetColumnByName("sum")->chunk(0), ints({5, 3, 8, 5}));
}

TEST(Aggregate, DictionariesKeepTheirCategories) {
  auto codes = built<arrow::Int8Builder, int8_t>({2, 0, 2, std::nullopt});
  auto type = arrow::dictionary(arrow::int8(), arrow::large_utf8());
  auto coded = std::make_shared<arrow::DictionaryArray>(type, codes, texts({"x", "y", "w"}));
  auto t = table({{"k", coded}, {"v", ints({1, 2, 3, 4})}});
  auto result = aggregate(t, spec_of({"k"}, {"sum"}, "v"));
  const auto& keys =
      static_cast<const arrow::DictionaryArray&>(*result->GetColumnByName("k")->chunk(0));
  EXPECT_TRUE(keys.dictionary()->Equals(*texts({"x", "y", "w"})));
  EXPECT_TRUE(keys.indices()->Equals(*built<arrow::Int8Builder, int8_t>({0, 2})));
  EXPECT_ARRAY(result->GetColumnByName("sum")->chunk(0), ints({2, 4}));
}

TEST(Aggregate, TextsHaveExtremesAndEnds) {
  auto t = table({{"k", ints({1, 1, 1, 2})}, {"v", texts({"m", std::nullopt, "c", std::nullopt})}});
  auto result =
      aggregate(t, spec_of({"k"}, {"min", "max", "first", "last", "nunique", "count"}, "v"));
  EXPECT_ARRAY(result->GetColumnByName("min")->chunk(0), texts({"c", std::nullopt}));
  EXPECT_ARRAY(result->GetColumnByName("max")->chunk(0), texts({"m", std::nullopt}));
  EXPECT_ARRAY(result->GetColumnByName("first")->chunk(0), texts({"m", std::nullopt}));
  EXPECT_ARRAY(result->GetColumnByName("last")->chunk(0), texts({"c", std::nullopt}));
  EXPECT_ARRAY(result->GetColumnByName("nunique")->chunk(0), ints({2, 0}));
  EXPECT_ARRAY(result->GetColumnByName("count")->chunk(0), ints({2, 0}));
}

TEST(Aggregate, WholeTablesGiveOneRowEvenWhenEmpty) {
  Data data = random_data(10001, 1, 1, true, 5);
  AggregateSpec spec = spec_of({}, kNumeric, "v");
  for (const auto& t : {data.table, in_chunks(data.table, 333)}) {
    auto result = aggregate(t, spec);
    for (const std::string& f : kNumeric) {
      double want = data.groups[0].of(f);
      if (f == "prod") continue;
      EXPECT_NEAR(number_at(result, f, 0), want, 1e-11 * (1 + std::fabs(want))) << f;
    }
  }
  auto empty = aggregate(data.table->Slice(0, 0), spec);
  EXPECT_EQ(empty->num_rows(), 1);
  EXPECT_EQ(number_at(empty, "sum", 0), 0);
  EXPECT_TRUE(std::isnan(number_at(empty, "mean", 0)));
  EXPECT_EQ(aggregate(data.table->Slice(0, 0), spec_of({"k"}, kNumeric, "v"))->num_rows(), 0);
}

TEST(Aggregate, SumsAreCompensated) {
  std::vector<std::optional<double>> values;
  std::vector<std::optional<int64_t>> keys;
  for (int i = 0; i < 100000; ++i) {
    values.push_back(i % 3 == 0 ? 1e16 : i % 3 == 1 ? 1.0 : -1e16);
    keys.push_back(0);
  }
  values.resize(99999);
  keys.resize(99999);
  auto t = table({{"k", ints(keys)}, {"v", doubles(values)}});
  EXPECT_EQ(number_at(aggregate(t, spec_of({"k"}, {"sum"}, "v")), "sum", 0), 33333.0);
}

TEST(Aggregate, SaysWhatIsWrong) {
  auto t = table({{"key", ints({1})}, {"name", texts({"a"})}});
  auto kind = [&](const AggregateSpec& spec) {
    try {
      aggregate(t, spec);
    } catch (const base::Error& error) {
      return error.kind();
    }
    return base::ErrorKind::kRuntime;
  };
  EXPECT_EQ(kind(spec_of({"kez"}, {"sum"}, "key")), base::ErrorKind::kKey);
  EXPECT_EQ(kind(spec_of({"key"}, {"mean"}, "name")), base::ErrorKind::kType);
  EXPECT_EQ(kind(spec_of({"key"}, {"mode"}, "name")), base::ErrorKind::kValue);
}

}  // namespace
}  // namespace dusk::kernels::frame
