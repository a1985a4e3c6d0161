#include "dusk/kernels/array/program.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>

#include "dusk/base/error.h"

namespace dusk::kernels::array {
namespace {

using data::Dims;
using data::DType;
using data::NdArray;
using data::TypeCode;

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNaN = std::numeric_limits<double>::quiet_NaN();

template <class T>
NdArray make(DType dtype, const std::vector<T>& values) {
  NdArray a = NdArray::empty(dtype, {static_cast<int64_t>(values.size())});
  std::copy(values.begin(), values.end(), a.as<T>());
  return a;
}
NdArray doubles(const std::vector<double>& values) { return make(data::kFloat64Type, values); }

NdArray random_doubles(Dims shape, uint64_t seed, double low = -10, double high = 10) {
  NdArray a = NdArray::empty(data::kFloat64Type, shape);
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> uniform(low, high);
  for (int64_t i = 0; i < a.size(); ++i) a.as<double>()[i] = uniform(engine);
  return a;
}

// function(arrays...) with NumPy's loop.
NdArray apply(std::string_view function, std::vector<NdArray> inputs) {
  Program program;
  std::vector<Operand> operands;
  std::vector<Register> registers;
  for (const NdArray& input : inputs) {
    operands.push_back({input.dtype(), false});
    registers.push_back(program.input(input.dtype()));
  }
  std::optional<Loop> loop = resolve(function, operands);
  EXPECT_TRUE(loop) << function;
  program.set_result(program.call(*loop, registers));
  return evaluate(program, inputs);
}

template <class T>
std::vector<T> values(const NdArray& array) {
  NdArray flat = array.contiguous();
  return std::vector<T>(flat.as<T>(), flat.as<T>() + flat.size());
}

double element(const NdArray& a, const Dims& index) {
  const std::byte* at = a.data();
  for (size_t d = 0; d < index.size(); ++d) at += index[d] * a.strides()[d];
  return *reinterpret_cast<const double*>(at);
}

// Calls visit(index) for every index of `shape` in C order.
void each_index(const Dims& shape, const std::function<void(const Dims&)>& visit) {
  Dims index(shape.size());
  if (data::element_count(shape) == 0) return;
  while (true) {
    visit(index);
    size_t d = shape.size();
    while (d-- > 0) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
    if (d == static_cast<size_t>(-1)) return;
  }
}

// (a * b - 4.1 * a) > b ? a : 2.5 * b, over any layout, against a plain loop.
void check_expression(const NdArray& a, const NdArray& b) {
  Program program;
  Register x = program.input(a.dtype()), y = program.input(b.dtype());
  DType f8 = data::kFloat64Type;
  Loop multiply{"multiply", {f8, f8}, f8}, subtract{"subtract", {f8, f8}, f8};
  Loop greater{"greater", {f8, f8}, data::kBoolType};
  Loop where{"where", {data::kBoolType, f8, f8}, f8};
  Register four = program.constant(Constant::from_double(f8, 4.1));
  Register two = program.constant(Constant::from_double(f8, 2.5));
  auto call = [&](const Loop& loop, std::vector<Register> r) { return program.call(loop, r); };
  Register difference = call(subtract, {call(multiply, {x, y}), call(multiply, {four, x})});
  Register condition = call(greater, {difference, y});
  program.set_result(call(where, {condition, x, call(multiply, {two, y})}));
  NdArray inputs[2] = {a, b};
  NdArray out = evaluate(program, inputs);
  NdArray wide_a = a.broadcast_to(out.shape()), wide_b = b.broadcast_to(out.shape());
  int wrong = 0;
  each_index(out.shape(), [&](const Dims& index) {
    double p = element(wide_a, index), q = element(wide_b, index);
    double expected = p * q - 4.1 * p > q ? p : 2.5 * q;
    wrong += element(out, index) != expected;
  });
  EXPECT_EQ(wrong, 0);
}

TEST(Program, ExpressionsOverAnyLayoutEqualAPlainLoop) {
  for (int64_t n : {0, 1, 2, 7, 63, 64, 1009, 2047, 2048, 2049, 4099}) {
    check_expression(random_doubles({n}, 1), random_doubles({n}, 2));
    check_expression(random_doubles({n}, 1), random_doubles({1}, 2));
    check_expression(random_doubles({n}, 1), random_doubles({}, 2));
    check_expression(random_doubles({n, 3}, 1), random_doubles({3}, 2));
    check_expression(random_doubles({3, n}, 1), random_doubles({3, 1}, 2));
    check_expression(random_doubles({n, 1}, 1), random_doubles({1, 5}, 2));
    check_expression(random_doubles({n}, 1).slice(0, n - 1, -1, n), random_doubles({n}, 2));
    check_expression(random_doubles({2 * n}, 1).slice(0, 0, 2, n), random_doubles({n}, 2));
  }
  NdArray square = random_doubles({97, 131}, 3);
  check_expression(square, random_doubles({131, 97}, 4).transpose({1, 0}));
  check_expression(square.transpose({1, 0}), random_doubles({131, 97}, 4));
  check_expression(random_doubles({300, 5000}, 5),
                   random_doubles({5000, 300}, 6).transpose({1, 0}));
  check_expression(random_doubles({5, 6, 7, 8}, 5).transpose({3, 0, 2, 1}),
                   random_doubles({5, 1, 6}, 6));
  check_expression(random_doubles({4, 1, 2500}, 5), random_doubles({1, 3, 1}, 6));
  check_expression(random_doubles({50, 40}, 5).slice(1, 3, 5, 7).slice(0, 49, -3, 16),
                   random_doubles({7}, 6));
}

TEST(Program, ResultsGoIntoAnyStrides) {
  NdArray a = random_doubles({61, 47}, 1), b = random_doubles({61, 47}, 2);
  Program program;
  Register registers[2] = {program.input(a.dtype()), program.input(a.dtype())};
  DType f8 = data::kFloat64Type;
  program.set_result(program.call(Loop{"add", {f8, f8}, f8}, registers));
  NdArray inputs[2] = {a, b};
  for (NdArray whole : {NdArray::zeros(f8, {47, 61}), NdArray::zeros(f8, {47, 200})}) {
    NdArray out = whole.transpose({1, 0});
    if (whole.shape()[1] == 200) out = whole.slice(1, 10, 3, 61).transpose({1, 0});
    evaluate_into(program, inputs, out);
    each_index(out.shape(),
               [&](const Dims& i) { EXPECT_EQ(element(out, i), element(a, i) + element(b, i)); });
  }
}

TEST(Program, InputsAndConstantsThatAreTheResultAreCopied) {
  Program identity;
  identity.set_result(identity.input(data::kFloat64Type));
  NdArray a = random_doubles({33, 65}, 1).transpose({1, 0});
  EXPECT_EQ(values<double>(evaluate(identity, {&a, 1})), values<double>(a));
  Program seven;
  seven.input(data::kFloat64Type);
  seven.set_result(seven.constant(Constant::from_int(data::kInt32Type, 7)));
  EXPECT_EQ(values<int32_t>(evaluate(seven, {&a, 1})), std::vector<int32_t>(33 * 65, 7));
}

TEST(Program, IntegersDivideAndWrapAsInNumPy) {
  auto i8 = DType::of(TypeCode::kInt8);
  NdArray a = make<int8_t>(i8, {7, -7, 7, -7, -128, 5, -128, 0});
  NdArray b = make<int8_t>(i8, {2, 2, -2, -2, -1, 0, 3, -5});
  EXPECT_EQ(values<int8_t>(apply("floor_divide", {a, b})),
            (std::vector<int8_t>{3, -4, -4, 3, -128, 0, -43, 0}));
  EXPECT_EQ(values<int8_t>(apply("remainder", {a, b})),
            (std::vector<int8_t>{1, 1, -1, -1, 0, 0, 1, 0}));
  EXPECT_EQ(values<int8_t>(apply("fmod", {a, b})),
            (std::vector<int8_t>{1, -1, 1, -1, 0, 0, -2, 0}));
  EXPECT_EQ(values<int8_t>(apply("add", {a, a})),
            (std::vector<int8_t>{14, -14, 14, -14, 0, 10, 0, 0}));
  EXPECT_EQ(values<int8_t>(apply("negative", {a}))[4], -128);
  EXPECT_EQ(values<int8_t>(apply("absolute", {a}))[4], -128);
  EXPECT_EQ(values<int8_t>(apply("gcd", {a, b})), (std::vector<int8_t>{1, 1, 1, 1, 1, 5, 1, 5}));
  NdArray shifts = make<int8_t>(i8, {1, 1, 8, 100, 7, -1, 2, 0});
  EXPECT_EQ(values<int8_t>(apply("left_shift", {a, shifts})),
            (std::vector<int8_t>{14, -14, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(values<int8_t>(apply("right_shift", {a, shifts})),
            (std::vector<int8_t>{3, -4, 0, -1, -1, 0, -32, 0}));
}

TEST(Program, IntegerPowersRefuseNegativeExponents) {
  NdArray base = make<int64_t>(data::kInt64Type, {2, -3, 0, 10});
  NdArray exponent = make<int64_t>(data::kInt64Type, {62, 3, 0, 18});
  EXPECT_EQ(values<int64_t>(apply("power", {base, exponent})),
            (std::vector<int64_t>{int64_t{1} << 62, -27, 1, 1000000000000000000}));
  NdArray negative = make<int64_t>(data::kInt64Type, {1, 1, -1, 1});
  EXPECT_THROW(apply("power", {base, negative}), base::Error);
}

TEST(Program, SignedAndUnsignedCompareExactly) {
  NdArray a = make<int64_t>(data::kInt64Type, {-1, 5, std::numeric_limits<int64_t>::max(), 0});
  NdArray b = make<uint64_t>(data::kUInt64Type, {~uint64_t{0}, 5, uint64_t{1} << 63, 0});
  using Bools = std::vector<uint8_t>;
  EXPECT_EQ(values<uint8_t>(apply("less", {a, b})), (Bools{1, 0, 1, 0}));
  EXPECT_EQ(values<uint8_t>(apply("greater_equal", {a, b})), (Bools{0, 1, 0, 1}));
  EXPECT_EQ(values<uint8_t>(apply("greater", {b, a})), (Bools{1, 0, 1, 0}));
  EXPECT_EQ(values<uint8_t>(apply("less_equal", {b, a})), (Bools{0, 1, 0, 1}));
  EXPECT_EQ(values<uint8_t>(apply("equal", {a, b})), (Bools{0, 1, 0, 1}));
  EXPECT_EQ(values<uint8_t>(apply("not_equal", {b, a})), (Bools{1, 0, 1, 0}));
}

TEST(Program, NotANumberSpreadsOrIsPassedOver) {
  NdArray a = doubles({1, kNaN, 3, kNaN, -0.0}), b = doubles({2, 5, kNaN, kNaN, 0.0});
  std::vector<double> maximum = values<double>(apply("maximum", {a, b}));
  EXPECT_EQ(maximum[0], 2);
  EXPECT_TRUE(std::isnan(maximum[1]) && std::isnan(maximum[2]) && std::isnan(maximum[3]));
  std::vector<double> fmin = values<double>(apply("fmin", {a, b}));
  EXPECT_EQ(fmin[1], 5);
  EXPECT_EQ(fmin[2], 3);
  EXPECT_TRUE(std::isnan(fmin[3]));
  EXPECT_EQ(values<uint8_t>(apply("isnan", {a})), (std::vector<uint8_t>{0, 1, 0, 1, 0}));
  EXPECT_EQ(values<uint8_t>(apply("signbit", {a}))[4], 1);
  NdArray limits = doubles({kNaN, kInf, -kInf, 2});
  EXPECT_EQ(values<double>(apply("nan_to_num", {limits})),
            (std::vector<double>{0, std::numeric_limits<double>::max(),
                                 -std::numeric_limits<double>::max(), 2}));
}

TEST(Program, FloatsDivideWithTheDivisorsSign) {
  NdArray a = doubles({7, -7, 7, -7, 1, kInf, 5.5, -0.0}),
          b = doubles({2, 2, -2, -2, 0, 2, kInf, 3});
  std::vector<double> q = values<double>(apply("floor_divide", {a, b}));
  EXPECT_EQ(std::vector<double>(q.begin(), q.begin() + 5),
            (std::vector<double>{3, -4, -4, 3, kInf}));
  EXPECT_TRUE(std::isnan(q[5]));
  EXPECT_EQ(q[6], 0);
  std::vector<double> r = values<double>(apply("remainder", {a, b}));
  EXPECT_EQ(std::vector<double>(r.begin(), r.begin() + 4), (std::vector<double>{1, 1, -1, -1}));
  EXPECT_TRUE(std::isnan(r[4]));
  EXPECT_FALSE(std::signbit(r[7]));
}

TEST(Program, TimesKeepNotATime) {
  constexpr int64_t kNaT = std::numeric_limits<int64_t>::min();
  DType seconds = DType::datetime(data::TimeUnit::kSecond);
  DType delta = DType::timedelta(data::TimeUnit::kSecond);
  NdArray a = make<int64_t>(seconds, {100, kNaT, 300}), b = make<int64_t>(seconds, {40, 50, kNaT});
  NdArray difference = apply("subtract", {a, b});
  EXPECT_EQ(difference.dtype(), delta);
  EXPECT_EQ(values<int64_t>(difference), (std::vector<int64_t>{60, kNaT, kNaT}));
  EXPECT_EQ(values<uint8_t>(apply("less_equal", {a, b})), (std::vector<uint8_t>{0, 0, 0}));
  EXPECT_EQ(values<uint8_t>(apply("not_equal", {a, a})), (std::vector<uint8_t>{0, 1, 0}));
  EXPECT_EQ(values<uint8_t>(apply("isnat", {a})), (std::vector<uint8_t>{0, 1, 0}));
  NdArray milli = make<int64_t>(DType::timedelta(data::TimeUnit::kMilli), {1500, 10, -1});
  NdArray sum = apply("add", {a, milli});
  EXPECT_EQ(sum.dtype(), DType::datetime(data::TimeUnit::kMilli));
  EXPECT_EQ(values<int64_t>(sum), (std::vector<int64_t>{101500, kNaT, 299999}));
}

TEST(Program, HalvesAreComputedInSinglePrecision) {
  DType f2 = DType::of(TypeCode::kFloat16);
  NdArray a = make<_Float16>(f2, {1, 2.5, 65504, 0.1}),
          b = make<_Float16>(f2, {3, 0.5, 65504, 0.2});
  NdArray sum = apply("add", {a, b});
  EXPECT_EQ(sum.dtype(), f2);
  EXPECT_EQ(sum.as<_Float16>()[0], static_cast<_Float16>(4));
  EXPECT_TRUE(std::isinf(static_cast<float>(sum.as<_Float16>()[2])));
  EXPECT_EQ(sum.as<_Float16>()[3], static_cast<_Float16>(static_cast<float>(a.as<_Float16>()[3]) +
                                                         static_cast<float>(b.as<_Float16>()[3])));
}

TEST(Program, LoopsAreNumPys) {
  auto type = [](std::string_view function, std::vector<Operand> operands) {
    std::optional<Loop> loop = resolve(function, operands);
    return loop ? loop->result.str() : "none";
  };
  auto of = [](const char* text) { return Operand{DType::parse(text), false}; };
  Operand weak_int{data::kInt64Type, true}, weak_float{data::kFloat64Type, true};
  EXPECT_EQ(type("add", {of("|u1"), weak_int}), "|u1");
  EXPECT_EQ(type("add", {of("<i4"), weak_float}), "<f8");
  EXPECT_EQ(type("add", {of("<f4"), weak_float}), "<f4");
  EXPECT_EQ(type("add", {of("|b1"), weak_int}), "<i8");
  EXPECT_EQ(type("add", {of("<i8"), of("<u8")}), "<f8");
  EXPECT_EQ(type("divide", {of("|i1"), of("|i1")}), "<f8");
  EXPECT_EQ(type("sin", {of("|u1")}), "<f2");
  EXPECT_EQ(type("sin", {of("<i2")}), "<f4");
  EXPECT_EQ(type("arctan2", {of("|i1"), of("<u2")}), "<f4");
  EXPECT_EQ(type("clip", {of("|i1"), of("<u2"), of("<f4")}), "<f4");
  EXPECT_EQ(type("floor", {of("<i4")}), "<i4");
  EXPECT_EQ(type("power", {of("|b1"), of("|b1")}), "|i1");
  EXPECT_EQ(type("absolute", {of("<c8")}), "<f4");
  EXPECT_EQ(type("bitwise_and", {of("<f8"), of("<f8")}), "none");
  EXPECT_EQ(type("subtract", {of("<M8[s]"), of("<M8[ms]")}), "<m8[ms]");
  EXPECT_EQ(type("no_such_function", {of("<f8")}), "none");
  EXPECT_THROW(type("subtract", {of("|b1"), of("|b1")}), base::Error);
  EXPECT_THROW(type("negative", {of("|b1")}), base::Error);
}

TEST(Program, PythonIntegersMustFit) {
  DType u1 = DType::of(TypeCode::kUInt8);
  EXPECT_EQ(std::to_integer<int>(Constant::from_int(u1, 255).bytes[0]), 255);
  try {
    Constant::from_int(u1, 256);
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::kOverflow);
    EXPECT_STREQ(error.what(), "Python integer 256 out of bounds for uint8");
  }
  EXPECT_FALSE(int_fits(u1, -1));
  EXPECT_TRUE(int_fits(DType::of(TypeCode::kInt16), -32768));
}

TEST(Program, PowersOfSmallConstantsAreProducts) {
  DType f8 = data::kFloat64Type;
  for (double e : {1.0, 2.0, 3.0, 0.5, -1.0}) {
    Program program;
    Register r[2] = {program.input(f8), program.constant(Constant::from_double(f8, e))};
    program.set_result(program.call(Loop{"power", {f8, f8}, f8}, r));
    EXPECT_FALSE(program.has_transcendental());
    NdArray x = random_doubles({100}, 3, 0.1, 9);
    NdArray y = evaluate(program, {&x, 1});
    for (int i = 0; i < 100; ++i) {
      EXPECT_NEAR(y.as<double>()[i], std::pow(x.as<double>()[i], e), 1e-12);
    }
  }
}

// Random sums, differences, products and squares of a few inputs, constants and rows against the
// same on numbers: what the machine fuses and where it keeps values must not show.
TEST(Program, RandomExpressionsEqualAPlainLoop) {
  DType f8 = data::kFloat64Type;
  Loop loops[4] = {Loop{"add", {f8, f8}, f8}, Loop{"subtract", {f8, f8}, f8},
                   Loop{"multiply", {f8, f8}, f8}, Loop{"square", {f8}, f8}};
  for (uint64_t seed = 0; seed < 300; ++seed) {
    std::mt19937_64 engine(seed);
    std::vector<NdArray> inputs = {random_doubles({37, 70}, seed, -1, 1),
                                   random_doubles({70, 37}, seed + 1, -1, 1).transpose({1, 0}),
                                   random_doubles({37, 1}, seed + 2, -1, 1),
                                   random_doubles({}, seed + 3, -1, 1)};
    Program program;
    std::vector<Register> registers;
    std::vector<std::vector<double>> expected;
    for (const NdArray& input : inputs) {
      registers.push_back(program.input(f8));
      expected.push_back(values<double>(input.broadcast_to({37, 70})));
    }
    registers.push_back(program.constant(Constant::from_double(f8, 1.25)));
    expected.push_back(std::vector<double>(37 * 70, 1.25));
    for (int k = 0; k < 12; ++k) {
      size_t operation = engine() % 4, a = engine() % registers.size();
      size_t b = engine() % registers.size();
      Register both[2] = {registers[a], registers[b]};
      registers.push_back(program.call(loops[operation], {both, operation == 3 ? 1u : 2u}));
      std::vector<double> result;
      for (size_t i = 0; i < expected[a].size(); ++i) {
        double x = expected[a][i], y = expected[b][i];
        result.push_back(operation == 0   ? x + y
                         : operation == 1 ? x - y
                         : operation == 2 ? x * y
                                          : x * x);
      }
      expected.push_back(std::move(result));
    }
    program.set_result(registers.back());
    std::vector<double> got = values<double>(evaluate(program, inputs));
    for (size_t i = 0; i < got.size(); ++i) {
      bool equal = got[i] == expected.back()[i] ||
                   (got[i] != got[i] && expected.back()[i] != expected.back()[i]);
      ASSERT_TRUE(equal) << program.text() << " at " << i << ", seed " << seed;
    }
  }
}

TEST(Program, ComposedProgramsShareWhatIsEqual) {
  DType f8 = data::kFloat64Type;
  Loop add{"add", {f8, f8}, f8}, sin{"sin", {f8}, f8};
  Program inner;  // sin(x0)
  Register x = inner.input(f8);
  inner.set_result(inner.call(sin, {&x, 1}));
  Program outer;  // x0 + x1
  Register both[2] = {outer.input(f8), outer.input(f8)};
  outer.set_result(outer.call(add, both));
  Program twice = Program::compose(Program::compose(outer, 1, inner), 0, inner);
  EXPECT_EQ(twice.input_count(), 2u);
  EXPECT_EQ(twice.text(), "sin(x0) + sin(x1)");
  EXPECT_EQ(twice.instruction_count(), 3u);
  twice.merge_inputs(0, 1);
  EXPECT_EQ(twice.text(), "sin(x0) + sin(x0)");
  EXPECT_EQ(twice.instruction_count(), 2u);
  EXPECT_NE(twice.token(), outer.token());
  NdArray a = random_doubles({77}, 5);
  NdArray out = evaluate(twice, {&a, 1});
  for (int i = 0; i < 77; ++i) {
    EXPECT_NEAR(out.as<double>()[i], 2 * std::sin(a.as<double>()[i]), 1e-15);
  }
}

TEST(Program, CastsFollowAstype) {
  auto cast = [](const NdArray& from, DType to) {
    Program program;
    program.set_result(program.cast(program.input(from.dtype()), to));
    return evaluate(program, {&from, 1});
  };
  NdArray a = doubles({1.9, -1.9, 0, 300.5, kNaN});
  EXPECT_EQ(values<int32_t>(cast(a, data::kInt32Type))[1], -1);
  EXPECT_EQ(values<uint8_t>(cast(a, data::kBoolType)), (std::vector<uint8_t>{1, 1, 0, 1, 1}));
  NdArray c = cast(a, DType::of(TypeCode::kComplex64));
  EXPECT_EQ(values<float>(cast(c, data::kFloat32Type))[0], 1.9f);
  NdArray days = make<int64_t>(DType::datetime(data::TimeUnit::kDay),
                               {1, -1, std::numeric_limits<int64_t>::min()});
  NdArray hours = cast(days, DType::datetime(data::TimeUnit::kHour));
  EXPECT_EQ(values<int64_t>(hours),
            (std::vector<int64_t>{24, -24, std::numeric_limits<int64_t>::min()}));
  EXPECT_EQ(values<int64_t>(cast(hours, DType::datetime(data::TimeUnit::kWeek)))[1], -1);
}

}  // namespace
}  // namespace dusk::kernels::array
