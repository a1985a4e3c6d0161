#include "dusk/kernels/frame/expression.h"

#include <gtest/gtest.h>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/filter.h"
#include "dusk/kernels/frame/frame_testing.h"

namespace dusk::kernels::frame {
namespace {

using namespace testing;

ColumnPtr f(const std::string& name) { return ColumnExpr::field(name); }
ColumnPtr lit(int64_t v) { return ColumnExpr::literal(v); }
ColumnPtr lit(double v) { return ColumnExpr::literal(v); }
ColumnPtr lit(const char* v) { return ColumnExpr::literal(std::string(v)); }
ColumnPtr call(const std::string& name, std::vector<ColumnPtr> args, Options options = {}) {
  return ColumnExpr::call(name, std::move(args), std::move(options));
}

TablePtr sample() {
  return table({{"i", ints({7, -7, std::nullopt, 0, 3})},
                {"d", doubles({1.5, kNaN, -2.0, std::nullopt, 0.0})},
                {"s", texts({"apple", "Pear", std::nullopt, "", "b.c"})}});
}

ArrayPtr eval(const ColumnPtr& expr, const TablePtr& t) {
  auto whole = evaluate(expr, *t);
  // Chunks with offsets must agree with one chunk, and so must the inferred type.
  auto pieces = evaluate(expr, *in_chunks(t, 2));
  EXPECT_TRUE(whole->Equals(*pieces, arrow::EqualOptions::Defaults().nans_equal(true)))
      << expr->text();
  EXPECT_TRUE(infer(expr, *t->schema())->Equals(*whole->type())) << expr->text();
  return arrow::Concatenate(whole->chunks()).ValueOrDie();
}

TEST(Expression, ArithmeticFollowsNumPy) {
  auto t = sample();
  EXPECT_ARRAY(eval(call("floordiv", {f("i"), lit(int64_t{2})}), t),
               ints({3, -4, std::nullopt, 0, 1}));
  EXPECT_ARRAY(eval(call("mod", {f("i"), lit(int64_t{4})}), t), ints({3, 1, std::nullopt, 0, 3}));
  EXPECT_ARRAY(eval(call("floordiv", {lit(int64_t{7}), f("i")}), t),
               ints({1, -1, std::nullopt, 0, 2}));
  EXPECT_ARRAY(eval(call("add", {call("multiply", {f("i"), f("i")}), lit(int64_t{1})}), t),
               ints({50, 50, std::nullopt, 1, 10}));
  EXPECT_ARRAY(eval(call("divide", {f("i"), lit(int64_t{2})}), t),
               doubles({3.5, -3.5, std::nullopt, 0.0, 1.5}));
  EXPECT_ARRAY(eval(call("add", {f("i"), f("d")}), t),
               doubles({8.5, kNaN, std::nullopt, std::nullopt, 3.0}));
  EXPECT_ARRAY(eval(call("pow", {f("i"), lit(int64_t{2})}), t), ints({49, 49, std::nullopt, 0, 9}));
  EXPECT_ARRAY(eval(call("abs", {f("i")}), t), ints({7, 7, std::nullopt, 0, 3}));
}

TEST(Expression, WeakLiteralsKeepNarrowTypes) {
  auto t = table({{"b", built<arrow::Int8Builder, int8_t>({127, 1})}});
  EXPECT_ARRAY(eval(call("add", {f("b"), lit(int64_t{1})}), t),
               (built<arrow::Int8Builder, int8_t>({-128, 2})));
  EXPECT_EQ(infer(call("add", {f("b"), lit(1.0)}), *t->schema())->id(), arrow::Type::DOUBLE);
  EXPECT_EQ(infer(call("divide", {f("b"), f("b")}), *t->schema())->id(), arrow::Type::DOUBLE);
}

TEST(Expression, MissingComparesUnequal) {
  auto t = sample();
  EXPECT_ARRAY(eval(call("eq", {f("i"), f("i")}), t), bools({true, true, false, true, true}));
  EXPECT_ARRAY(eval(call("ne", {f("i"), lit(int64_t{7})}), t),
               bools({false, true, true, true, true}));
  EXPECT_ARRAY(eval(call("gt", {f("d"), lit(int64_t{0})}), t),
               bools({true, false, false, false, false}));
  EXPECT_ARRAY(eval(call("ne", {f("d"), f("d")}), t), bools({false, true, false, true, false}));
  EXPECT_ARRAY(eval(call("eq", {f("s"), lit("Pear")}), t),
               bools({false, true, false, false, false}));
  EXPECT_ARRAY(eval(call("lt", {f("s"), lit("a")}), t), bools({false, true, false, true, false}));
  EXPECT_ARRAY(eval(call("isin", {f("i"), lit(int64_t{7}), lit(int64_t{0})}), t),
               bools({true, false, false, true, false}));
  EXPECT_ARRAY(eval(call("isin", {f("s")}, {{"values", std::vector<std::string>{"b.c", "x"}}}), t),
               bools({false, false, false, false, true}));
  EXPECT_ARRAY(eval(call("between", {f("i"), lit(int64_t{0}), lit(int64_t{5})}), t),
               bools({false, false, false, true, true}));
}

TEST(Expression, MissingValuesAreFoundAndFilled) {
  auto t = sample();
  EXPECT_ARRAY(eval(call("isna", {f("d")}), t), bools({false, true, false, true, false}));
  EXPECT_ARRAY(eval(call("notna", {f("s")}), t), bools({true, true, false, true, true}));
  EXPECT_ARRAY(eval(call("fillna", {f("d"), lit(int64_t{9})}), t),
               doubles({1.5, 9.0, -2.0, 9.0, 0.0}));
  EXPECT_ARRAY(eval(call("fillna", {f("i"), lit(int64_t{9})}), t), ints({7, -7, 9, 0, 3}));
  EXPECT_ARRAY(eval(call("fillna", {f("s"), lit("?")}), t),
               texts({"apple", "Pear", "?", "", "b.c"}));
  auto positive = call("gt", {f("i"), lit(int64_t{0})});
  EXPECT_ARRAY(eval(call("where", {f("i"), positive, lit(int64_t{-1})}), t),
               ints({7, -1, -1, -1, 3}));
  EXPECT_ARRAY(eval(call("mask", {f("i"), positive}), t),
               ints({std::nullopt, -7, std::nullopt, 0, std::nullopt}));
  EXPECT_ARRAY(eval(call("clip", {f("d"), lit(-1.0), lit(1.0)}), t),
               doubles({1.0, kNaN, -1.0, std::nullopt, 0.0}));
}

TEST(Expression, TextsFollowPandas) {
  auto t = sample();
  auto contains = [](const char* pat, bool regex) {
    return call("str_contains", {f("s")}, {{"pat", std::string(pat)}, {"regex", regex}});
  };
  EXPECT_ARRAY(eval(contains("p", false), t), bools({true, false, false, false, false}));
  EXPECT_ARRAY(eval(contains(".", false), t), bools({false, false, false, false, true}));
  EXPECT_ARRAY(eval(contains("^[aP]", true), t), bools({true, true, false, false, false}));
  EXPECT_ARRAY(eval(call("str_len", {f("s")}), t), ints({5, 4, std::nullopt, 0, 3}));
  EXPECT_ARRAY(eval(call("str_upper", {f("s")}), t),
               texts({"APPLE", "PEAR", std::nullopt, "", "B.C"}));
  EXPECT_ARRAY(eval(call("str_slice", {f("s")}, {{"start", int64_t{-2}}}), t),
               texts({"le", "ar", std::nullopt, "", ".c"}));
  EXPECT_ARRAY(eval(call("str_get", {f("s")}, {{"i", int64_t{1}}}), t),
               texts({"p", "e", std::nullopt, std::nullopt, "."}));
  EXPECT_ARRAY(eval(call("add", {f("s"), lit("!")}), t),
               texts({"apple!", "Pear!", std::nullopt, "!", "b.c!"}));
  EXPECT_ARRAY(
      eval(call("str_replace", {f("s")}, {{"pat", std::string("p")}, {"repl", std::string("q")}}),
           t),
      texts({"aqqle", "Pear", std::nullopt, "", "b.c"}));
  auto digits = table({{"s", texts({"-1", "12345", "+7", ""})}});
  EXPECT_ARRAY(eval(call("str_zfill", {f("s")}, {{"width", int64_t{4}}}), digits),
               texts({"-001", "12345", "+007", "0000"}));
}

TEST(Expression, TimesFollowPandas) {
  arrow::TimestampBuilder builder(arrow::timestamp(arrow::TimeUnit::NANO),
                                  arrow::default_memory_pool());
  int64_t second = 1'000'000'000;
  ASSERT_TRUE(
      builder.Append(1709210096 * second + 123456789).ok());  // 2024-02-29 12:34:56.123456789
  ASSERT_TRUE(builder.AppendNull().ok());
  ASSERT_TRUE(builder.Append(-second).ok());  // 1969-12-31 23:59:59
  auto t = table({{"t", builder.Finish().ValueOrDie()}});
  using I32 = arrow::Int32Builder;
  EXPECT_ARRAY(eval(call("dt_year", {f("t")}), t),
               (built<I32, int32_t>({2024, std::nullopt, 1969})));
  EXPECT_ARRAY(eval(call("dt_microsecond", {f("t")}), t),
               (built<I32, int32_t>({123456, std::nullopt, 0})));
  EXPECT_ARRAY(eval(call("dt_dayofweek", {f("t")}), t),
               (built<I32, int32_t>({3, std::nullopt, 2})));
  EXPECT_ARRAY(eval(call("dt_is_month_end", {f("t")}), t), bools({true, false, true}));
  EXPECT_ARRAY(eval(call("dt_days_in_month", {f("t")}), t),
               (built<I32, int32_t>({29, std::nullopt, 31})));
  EXPECT_ARRAY(
      eval(call("dt_strftime", {f("t")}, {{"date_format", std::string("%Y/%m/%d %H:%M:%S")}}), t),
      texts({"2024/02/29 12:34:56", std::nullopt, "1969/12/31 23:59:59"}));
  EXPECT_ARRAY(eval(call("lt", {f("t"), lit("2000-01-01")}), t), bools({false, false, true}));
}

TEST(Expression, Casts) {
  auto t = sample();
  auto to = [](const char* column, const char* type) {
    return call("astype", {f(column)}, {{"type", std::string(type)}});
  };
  EXPECT_ARRAY(eval(to("d", "str"), t), texts({"1.5", std::nullopt, "-2.0", std::nullopt, "0.0"}));
  EXPECT_ARRAY(eval(to("i", "double"), t), doubles({7.0, -7.0, std::nullopt, 0.0, 3.0}));
  EXPECT_THROW(evaluate(to("d", "int64"), *t), base::Error);
  EXPECT_EQ(infer(to("s", "category"), *t->schema())->id(), arrow::Type::DICTIONARY);
}

TEST(Expression, DictionariesAreAskedOncePerEntry) {
  auto codes = built<arrow::Int8Builder, int8_t>({0, 1, std::nullopt, 1});
  auto type = arrow::dictionary(arrow::int8(), arrow::large_utf8());
  auto t =
      table({{"c", std::make_shared<arrow::DictionaryArray>(type, codes, texts({"ab", "cd"}))}});
  EXPECT_ARRAY(eval(call("eq", {f("c"), lit("cd")}), t), bools({false, true, false, true}));
  EXPECT_ARRAY(eval(call("ne", {f("c"), lit("cd")}), t), bools({true, false, true, false}));
  EXPECT_ARRAY(eval(call("str_upper", {f("c")}), t), texts({"AB", "CD", std::nullopt, "CD"}));
  EXPECT_ARRAY(eval(call("str_contains", {f("c")}, {{"pat", std::string("a")}}), t),
               bools({true, false, false, false}));
}

TEST(Expression, LongTablesAgreeWithShortOnes) {
  std::vector<std::optional<int64_t>> x, want;
  for (int64_t i = 0; i < 50000; ++i) {
    x.push_back(i % 11 == 0 ? std::optional<int64_t>() : i);
    want.push_back(i % 11 == 0 ? std::optional<int64_t>() : (i + 1) * 2 - i);
  }
  auto t = table({{"x", ints(x)}});
  auto expr =
      call("subtract",
           {call("multiply", {call("add", {f("x"), lit(int64_t{1})}), lit(int64_t{2})}), f("x")});
  EXPECT_ARRAY(eval(expr, t), ints(want));
  auto kept = filter(t, call("lt", {call("mod", {f("x"), lit(int64_t{100})}), lit(int64_t{10})}));
  int64_t count = 0;
  for (int64_t i = 0; i < 50000; ++i) count += i % 11 != 0 && i % 100 < 10;
  EXPECT_EQ(kept->num_rows(), count);
}

TEST(Expression, NamesAndTokens) {
  auto a = call("add", {f("x"), lit(int64_t{1})}), b = call("add", {f("x"), lit(int64_t{1})});
  EXPECT_EQ(a->token(), b->token());
  EXPECT_NE(a->token(), call("add", {f("x"), lit(1.0)})->token());
  EXPECT_EQ(call("gt", {a, f("y")})->text(), "(x + 1) > y");
  auto inlined = substitute(call("gt", {f("z"), f("y")}), {{"z", a}});
  EXPECT_EQ(inlined->text(), "(x + 1) > y");
  EXPECT_EQ(inlined->fields(), (std::set<std::string>{"x", "y"}));
}

TEST(Expression, SaysWhatIsWrong) {
  auto t = sample();
  auto schema = *t->schema();
  try {
    infer(f("ii"), schema);
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::kKey);
    EXPECT_NE(std::string(error.what()).find("'i'"), std::string::npos);
  }
  EXPECT_THROW(infer(call("add", {f("s"), lit(int64_t{1})}), schema), base::Error);
  EXPECT_THROW(infer(call("str_upper", {f("i")}), schema), base::Error);
  EXPECT_THROW(call("adt", {f("i")}), base::Error);
}

TEST(Filter, EdgeCases) {
  auto t = sample();
  auto none = call("gt", {f("i"), lit(int64_t{100})});
  EXPECT_EQ(filter(t, none)->num_rows(), 0);
  EXPECT_EQ(filter(t->Slice(0, 0), none)->num_rows(), 0);
  EXPECT_EQ(filter(t, call("or", {call("notna", {f("i")}), call("isna", {f("i")})})), t);
  auto kept = filter(in_chunks(t, 2), call("isna", {f("d")}));
  EXPECT_ARRAY(kept->GetColumnByName("s")->chunk(0), texts({"Pear", ""}));
  EXPECT_ARRAY(kept->GetColumnByName("d")->chunk(0), doubles({kNaN, std::nullopt}));
  EXPECT_THROW(filter(t, f("i")), base::Error);
}

}  // namespace
}  // namespace dusk::kernels::frame
