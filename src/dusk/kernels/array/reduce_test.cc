#include "dusk/kernels/array/reduce.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "dusk/base/error.h"

namespace dusk::kernels::array {
namespace {

using data::Dims;
using data::DType;
using data::NdArray;
using data::TypeCode;
using Axes = std::vector<bool>;

const double kNaN = std::numeric_limits<double>::quiet_NaN();

Finalize how_of(std::string_view name, const DType& dtype, double ddof = 0) {
  Finalize how;
  how.dtype = dtype;
  how.ddof = ddof;
  if (name.ends_with("mean")) how.kind = Finalize::Kind::kMean;
  if (name.ends_with("var")) how.kind = Finalize::Kind::kVar;
  if (name.ends_with("std")) how.kind = Finalize::Kind::kStd;
  if (name.find("arg") != name.npos) how.kind = Finalize::Kind::kArg;
  return how;
}

// Reduces `a` cut into chunks of at most `cut` along its first axis where that is reduced.
NdArray reduce(std::string_view name, const NdArray& a, const Axes& axes, int64_t cut = 1 << 30,
               double ddof = 0) {
  ReduceSpec spec{*reduction_named(name), axes, reduction_dtype(*reduction_named(name), a.dtype()),
                  !name.ends_with("mean")};
  Program program;
  program.set_result(program.input(a.dtype()));
  std::vector<PartialState> states;
  int64_t rows = a.ndim() ? a.shape()[0] : 1;
  if (!axes.empty() && !axes[0]) cut = 1 << 30;
  std::vector<int64_t> offset(a.ndim(), 0);
  for (int64_t start = 0; start < std::max<int64_t>(rows, 1); start += cut) {
    NdArray chunk = a.ndim() ? a.slice(0, start, 1, std::min(cut, rows - start)) : a;
    if (a.ndim()) offset[0] = start;
    states.push_back(reduce_partial(spec, program, {&chunk, 1}, offset, a.shape()));
  }
  DType result = spec.dtype;
  return finalize(spec, how_of(name, result, ddof), combine(spec, states));
}

NdArray random_doubles(Dims shape, uint64_t seed, double nan_share = 0) {
  NdArray a = NdArray::empty(data::kFloat64Type, shape);
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal(3, 2);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int64_t i = 0; i < a.size(); ++i) {
    a.as<double>()[i] = uniform(engine) < nan_share ? kNaN : normal(engine);
  }
  return a;
}

// The elements that go into each result, in C order of the reduced axes.
std::vector<std::vector<double>> groups(const NdArray& a, const Axes& axes) {
  NdArray c = a.contiguous();
  Dims kept = a.shape();
  for (size_t d = 0; d < axes.size(); ++d) kept[d] = axes[d] ? 1 : kept[d];
  std::vector<std::vector<double>> result(static_cast<size_t>(data::element_count(kept)));
  Dims steps = data::contiguous_strides(kept, 1);
  for (int64_t i = 0; i < c.size(); ++i) {
    int64_t rest = i, at = 0;
    for (size_t d = a.ndim(); d-- > 0;) {
      if (!axes[d]) at += rest % a.shape()[d] * steps[d];
      rest /= a.shape()[d];
    }
    result[static_cast<size_t>(at)].push_back(c.as<double>()[i]);
  }
  return result;
}

double plain(std::string_view name, std::vector<double> x, double ddof) {
  bool skip = name.starts_with("nan");
  std::string_view base = skip ? name.substr(3) : name;
  double best = kNaN;
  int64_t best_at = -1;
  if (base.starts_with("arg") || base == "min" || base == "max") {
    bool greatest = base.ends_with("max");
    for (size_t i = 0; i < x.size(); ++i) {
      if (std::isnan(x[i])) {
        if (skip) continue;
        if (!(best_at >= 0 && std::isnan(best))) best = x[i], best_at = static_cast<int64_t>(i);
        continue;
      }
      bool better = best_at < 0 || (greatest ? x[i] > best : x[i] < best);
      if (better) best = x[i], best_at = static_cast<int64_t>(i);
    }
    return base.starts_with("arg") ? static_cast<double>(best_at) : best;
  }
  if (skip) std::erase_if(x, [](double v) { return std::isnan(v); });
  long double sum = 0, product = 1, m2 = 0;
  for (double v : x) sum += v, product *= v;
  if (base == "sum") return static_cast<double>(sum);
  if (base == "prod") return static_cast<double>(product);
  long double mean = sum / static_cast<long double>(x.size());
  if (base == "mean") return static_cast<double>(mean);
  for (double v : x) m2 += (v - mean) * (v - mean);
  double variance = static_cast<double>(m2 / (static_cast<long double>(x.size()) - ddof));
  if (skip && static_cast<double>(x.size()) <= ddof) return kNaN;
  return base == "var" ? variance : std::sqrt(variance);
}

void check(std::string_view name, const NdArray& a, const Axes& axes, int64_t cut) {
  NdArray result = reduce(name, a, axes, cut, 1);
  std::vector<std::vector<double>> expected = groups(a, axes);
  ASSERT_EQ(result.size(), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i) {
    double want = plain(name, expected[i], 1);
    double got = result.dtype() == data::kInt64Type ? double(result.as<int64_t>()[i])
                                                    : result.as<double>()[i];
    if (std::isnan(want))
      ASSERT_TRUE(std::isnan(got)) << name << i << " of " << expected.size();
    else
      ASSERT_NEAR(got, want, 1e-12 * std::max(1.0, std::abs(want))) << name << " at " << i;
  }
}

const char* kFloatReductions[] = {"sum",    "min",    "max",    "mean",    "var",    "std",
                                  "nansum", "nanmin", "nanmax", "nanmean", "nanvar", "nanstd"};

TEST(Reduce, EveryAxisOfEveryLayoutEqualsAPlainLoop) {
  NdArray box = random_doubles({7, 33, 61}, 1);
  std::vector<NdArray> layouts = {box, box.transpose({2, 0, 1}), box.transpose({1, 2, 0}),
                                  box.slice(1, 32, -2, 16), box.slice(2, 0, 3, 20)};
  for (const NdArray& a : layouts) {
    for (int mask = 0; mask < 8; ++mask) {
      Axes axes = {(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
      for (const char* name : kFloatReductions) check(name, a, axes, 3);
    }
  }
}

TEST(Reduce, NanSpreadsOrIsPassedOver) {
  NdArray a = random_doubles({41, 37}, 2, 0.1);
  for (const Axes& axes : {Axes{true, true}, Axes{true, false}, Axes{false, true}}) {
    for (const char* name : kFloatReductions) check(name, a, axes, 11);
  }
}

TEST(Reduce, LongAndThinShapes) {
  for (const Dims& shape :
       {Dims{100003}, Dims{5000, 3}, Dims{3, 50000}, Dims{2049, 17}, Dims{1, 1}}) {
    NdArray a = random_doubles(shape, 3);
    for (const char* name : kFloatReductions) {
      if (shape == Dims{1, 1} && std::string_view(name).find("a") != 0) continue;
      check(name, a, Axes(shape.size(), true), 1000);
      if (shape.size() == 1) continue;
      check(name, a, {true, false}, 1000);
      check(name, a, {false, true}, 1000);
    }
  }
}

TEST(Reduce, ArgReductionsGiveTheFirstIndexOfTheWholeArray) {
  NdArray a = NdArray::empty(data::kFloat64Type, {60, 70});
  for (int64_t i = 0; i < a.size(); ++i) a.as<double>()[i] = double(i * 7919 % 13);
  for (const char* name : {"argmin", "argmax", "nanargmin", "nanargmax"}) {
    for (int64_t cut : {1, 7, 60}) {
      check(name, a, {true, true}, cut);
      check(name, a, {true, false}, cut);
      check(name, a, {false, true}, cut);
      check(name, a.transpose({1, 0}), {true, false}, cut);
    }
  }
  NdArray with_nan = random_doubles({50, 40}, 9, 0.05);
  for (const char* name : {"argmin", "argmax", "nanargmin", "nanargmax"}) {
    check(name, with_nan, {true, true}, 13);
    check(name, with_nan, {true, false}, 13);
    check(name, with_nan, {false, true}, 13);
  }
}

TEST(Reduce, SlicesWithoutNumbersHaveNoNanArg) {
  NdArray a = random_doubles({4, 3}, 1, 1.1);
  try {
    reduce("nanargmin", a, {true, false});
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::kValue);
    EXPECT_STREQ(error.what(), "All-NaN slice encountered");
  }
  EXPECT_TRUE(std::isnan(reduce("nanmin", a, {true, true}).as<double>()[0]));
  EXPECT_EQ(reduce("nansum", a, {true, true}).as<double>()[0], 0);
  EXPECT_TRUE(std::isnan(reduce("nanmean", a, {true, true}).as<double>()[0]));
}

TEST(Reduce, EmptyChunksChangeNothingAndEmptyArraysHaveNoMinimum) {
  ReduceSpec spec{Reduction::kMin, {true}, data::kFloat64Type, true};
  Program program;
  program.set_result(program.input(data::kFloat64Type));
  NdArray empty = NdArray::empty(data::kFloat64Type, {0}), some = random_doubles({5}, 1);
  std::vector<int64_t> whole = {5}, start = {0};
  PartialState nothing = reduce_partial(spec, program, {&empty, 1}, start, whole);
  PartialState five = reduce_partial(spec, program, {&some, 1}, start, whole);
  Finalize how = how_of("min", data::kFloat64Type);
  std::vector<PartialState> both = {nothing, five};
  EXPECT_EQ(finalize(spec, how, combine(spec, both)).as<double>()[0],
            *std::min_element(some.as<double>(), some.as<double>() + 5));
  try {
    finalize(spec, how, nothing);
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_STREQ(error.what(),
                 "zero-size array to reduction operation minimum which has no identity");
  }
  EXPECT_EQ(reduce("sum", empty, {true}).as<double>()[0], 0);
  EXPECT_EQ(reduce("prod", empty, {true}).as<double>()[0], 1);
  EXPECT_TRUE(std::isnan(reduce("mean", empty, {true}).as<double>()[0]));
}

template <class T>
void check_integers(TypeCode code) {
  DType dtype = DType::of(code);
  NdArray a = NdArray::empty(dtype, {5003});
  std::mt19937_64 engine(static_cast<uint64_t>(code));
  uint64_t sum = 0;
  T low = std::numeric_limits<T>::max(), high = std::numeric_limits<T>::lowest();
  for (int64_t i = 0; i < a.size(); ++i) {
    T v = static_cast<T>(engine());
    a.as<T>()[i] = v;
    sum += static_cast<uint64_t>(v);
    low = std::min(low, v);
    high = std::max(high, v);
  }
  EXPECT_EQ(reduce("sum", a, {true}, 999).as<uint64_t>()[0], sum) << dtype.name();
  EXPECT_EQ(reduce("nansum", a, {true}, 999).as<uint64_t>()[0], sum) << dtype.name();
  EXPECT_EQ(reduce("min", a, {true}, 999).as<T>()[0], low) << dtype.name();
  EXPECT_EQ(reduce("max", a, {true}, 999).as<T>()[0], high) << dtype.name();
  EXPECT_EQ(reduce("argmax", a, {true}, 999).as<int64_t>()[0],
            std::max_element(a.as<T>(), a.as<T>() + a.size()) - a.as<T>());
  EXPECT_EQ(reduce("any", a, {true}).as<uint8_t>()[0], 1);
  EXPECT_EQ(reduce("count_nonzero", a, {true}, 999).as<int64_t>()[0],
            a.size() - std::count(a.as<T>(), a.as<T>() + a.size(), T(0)));
}

TEST(Reduce, IntegersKeepNumPysTypesAndWrap) {
  check_integers<int8_t>(TypeCode::kInt8);
  check_integers<int16_t>(TypeCode::kInt16);
  check_integers<int32_t>(TypeCode::kInt32);
  check_integers<int64_t>(TypeCode::kInt64);
  check_integers<uint8_t>(TypeCode::kUInt8);
  check_integers<uint16_t>(TypeCode::kUInt16);
  check_integers<uint32_t>(TypeCode::kUInt32);
  check_integers<uint64_t>(TypeCode::kUInt64);
  NdArray bools = NdArray::empty(data::kBoolType, {777, 3});
  for (int64_t i = 0; i < bools.size(); ++i) bools.as<uint8_t>()[i] = i % 3 == 1;
  EXPECT_EQ(reduce("sum", bools, {true, true}).as<int64_t>()[0], 777);
  EXPECT_EQ(reduce("all", bools, {true, false}, 100).as<uint8_t>()[1], 1);
  EXPECT_EQ(reduce("any", bools, {true, false}, 100).as<uint8_t>()[0], 0);
}

TEST(Reduce, SumsAreExactWhereNaiveOnesAreNot) {
  NdArray a = NdArray::empty(data::kFloat64Type, {1000000});
  for (int64_t i = 0; i < a.size(); ++i) a.as<double>()[i] = 0.1;
  EXPECT_NEAR(reduce("sum", a, {true}).as<double>()[0], 1e5, 2e-11);
  NdArray f = NdArray::empty(data::kFloat32Type, {4000000});
  for (int64_t i = 0; i < f.size(); ++i) f.as<float>()[i] = 0.1f;
  EXPECT_NEAR(reduce("sum", f, {true}).as<float>()[0], 4e5, 0.05);
  NdArray shifted = random_doubles({300000}, 4);
  for (int64_t i = 0; i < shifted.size(); ++i) shifted.as<double>()[i] += 1e9;
  check("var", shifted, {true}, 1 << 30);
  double infinite = std::numeric_limits<double>::infinity();
  a.as<double>()[77] = infinite;
  EXPECT_EQ(reduce("sum", a, {true}, 1000).as<double>()[0], infinite);
}

TEST(Reduce, ProgramsAreReducedWithoutTheirResult) {
  NdArray a = random_doubles({513, 129}, 1), b = random_doubles({129}, 2);
  Program program;
  DType f8 = data::kFloat64Type;
  Register both[2] = {program.input(f8), program.input(f8)};
  Register difference = program.call(Loop{"subtract", {f8, f8}, f8}, both);
  program.set_result(program.call(Loop{"square", {f8}, f8}, {&difference, 1}));
  NdArray inputs[2] = {a, b};
  NdArray whole = evaluate(program, inputs);
  for (const Axes& axes : {Axes{true, true}, Axes{true, false}, Axes{false, true}}) {
    ReduceSpec spec{Reduction::kSum, axes, f8, true};
    std::vector<int64_t> offset = {0, 0};
    NdArray sum = finalize(spec, how_of("sum", f8),
                           reduce_partial(spec, program, inputs, offset, whole.shape()));
    NdArray expected = reduce("sum", whole, axes);
    for (int64_t i = 0; i < sum.size(); ++i) {
      EXPECT_NEAR(sum.as<double>()[i], expected.as<double>()[i], 1e-9);
    }
  }
}

TEST(Reduce, TimesTreatNotATimeAsNan) {
  constexpr int64_t kNaT = std::numeric_limits<int64_t>::min();
  NdArray a = NdArray::empty(DType::datetime(data::TimeUnit::kSecond), {100});
  for (int64_t i = 0; i < 100; ++i) a.as<int64_t>()[i] = 1000 + i * 37 % 100;
  EXPECT_EQ(reduce("max", a, {true}, 9).as<int64_t>()[0], 1099);
  a.as<int64_t>()[42] = kNaT;
  EXPECT_EQ(reduce("max", a, {true}, 9).as<int64_t>()[0], kNaT);
  EXPECT_EQ(reduce("min", a, {true}, 9).as<int64_t>()[0], kNaT);
  EXPECT_EQ(reduce("nanmin", a, {true}, 9).as<int64_t>()[0], 1000);
  EXPECT_EQ(reduce("argmax", a, {true}, 9).as<int64_t>()[0], 42);
  EXPECT_FALSE(reduction_supported(Reduction::kSum, a.dtype()));
}

TEST(Reduce, ComplexSumsAndMeans) {
  NdArray a = NdArray::empty(DType::of(TypeCode::kComplex128), {1001, 2});
  for (int64_t i = 0; i < 2002; ++i) {
    a.as<std::complex<double>>()[i] = {double(i), double(-2 * i)};
  }
  NdArray sum = reduce("sum", a, {true, true}, 100);
  EXPECT_EQ(sum.as<std::complex<double>>()[0], std::complex<double>(2003001, -4006002));
  NdArray mean = reduce("mean", a, {true, false}, 100);
  EXPECT_EQ(mean.as<std::complex<double>>()[1], std::complex<double>(1001, -2002));
}

}  // namespace
}  // namespace dusk::kernels::array
