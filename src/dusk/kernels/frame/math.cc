#include <arrow/api.h>

#include <cmath>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/functions.h"

namespace dusk::kernels::frame {
namespace {

struct MathRow {
  const char* name;
  double (*of_double)(double);
  float (*of_float)(float);
};

constexpr MathRow kRows[] = {{"sqrt", std::sqrt, std::sqrt},    {"exp", std::exp, std::exp},
                             {"expm1", std::expm1, std::expm1}, {"exp2", std::exp2, std::exp2},
                             {"log", std::log, std::log},       {"log2", std::log2, std::log2},
                             {"log10", std::log10, std::log10}, {"log1p", std::log1p, std::log1p},
                             {"sin", std::sin, std::sin},       {"cos", std::cos, std::cos},
                             {"tan", std::tan, std::tan},       {"arcsin", std::asin, std::asin},
                             {"arccos", std::acos, std::acos},  {"arctan", std::atan, std::atan},
                             {"sinh", std::sinh, std::sinh},    {"cosh", std::cosh, std::cosh},
                             {"tanh", std::tanh, std::tanh},    {"floor", std::floor, std::floor},
                             {"ceil", std::ceil, std::ceil},    {"trunc", std::trunc, std::trunc}};

template <class T, class F>
std::shared_ptr<arrow::Array> apply(const Operand& x, F f) {
  ColumnView view = view_of(*x.array);
  auto values = allocate_bytes(view.length * static_cast<int64_t>(sizeof(T)));
  T* out = reinterpret_cast<T*>(values->mutable_data());
  for (int64_t i = 0; i < view.length; ++i) out[i] = f(view.as<T>()[i]);
  return fixed_array(x.array->type(), view.length, values, common_validity(x, x, view.length));
}

Operand floating(const Call& call) {
  Operand x = decoded(call.args[0]);
  if (!is_number_type(*x.array->type())) {
    throw base::type_error("[" + call.function + "] is not defined for " +
                           x.array->type()->ToString());
  }
  return arrow::is_floating(x.array->type_id()) ? x : cast_operand(x, arrow::float64());
}

std::shared_ptr<arrow::Array> math(const Call& call) {
  bool rounding = call.function == "floor" || call.function == "ceil" || call.function == "trunc";
  if (rounding && arrow::is_integer(call.args[0].array->type_id())) return call.args[0].array;
  Operand x = floating(call);
  for (const MathRow& row : kRows) {
    if (call.function != row.name) continue;
    return x.array->type_id() == arrow::Type::FLOAT ? apply<float>(x, row.of_float)
                                                    : apply<double>(x, row.of_double);
  }
  throw base::runtime_error("[math] " + call.function);
}

std::shared_ptr<arrow::Array> finite(const Call& call) {
  Operand x = cast_operand(floating(call), arrow::float64());
  ColumnView view = view_of(*x.array);
  auto bytes = allocate_bytes(view.length);
  bool want_finite = call.function == "isfinite";
  for (int64_t i = 0; i < view.length; ++i) {
    double v = view.as<double>()[i];
    bool answer = want_finite ? std::isfinite(v) : std::isinf(v);
    bytes->mutable_data()[i] = answer && view.valid(i);
  }
  return bool_array(bytes->data(), view.length);
}

}  // namespace

std::vector<Function> math_functions() {
  std::vector<Function> functions = {{"isfinite", 1, 1, finite}, {"isinf", 1, 1, finite}};
  for (const MathRow& row : kRows) functions.push_back({row.name, 1, 1, math});
  return functions;
}

}  // namespace dusk::kernels::frame
