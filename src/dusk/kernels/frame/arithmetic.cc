#include <arrow/api.h>
#include <arrow/compute/api.h>

#include <cmath>
#include <limits>
#include <type_traits>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/functions.h"

namespace dusk::kernels::frame {
namespace {

template <class T>
using Wrapping = typename std::conditional_t<std::is_integral_v<T>, std::make_unsigned<T>,
                                             std::type_identity<T>>::type;

struct Add {
  template <class T>
  static T run(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
  }
};
struct Subtract {
  template <class T>
  static T run(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
  }
};
struct Multiply {
  template <class T>
  static T run(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
    } else {
      return a * b;
    }
  }
};
struct Divide {
  template <class T>
  static T run(T a, T b) {
    return a / b;
  }
};
struct FloorDivide {
  template <class T>
  static T run(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<T>) {
        if (b == -1) return Subtract::run(T{0}, a);
        T q = static_cast<T>(a / b);
        return static_cast<T>(q - ((a % b != 0) && ((a < 0) != (b < 0))));
      }
      return static_cast<T>(a / b);
    } else {
      if (b == 0) return a / b;
      T mod = std::fmod(a, b);
      T quotient = (a - mod) / b;
      if (mod != 0 && (b < 0) != (mod < 0)) quotient -= 1;
      if (quotient == 0) return std::copysign(T{0}, a / b);
      T whole = std::floor(quotient);
      return quotient - whole > T(0.5) ? whole + 1 : whole;
    }
  }
};
struct Modulo {
  template <class T>
  static T run(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<T>) {
        if (b == -1) return 0;
        T r = static_cast<T>(a % b);
        return static_cast<T>(r != 0 && (r < 0) != (b < 0) ? r + b : r);
      }
      return static_cast<T>(a % b);
    } else {
      T mod = std::fmod(a, b);
      if (mod == 0) return std::copysign(T{0}, b);
      return (b < 0) != (mod < 0) ? mod + b : mod;
    }
  }
};
struct Power {
  template <class T>
  static T run(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
      T result = 1;
      for (auto left = static_cast<uint64_t>(b); left != 0; left >>= 1) {
        if (left & 1) result = Multiply::run(result, a);
        a = Multiply::run(a, a);
      }
      return result;
    } else {
      return std::pow(a, b);
    }
  }
};

template <class Op, class T>
void loop(const T* a, bool a_one, const T* b, bool b_one, int64_t n, T* __restrict out) {
  if (a_one) {
    const T one = *a;
    for (int64_t i = 0; i < n; ++i) out[i] = Op::run(one, b[i]);
  } else if (b_one) {
    const T one = *b;
    for (int64_t i = 0; i < n; ++i) out[i] = Op::run(a[i], one);
  } else {
    for (int64_t i = 0; i < n; ++i) out[i] = Op::run(a[i], b[i]);
  }
}

[[noreturn]] void refuse(const Call& call) {
  std::string types = type_of(call.args[0])->ToString();
  if (call.args.size() > 1) types += " and " + type_of(call.args[1])->ToString();
  throw base::type_error("[" + call.function + "] is not defined for " + types);
}

bool is_null(const Operand& x) { return x.is_scalar() && !x.scalar->is_valid; }

template <class Op>
std::shared_ptr<arrow::Array> numbers(const Operand& x, const Operand& y,
                                      const std::shared_ptr<arrow::DataType>& type, int64_t n) {
  if (is_null(x) || is_null(y)) return all_missing(type, n);
  Operand a = cast_operand(x, type), b = cast_operand(y, type);
  auto left = as_array(a, 1), right = as_array(b, 1);
  ColumnView va = view_of(*left), vb = view_of(*right);
  auto values = allocate_bytes(n * va.width);
  dispatch_number(va.storage, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (!(std::is_same_v<Op, Divide> && std::is_integral_v<T>)) {
      loop<Op>(va.as<T>(), a.is_scalar(), vb.as<T>(), b.is_scalar(), n,
               reinterpret_cast<T*>(values->mutable_data()));
    }
  });
  return fixed_array(type, n, values, common_validity(a, b, n));
}

std::shared_ptr<arrow::Array> bools(const Call& call) {
  if (call.function == "add") return run_function("or", call.args, call.length);
  if (call.function == "multiply") return run_function("and", call.args, call.length);
  if (call.function == "subtract") {
    throw base::type_error(
        "[subtract] numpy boolean subtract, the `-` operator, is not supported, use xor instead");
  }
  refuse(call);
}

// Times, durations, decimals.
std::shared_ptr<arrow::Array> by_arrow(const Call& call, Operand a, Operand b) {
  if (call.function != "add" && call.function != "subtract" && call.function != "multiply" &&
      call.function != "divide") {
    refuse(call);
  }
  if (is_string_type(*type_of(a)) && is_time_type(*type_of(b))) a = cast_operand(a, type_of(b));
  if (is_string_type(*type_of(b)) && is_time_type(*type_of(a))) b = cast_operand(b, type_of(a));
  return call_array(call.function, {as_datum(a), as_datum(b)}, nullptr, call.function);
}

std::shared_ptr<arrow::Array> joined_text(Operand a, Operand b, int64_t length) {
  auto type = common_type(a, b);
  if (is_null(a) || is_null(b)) return all_missing(type, length);
  a = cast_operand(a, type);
  b = cast_operand(b, type);
  arrow::compute::JoinOptions options;
  auto separator = cast_operand({nullptr, arrow::MakeScalar(std::string()), true}, type);
  return call_array("binary_join_element_wise", {as_datum(a), as_datum(b), separator.scalar},
                    &options, "add");
}

template <class Op>
std::shared_ptr<arrow::Array> binary(const Call& call) {
  Operand a = decoded(call.args[0]), b = decoded(call.args[1]);
  auto ta = type_of(a), tb = type_of(b);
  if (ta->id() == arrow::Type::NA) a = cast_operand(a, ta = tb);
  if (tb->id() == arrow::Type::NA) b = cast_operand(b, tb = ta);
  if (std::is_same_v<Op, Add> && is_string_type(*ta) && is_string_type(*tb)) {
    return joined_text(a, b, call.length);
  }
  if (is_string_type(*ta) && is_string_type(*tb)) refuse(call);
  if (!is_number_type(*ta) || !is_number_type(*tb)) return by_arrow(call, a, b);
  auto type = common_type(a, b);
  if (std::is_same_v<Op, Divide>) {
    if (!arrow::is_floating(type->id())) type = arrow::float64();
  } else if (type->id() == arrow::Type::BOOL) {
    if (!std::is_same_v<Op, FloorDivide> && !std::is_same_v<Op, Modulo> &&
        !std::is_same_v<Op, Power>) {
      return bools(call);
    }
    type = arrow::int8();
  }
  if (std::is_same_v<Op, Power> && arrow::is_signed_integer(type->id()) && b.is_scalar() &&
      b.scalar->is_valid) {
    auto exponent =
        std::static_pointer_cast<arrow::Int64Scalar>(cast_operand(b, arrow::int64()).scalar);
    if (exponent->value < 0) {
      throw base::value_error("[pow] Integers to negative integer powers are not allowed.");
    }
  }
  return numbers<Op>(a, b, type, call.length);
}

template <class Op>
std::shared_ptr<arrow::Array> unary(const Operand& x, int64_t n) {
  ColumnView view = view_of(*x.array);
  auto values = allocate_bytes(n * view.width);
  dispatch_number(view.storage, [&](auto zero) {
    using T = decltype(zero);
    const T* in = view.as<T>();
    T* out = reinterpret_cast<T*>(values->mutable_data());
    for (int64_t i = 0; i < n; ++i) out[i] = Op::run(in[i]);
  });
  return fixed_array(x.array->type(), n, values, common_validity(x, x, n));
}

struct Negative {
  template <class T>
  static T run(T a) {
    if constexpr (std::is_integral_v<T>) return Subtract::run(T{0}, a);
    return -a;
  }
};
struct Absolute {
  template <class T>
  static T run(T a) {
    if constexpr (std::is_floating_point_v<T>) return std::fabs(a);
    if constexpr (std::is_unsigned_v<T>) return a;
    return a < 0 ? Subtract::run(T{0}, a) : a;
  }
};
struct Sign {
  template <class T>
  static T run(T a) {
    if (a != a) return a;
    return static_cast<T>((a > 0) - (a < 0));
  }
};

template <class Op>
std::shared_ptr<arrow::Array> signed_unary(const Call& call) {
  Operand x = decoded(call.args[0]);
  auto type = type_of(x);
  if (type->id() == arrow::Type::BOOL && std::is_same_v<Op, Absolute>) return x.array;
  if (type->id() == arrow::Type::DURATION) {
    auto counts = unary<Op>(cast_operand(x, arrow::int64()), call.length);
    return std::is_same_v<Op, Sign> ? counts : cast_array(counts, type);
  }
  if (type->id() == arrow::Type::DECIMAL128 || type->id() == arrow::Type::DECIMAL256) {
    const char* name = std::is_same_v<Op, Negative>   ? "negate"
                       : std::is_same_v<Op, Absolute> ? "abs"
                                                      : "sign";
    return call_array(name, {x.array}, nullptr, call.function);
  }
  if (!is_number_type(*type) || type->id() == arrow::Type::BOOL) refuse(call);
  return unary<Op>(x, call.length);
}

template <class T>
std::shared_ptr<arrow::Array> rounded(const Operand& x, int64_t decimals, int64_t n) {
  auto values = allocate_bytes(n * static_cast<int64_t>(sizeof(T)));
  ColumnView view = view_of(*x.array);
  const T* in = view.as<T>();
  T* out = reinterpret_cast<T*>(values->mutable_data());
  auto scale = static_cast<T>(std::pow(10.0, static_cast<double>(std::abs(decimals))));
  for (int64_t i = 0; i < n; ++i) {
    out[i] = decimals >= 0 ? std::nearbyint(in[i] * scale) / scale
                           : std::nearbyint(in[i] / scale) * scale;
  }
  return fixed_array(x.array->type(), n, values, common_validity(x, x, n));
}

std::shared_ptr<arrow::Array> round(const Call& call) {
  Operand x = decoded(call.args[0]);
  int64_t decimals = integer_option(call, "decimals", 0);
  auto type = type_of(x);
  if (type->id() == arrow::Type::FLOAT) return rounded<float>(x, decimals, call.length);
  if (type->id() == arrow::Type::DOUBLE) return rounded<double>(x, decimals, call.length);
  if (is_number_type(*type) && decimals >= 0) return x.array;
  arrow::compute::RoundOptions options(decimals, arrow::compute::RoundMode::HALF_TO_EVEN);
  return call_array("round", {x.array}, &options, "round");
}

}  // namespace

std::vector<Function> arithmetic_functions() {
  return {{"add", 2, 2, binary<Add>},
          {"subtract", 2, 2, binary<Subtract>},
          {"multiply", 2, 2, binary<Multiply>},
          {"divide", 2, 2, binary<Divide>},
          {"floordiv", 2, 2, binary<FloorDivide>},
          {"mod", 2, 2, binary<Modulo>},
          {"pow", 2, 2, binary<Power>},
          {"neg", 1, 1, signed_unary<Negative>},
          {"abs", 1, 1, signed_unary<Absolute>},
          {"sign", 1, 1, signed_unary<Sign>},
          {"round", 1, 1, round}};
}

}  // namespace dusk::kernels::frame
