// Functions of floats against the long double library, over wide ranges and at special values.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "dusk/kernels/array/program.h"

namespace dusk::kernels::array {
namespace {

using data::DType;
using data::NdArray;
using Unary = long double (*)(long double);
using Binary = long double (*)(long double, long double);

template <class T>
constexpr T kInf = std::numeric_limits<T>::infinity();
template <class T>
constexpr T kNaN = std::numeric_limits<T>::quiet_NaN();

template <class T>
DType type_of() {
  return sizeof(T) == 8 ? data::kFloat64Type : data::kFloat32Type;
}

template <class T>
std::vector<T> apply(std::string_view function, const std::vector<std::vector<T>>& arguments) {
  Program program;
  DType type = type_of<T>();
  std::vector<Register> registers;
  std::vector<NdArray> inputs;
  for (const std::vector<T>& values : arguments) {
    registers.push_back(program.input(type));
    inputs.push_back(NdArray::empty(type, {static_cast<int64_t>(values.size())}));
    std::copy(values.begin(), values.end(), inputs.back().template as<T>());
  }
  program.set_result(
      program.call(Loop{function, std::vector<DType>(arguments.size(), type), type}, registers));
  NdArray out = evaluate(program, inputs);
  return {out.as<T>(), out.as<T>() + out.size()};
}

// The C library computes what SLEEF cannot, near the overflow of these.
double bound_of(std::string_view name) { return name == "sinh" || name == "cosh" ? 1.5 : 1.001; }

// |got - want| in units of the last place of `want` as a T.
template <class T>
double ulps(T got, long double want) {
  T rounded = static_cast<T>(want);
  if (std::isnan(rounded) || std::isnan(got))
    return std::isnan(rounded) == std::isnan(got) ? 0 : 1e9;
  if (std::isinf(rounded) || std::isinf(got)) {
    if (rounded == got) return 0;
    // one side of the edge of what is finite
    T largest = std::numeric_limits<T>::max();
    bool edge = std::abs(rounded) == largest || std::abs(got) == largest;
    return edge && std::signbit(rounded) == std::signbit(got) ? 1 : 1e9;
  }
  T magnitude = std::max(std::abs(rounded), std::numeric_limits<T>::min());
  long double unit = static_cast<long double>(std::nextafter(magnitude, kInf<T>)) - magnitude;
  return static_cast<double>(std::abs(static_cast<long double>(got) - want) / unit);
}

// Values spread over [low, high]; over the magnitudes when the range is wide.
template <class T>
std::vector<T> spread(double low, double high, int count, uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> unit(0, 1);
  std::vector<T> x;
  for (int i = 0; i < count; ++i) {
    double u = unit(engine);
    bool wide = high > 1e4 && i % 2;
    double v = wide ? std::pow(high, u) * (low < 0 && unit(engine) < 0.5 ? -1 : 1)
                    : low + (high - low) * u;
    if (i % 5 == 4 && low <= 0 && high >= 0) v = (v < 0 ? -1 : 1) * std::pow(10.0, -300 * u);
    x.push_back(static_cast<T>(v));
  }
  return x;
}

template <class T>
void check(std::string_view name, Unary reference, double low, double high) {
  std::vector<T> x = spread<T>(low, high, 20011, 17);
  T special[] = {T(0),
                 T(-0.0),
                 T(1),
                 T(-1),
                 kInf<T>,
                 -kInf<T>,
                 kNaN<T>,
                 std::numeric_limits<T>::denorm_min(),
                 -std::numeric_limits<T>::denorm_min(),
                 std::numeric_limits<T>::min(),
                 std::numeric_limits<T>::max(),
                 std::numeric_limits<T>::lowest(),
                 T(0.5),
                 T(-0.5),
                 T(1e-10),
                 T(2)};
  x.insert(x.end(), std::begin(special), std::end(special));
  std::vector<T> y = apply<T>(name, {x});
  double worst = 0;
  T at = 0, got = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    double error = ulps<T>(y[i], reference(x[i]));
    if (error > worst) worst = error, at = x[i], got = y[i];
  }
  EXPECT_LE(worst, bound_of(name))
      << name << (sizeof(T) == 8 ? " double" : " float") << " at " << at << " gave " << got
      << " for " << static_cast<double>(reference(at));
}

struct Case {
  const char* name;
  Unary reference;
  double low, high;
};

const Case kCases[] = {
    {"sqrt", std::sqrt, 0, 1e300},     {"cbrt", std::cbrt, -1e300, 1e300},
    {"exp", std::exp, -760, 720},      {"exp2", std::exp2, -1090, 1030},
    {"expm1", std::expm1, -60, 720},   {"log", std::log, 0, 1e300},
    {"log2", std::log2, 0, 1e300},     {"log10", std::log10, 0, 1e300},
    {"log1p", std::log1p, -1, 1e300},  {"sin", std::sin, -1e18, 1e18},
    {"cos", std::cos, -1e18, 1e18},    {"tan", std::tan, -1e18, 1e18},
    {"sin", std::sin, -10, 10},        {"cos", std::cos, -10, 10},
    {"tan", std::tan, -10, 10},        {"arcsin", std::asin, -1, 1},
    {"arccos", std::acos, -1, 1},      {"arctan", std::atan, -1e300, 1e300},
    {"sinh", std::sinh, -711, 711},    {"cosh", std::cosh, -711, 711},
    {"tanh", std::tanh, -30, 30},      {"arcsinh", std::asinh, -1e300, 1e300},
    {"arccosh", std::acosh, 1, 1e300}, {"arctanh", std::atanh, -1, 1},
    {"rint", std::rint, -1e6, 1e6},    {"floor", std::floor, -1e6, 1e6},
    {"ceil", std::ceil, -1e6, 1e6},    {"trunc", std::trunc, -1e6, 1e6},
};

TEST(Math, DoublesAreWithinOneUnitInTheLastPlace) {
  for (const Case& c : kCases) check<double>(c.name, c.reference, c.low, c.high);
}
TEST(Math, FloatsAreWithinOneUnitInTheLastPlace) {
  for (const Case& c : kCases) {
    check<float>(c.name, c.reference, std::max(c.low, -3e38), std::min(c.high, 3e38));
  }
}

template <class T>
void check_binary(std::string_view name, Binary reference, double low, double high, double bound) {
  std::vector<T> x = spread<T>(low, high, 20011, 3), y = spread<T>(-high, high, 20011, 4);
  T special[] = {T(0), T(-0.0), T(1), T(-1), kInf<T>, -kInf<T>, kNaN<T>, T(0.5), T(-2), T(3)};
  for (T a : special) {
    for (T b : special) x.push_back(a), y.push_back(b);
  }
  std::vector<T> z = apply<T>(name, {x, y});
  double worst = 0;
  size_t at = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    double error = ulps<T>(z[i], reference(x[i], y[i]));
    if (error > worst) worst = error, at = i;
  }
  EXPECT_LE(worst, bound) << name << (sizeof(T) == 8 ? " double" : " float") << " of " << x[at]
                          << ", " << y[at] << " gave " << z[at];
}

TEST(Math, FunctionsOfTwoFloats) {
  check_binary<double>("power", std::pow, 0, 50, 1.001);
  check_binary<float>("power", std::pow, 0, 50, 1.001);
  check_binary<double>("arctan2", std::atan2, -1e3, 1e3, 1.001);
  check_binary<float>("arctan2", std::atan2, -1e3, 1e3, 1.001);
  check_binary<double>("hypot", std::hypot, -1e300, 1e300, 1.0);
  check_binary<float>("hypot", std::hypot, -1e38, 1e38, 1.0);
  check_binary<double>("fmod", std::fmod, -1e6, 1e6, 0);
  check_binary<double>("copysign", std::copysign, -1e6, 1e6, 0);
}

TEST(Math, SumsOfExponentialsDoNotOverflow) {
  std::vector<double> a = {0,           1000, -1000, 3, kInf<double>, -kInf<double>, -kInf<double>,
                           kNaN<double>};
  std::vector<double> b = {0, 1000, -1001, -40, 1, 2, -kInf<double>, 0};
  std::vector<double> y = apply<double>("logaddexp", {a, b});
  EXPECT_NEAR(y[0], std::log(2.0), 1e-15);
  EXPECT_NEAR(y[1], 1000 + std::log(2.0), 1e-12);
  EXPECT_NEAR(y[2], -1000 + std::log1p(std::exp(-1.0)), 1e-12);
  EXPECT_EQ(y[3], 3);
  EXPECT_EQ(y[4], kInf<double>);
  EXPECT_EQ(y[5], 2);
  EXPECT_EQ(y[6], -kInf<double>);
  EXPECT_TRUE(std::isnan(y[7]));
  std::vector<double> z = apply<double>("logaddexp2", {{1, 3}, {1, 3}});
  EXPECT_NEAR(z[0], 2, 1e-15);
  EXPECT_NEAR(z[1], 4, 1e-15);
}

TEST(Math, FlooredDivisionIsExact) {
  std::vector<double> x = spread<double>(-1e15, 1e15, 20011, 7),
                      y = spread<double>(-1e3, 1e3, 20011, 8);
  std::vector<double> q = apply<double>("floor_divide", {x, y});
  std::vector<double> r = apply<double>("remainder", {x, y});
  for (size_t i = 0; i < x.size(); ++i) {
    double mod = std::fmod(x[i], y[i]);
    if (mod != 0 && (mod < 0) != (y[i] < 0)) mod += y[i];
    ASSERT_EQ(r[i], mod) << x[i] << " % " << y[i];
    double div = std::floor((x[i] - mod) / y[i] + 0.5);
    if (std::abs(div) < 1e15) {
      ASSERT_EQ(q[i], div) << x[i] << " // " << y[i];
    }
  }
}

}  // namespace
}  // namespace dusk::kernels::array
