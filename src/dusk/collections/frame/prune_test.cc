#include "dusk/collections/frame/prune.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

namespace dusk::collections::frame {
namespace {

using kernels::frame::ColumnExpr;
using kernels::frame::ColumnPtr;

io::Statistics between(int64_t low, int64_t high, std::optional<int64_t> nulls = 0) {
  return {arrow::MakeScalar(low), arrow::MakeScalar(high), nulls};
}

bool may(const ColumnPtr& predicate, const io::Statistics& statistics) {
  return may_match(predicate, [&](const std::string&) { return statistics; });
}

ColumnPtr x() { return ColumnExpr::field("x"); }
ColumnPtr n(int64_t value) { return ColumnExpr::literal(value); }
ColumnPtr call(const std::string& f, std::vector<ColumnPtr> args) {
  return ColumnExpr::call(f, std::move(args));
}

TEST(Prune, ComparisonsLookAtTheRightEnd) {
  auto group = between(10, 20);
  EXPECT_TRUE(may(call("gt", {x(), n(19)}), group));
  EXPECT_FALSE(may(call("gt", {x(), n(20)}), group));
  EXPECT_TRUE(may(call("ge", {x(), n(20)}), group));
  EXPECT_FALSE(may(call("lt", {x(), n(10)}), group));
  EXPECT_TRUE(may(call("le", {x(), n(10)}), group));
  EXPECT_TRUE(may(call("eq", {x(), n(15)}), group));
  EXPECT_FALSE(may(call("eq", {x(), n(21)}), group));
  EXPECT_TRUE(may(call("ne", {x(), n(15)}), group));
}

TEST(Prune, LiteralsMayStandOnTheLeft) {
  auto group = between(10, 20);
  EXPECT_FALSE(may(call("lt", {n(20), x()}), group));
  EXPECT_TRUE(may(call("lt", {n(19), x()}), group));
}

TEST(Prune, AndNeedsBothOrNeedsOne) {
  auto group = between(10, 20);
  auto no = call("gt", {x(), n(30)});
  auto yes = call("gt", {x(), n(5)});
  EXPECT_FALSE(may(call("and", {yes, no}), group));
  EXPECT_TRUE(may(call("or", {yes, no}), group));
  EXPECT_FALSE(may(call("or", {no, no}), group));
}

TEST(Prune, NothingIsRuledOutWithoutStatistics) {
  EXPECT_TRUE(may(call("gt", {x(), n(5)}), {}));
  EXPECT_TRUE(may(call("isna", {x()}), {}));
}

TEST(Prune, WhatCannotBeDecidedMayMatch) {
  auto group = between(10, 20);
  EXPECT_TRUE(may(call("gt", {call("mod", {x(), n(3)}), n(100)}), group));
  EXPECT_TRUE(may(call("invert", {call("gt", {x(), n(5)})}), group));
}

}  // namespace
}  // namespace dusk::collections::frame
