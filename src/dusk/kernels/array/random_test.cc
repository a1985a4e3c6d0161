#include "dusk/kernels/array/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

#include "dusk/base/error.h"
#include "dusk/kernels/array/random_kernel.h"

namespace dusk::kernels::array {
namespace {

using data::DType;
using data::NdArray;
using data::TypeCode;
using Shape = std::vector<int64_t>;

RandomSpec spec_of(Distribution distribution, DType dtype, double a = 0, double b = 1) {
  RandomSpec spec;
  spec.distribution = distribution;
  spec.key = {12345, 678};
  spec.dtype = dtype;
  spec.a = a;
  spec.b = b;
  return spec;
}
NdArray whole(const RandomSpec& spec, const Shape& shape) {
  return random_block(spec, shape, Shape(shape.size(), 0), shape);
}

TEST(Random, PhiloxGivesThePublishedAnswers) {
  uint32_t words[4];
  philox_block(0, 0, 0, words);
  EXPECT_EQ(words[0], 0x6627e8d5u);
  EXPECT_EQ(words[1], 0xe169c58du);
  EXPECT_EQ(words[2], 0xbc57ac4cu);
  EXPECT_EQ(words[3], 0x9b00dbd8u);
  philox_block(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e, words);
  EXPECT_EQ(words[0], 0xd16cfe09u);
  EXPECT_EQ(words[1], 0x94fdccebu);
  EXPECT_EQ(words[2], 0x5001e420u);
  EXPECT_EQ(words[3], 0x24126ea1u);
}

TEST(Random, DoublesAreTheBlocksBits) {
  NdArray a = whole(spec_of(Distribution::kRandom, data::kFloat64Type), {100});
  for (int64_t i = 0; i < 100; ++i) {
    uint32_t words[4];
    philox_block(12345, static_cast<uint64_t>(i / 16 * 8 + i % 8), 678, words);
    int half = static_cast<int>(i % 16 / 8);
    uint64_t bits = words[2 * half] | static_cast<uint64_t>(words[2 * half + 1]) << 32;
    EXPECT_EQ(a.as<double>()[i], static_cast<double>(bits >> 11) * 0x1p-53);
  }
}

TEST(Random, BlocksAreCutsOfTheWholeForEveryDistributionAndChunk) {
  Shape shape = {13, 7, 29};
  for (auto distribution : {Distribution::kRandom, Distribution::kUniform, Distribution::kNormal,
                            Distribution::kExponential, Distribution::kIntegers}) {
    for (DType dtype :
         {data::kFloat64Type, data::kFloat32Type, DType::of(TypeCode::kInt16), data::kUInt64Type}) {
      if (dtype.is_integer() != (distribution == Distribution::kIntegers)) continue;
      RandomSpec spec = spec_of(distribution, dtype, 2, 5);
      spec.low = 0;
      spec.high = 1000;
      NdArray all = whole(spec, shape);
      for (Shape block : {Shape{1, 1, 1}, Shape{13, 7, 1}, Shape{2, 7, 29}, Shape{3, 2, 29},
                          Shape{5, 3, 11}, Shape{1, 1, 17}, Shape{13, 1, 29}}) {
        Shape offset = {13 - block[0], (7 - block[1]) / 2, (29 - block[2]) / 2};
        NdArray part = random_block(spec, shape, offset, block);
        NdArray expected = all;
        for (size_t d = 0; d < 3; ++d) expected = expected.slice(d, offset[d], 1, block[d]);
        expected = expected.contiguous();
        EXPECT_EQ(std::memcmp(part.data(), expected.data(), static_cast<size_t>(part.nbytes())), 0);
      }
    }
  }
  EXPECT_EQ(whole(spec_of(Distribution::kRandom, data::kFloat64Type), {}).size(), 1);
  EXPECT_EQ(whole(spec_of(Distribution::kRandom, data::kFloat64Type), {0, 3}).size(), 0);
}

struct Statistics {
  double mean = 0, variance = 0, third = 0, fourth = 0, low = 0, high = 0;
};
template <class T>
Statistics statistics(const NdArray& a) {
  Statistics s;
  s.low = s.high = static_cast<double>(a.as<T>()[0]);
  double n = static_cast<double>(a.size());
  for (int64_t i = 0; i < a.size(); ++i) s.mean += static_cast<double>(a.as<T>()[i]) / n;
  for (int64_t i = 0; i < a.size(); ++i) {
    double x = static_cast<double>(a.as<T>()[i]), d = x - s.mean;
    s.variance += d * d / n;
    s.third += d * d * d / n;
    s.fourth += d * d * d * d / n;
    s.low = std::min(s.low, x);
    s.high = std::max(s.high, x);
  }
  return s;
}

template <class T>
void check_moments(DType dtype) {
  Shape shape = {1 << 20};
  Statistics u = statistics<T>(whole(spec_of(Distribution::kRandom, dtype), shape));
  EXPECT_NEAR(u.mean, 0.5, 0.002);
  EXPECT_NEAR(u.variance, 1.0 / 12, 0.001);
  EXPECT_GE(u.low, 0);
  EXPECT_LT(u.high, 1);
  EXPECT_GT(u.high, 0.9999);
  Statistics w = statistics<T>(whole(spec_of(Distribution::kUniform, dtype, -3, 7), shape));
  EXPECT_NEAR(w.mean, 2, 0.02);
  EXPECT_GE(w.low, -3);
  EXPECT_LE(w.high, 7);
  Statistics z = statistics<T>(whole(spec_of(Distribution::kNormal, dtype, 10, 2), shape));
  EXPECT_NEAR(z.mean, 10, 0.01);
  EXPECT_NEAR(z.variance, 4, 0.03);
  EXPECT_NEAR(z.third, 0, 0.1);
  EXPECT_NEAR(z.fourth, 48, 1);
  Statistics e = statistics<T>(whole(spec_of(Distribution::kExponential, dtype, 3), shape));
  EXPECT_NEAR(e.mean, 3, 0.015);
  EXPECT_NEAR(e.variance, 9, 0.15);
  EXPECT_GE(e.low, 0);
}

TEST(Random, MomentsAreThoseOfTheDistributions) {
  check_moments<double>(data::kFloat64Type);
  check_moments<float>(data::kFloat32Type);
}

TEST(Random, NeighboursAndStreamsAreUncorrelated) {
  RandomSpec spec = spec_of(Distribution::kNormal, data::kFloat64Type);
  NdArray a = whole(spec, {1 << 18});
  spec.key.stream += 1;
  NdArray b = whole(spec, {1 << 18});
  spec.key.seed += 1;
  NdArray c = whole(spec, {1 << 18});
  for (int64_t lag : {1, 2, 7, 8, 16}) {
    double own = 0, other = 0, third = 0;
    for (int64_t i = 0; i + lag < a.size(); ++i) {
      own += a.as<double>()[i] * a.as<double>()[i + lag];
      other += a.as<double>()[i] * b.as<double>()[i + lag - 1];
      third += b.as<double>()[i] * c.as<double>()[i + lag - 1];
    }
    double bound = 5 * std::sqrt(double(a.size()));
    EXPECT_LT(std::abs(own), bound) << lag;
    EXPECT_LT(std::abs(other), bound) << lag;
    EXPECT_LT(std::abs(third), bound) << lag;
  }
}

TEST(Random, IntegersFillTheirRangeEvenly) {
  RandomSpec spec = spec_of(Distribution::kIntegers, DType::of(TypeCode::kInt8));
  spec.low = -3;
  spec.high = 3;
  NdArray a = whole(spec, {700000});
  std::map<int, int> counts;
  for (int64_t i = 0; i < a.size(); ++i) ++counts[a.as<int8_t>()[i]];
  EXPECT_EQ(counts.size(), 7u);
  double chi = 0;
  for (auto [value, count] : counts) {
    EXPECT_TRUE(value >= -3 && value <= 3);
    chi += (count - 100000.0) * (count - 100000.0) / 100000.0;
  }
  EXPECT_LT(chi, 30);
  // Three quarters of 2^64 values: a plain high product would give some values twice as often.
  spec.dtype = data::kUInt64Type;
  spec.low = 0;
  spec.high = static_cast<int64_t>((uint64_t{3} << 62) - 1);
  NdArray wide = whole(spec, {300000});
  int thirds[3] = {};
  for (int64_t i = 0; i < wide.size(); ++i) ++thirds[wide.as<uint64_t>()[i] % 3];
  for (int count : thirds) EXPECT_NEAR(count, 100000, 1500);
  spec.low = std::numeric_limits<int64_t>::min();
  spec.high = std::numeric_limits<int64_t>::max();
  spec.dtype = data::kInt64Type;
  NdArray all = whole(spec, {1000});
  int negative = 0;
  for (int64_t i = 0; i < 1000; ++i) negative += all.as<int64_t>()[i] < 0;
  EXPECT_NEAR(negative, 500, 80);
}

TEST(Random, OtherTypesAreRefused) {
  EXPECT_THROW(whole(spec_of(Distribution::kNormal, data::kInt64Type), {3}), base::Error);
  EXPECT_THROW(whole(spec_of(Distribution::kIntegers, data::kFloat64Type), {3}), base::Error);
}

}  // namespace
}  // namespace dusk::kernels::array
