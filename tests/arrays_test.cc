// Array expressions on odd chunkings, against plain loops.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "dusk/collections/array/collect.h"
#include "dusk/collections/array/creation.h"
#include "dusk/collections/array/elementwise.h"
#include "dusk/collections/array/indexing.h"
#include "dusk/collections/array/map_blocks.h"
#include "dusk/collections/array/rechunk.h"
#include "dusk/collections/array/reduce.h"
#include "dusk/collections/array/shaping.h"
#include "support.h"

namespace dusk::pipeline {
namespace {

namespace array = collections::array;
using array::ArrayPtr;
using array::Chunks;
using Sizes = std::vector<std::vector<int64_t>>;

Chunks chunks(const Sizes& sizes) { return Chunks::from_sizes(sizes); }

// 0, 1, 2... in C order.
ArrayPtr counting(const Sizes& sizes) {
  int64_t total = 1;
  for (const auto& axis : sizes) total *= std::accumulate(axis.begin(), axis.end(), int64_t{0});
  ArrayPtr flat = array::arange(0, 1, 0, 1, data::kFloat64Type, chunks({{total}}));
  auto shape = chunks(sizes).shape();
  return array::rechunk(array::reshape(flat, shape), chunks(sizes));
}

std::vector<double> flat(const ArrayPtr& x) {
  // Blocks go to their places in the result where that is in their process.
  ArrayPtr whole = road == Road::kThreads ? array::collect(x) : x;
  auto blocks = compute(whole);
  data::NdArray result = array::is_collected(*whole)
                             ? array::collected(*whole, blocks)
                             : array::assemble(x->chunks(), x->dtype(), blocks);
  result = result.contiguous();
  const auto* first = reinterpret_cast<const double*>(result.data());
  return {first, first + result.size()};
}

ArrayPtr call(const std::string& function, std::vector<array::Argument> arguments) {
  ArrayPtr result = array::elementwise(function, arguments);
  EXPECT_TRUE(result) << function;
  return result;
}

array::Argument number(double value) {
  return array::Scalar{kernels::array::Constant::of(data::kFloat64Type, value), true};
}

const std::vector<Sizes> kChunkings = {{{7}, {5}},
                                       {{1, 1, 1, 1, 1, 1, 1}, {5}},
                                       {{3, 3, 1}, {2, 3}},
                                       {{0, 7}, {5, 0}},
                                       {{2, 5}, {1, 1, 1, 1, 1}}};

TEST(ArrayPipeline, ElementwiseProgramsAreThoseOfLoops) {
  for (const Sizes& sizes : kChunkings) {
    ArrayPtr x = counting(sizes);
    ArrayPtr y = call("sqrt", {call("add", {call("multiply", {x, number(3)}), number(1)})});
    auto got = flat(y);
    ASSERT_EQ(got.size(), 35u);
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_DOUBLE_EQ(got[i], std::sqrt(3.0 * static_cast<double>(i) + 1));
    }
  }
}

TEST(ArrayPipeline, OperandsCutDifferentlyAreUnified) {
  ArrayPtr x = counting(kChunkings[2]);
  ArrayPtr y = counting(kChunkings[4]);
  auto got = flat(call("subtract", {x, y}));
  EXPECT_EQ(got, std::vector<double>(35, 0.0));
}

TEST(ArrayPipeline, ReductionsDoNotDependOnChunks) {
  for (const Sizes& sizes : kChunkings) {
    ArrayPtr x = counting(sizes);
    array::ReduceArguments all{"sum", {true, true}, false, {}, 0, {}};
    EXPECT_EQ(flat(array::reduce(x, all)), std::vector<double>{34 * 35 / 2});
    array::ReduceArguments columns{"mean", {true, false}, false, {}, 0, {}};
    auto means = flat(array::reduce(x, columns));
    ASSERT_EQ(means.size(), 5u);
    for (size_t c = 0; c < 5; ++c) EXPECT_DOUBLE_EQ(means[c], 15.0 + static_cast<double>(c));
    array::ReduceArguments rows{"max", {false, true}, true, {}, 0, {}};
    auto most = flat(array::reduce(x, rows));
    ASSERT_EQ(most.size(), 7u);
    for (size_t r = 0; r < 7; ++r) EXPECT_EQ(most[r], 5.0 * static_cast<double>(r) + 4);
  }
}

TEST(ArrayPipeline, SlicesTakesAndTransposesFindTheirElements) {
  for (const Sizes& sizes : kChunkings) {
    ArrayPtr x = counting(sizes);
    auto stepped = flat(array::slice(x, {array::Range{6, -1, -2}, array::Range{1, 4, 1}}));
    EXPECT_EQ(stepped, (std::vector<double>{31, 32, 33, 21, 22, 23, 11, 12, 13, 1, 2, 3}));
    auto taken = flat(array::take(x, {4, 0, 4}, 1));
    EXPECT_EQ(taken[0], 4);
    EXPECT_EQ(taken[1], 0);
    EXPECT_EQ(taken[2], 4);
    auto turned = flat(array::transpose(x, {1, 0}));
    EXPECT_EQ(turned[1], 5);
    EXPECT_EQ(turned[7], 1);
  }
}

TEST(ArrayPipeline, ReshapesKeepTheOrderOfElements) {
  for (const Sizes& sizes : kChunkings) {
    ArrayPtr x = counting(sizes);
    std::vector<double> wanted(35);
    std::iota(wanted.begin(), wanted.end(), 0.0);
    EXPECT_EQ(flat(array::reshape(x, {35})), wanted);
    EXPECT_EQ(flat(array::reshape(x, {5, 7})), wanted);
    EXPECT_EQ(flat(array::reshape(x, {1, 7, 1, 5})), wanted);
  }
}

TEST(ArrayPipeline, RandomNumbersDoNotDependOnChunks) {
  kernels::array::RandomSpec spec;
  spec.key.seed = 5;
  spec.dtype = data::kFloat64Type;
  auto first = flat(array::random(spec, "random", chunks({{1000}})));
  EXPECT_EQ(first, flat(array::random(spec, "random", chunks({{1, 0, 700, 299}}))));
  EXPECT_EQ(first, flat(array::random(spec, "random", chunks({{500, 500}}))));
}

TEST(ArrayPipeline, BadShapesAndAxesAreRefused) {
  ArrayPtr x = counting({{4}, {3}});
  auto [kind, text] = error_of([&] { array::reshape(x, {5, 2}); });
  EXPECT_EQ(kind, base::ErrorKind::kValue);
  EXPECT_NE(text.find("cannot reshape array of size 12"), std::string::npos);
  auto [other, shapes] = error_of([&] { call("add", {x, counting({{4}, {2}})}); });
  EXPECT_EQ(other, base::ErrorKind::kValue);
  EXPECT_NE(shapes.find("broadcast"), std::string::npos);
  EXPECT_EQ(error_of([&] {
              array::rechunk(x, chunks({{5}, {3}}));
            }).first,
            base::ErrorKind::kValue);
  EXPECT_EQ(error_of([&] { chunks({{3, -2}}); }).first, base::ErrorKind::kValue);
  EXPECT_EQ(error_of([&] { chunks({{}}); }).first, base::ErrorKind::kValue);
  ArrayPtr none = counting({{0}});
  array::ReduceArguments most{"max", {true}, false, {}, 0, {}};
  EXPECT_EQ(error_of([&] { array::reduce(none, most); }).first, base::ErrorKind::kValue);
}

TEST(ArrayPipeline, PlansThatCanNeverFitAreRefusedBeforeTheyRun) {
  ArrayPtr x = call("add", {counting({{1000, 1000}}), number(1)});
  std::vector<graph::ExprPtr> roots{x};
  auto layers = graph::fuse_blockwise(graph::lower(roots));
  auto tasks = graph::expand(std::vector<graph::Wanted>{{layers[0], {}}});
  runtime::RunOptions options;
  options.memory_limit = 1000;
  auto result = runtime::run(tasks, options);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), base::ErrorKind::kMemory);
  EXPECT_NE(std::string(result.error().what()).find("memory limit of 1000"), std::string::npos);
}

}  // namespace
}  // namespace dusk::pipeline
