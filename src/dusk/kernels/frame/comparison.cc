#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/util/bitmap_ops.h>

#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/functions.h"

namespace dusk::kernels::frame {
namespace {

enum class Order : uint8_t { kEqual, kLess, kLessEqual };

struct Comparison {
  Order order;
  bool swapped;  // compares b with a
  bool negated;  // "ne"
  const char* arrow_name;
};

Comparison comparison_of(const std::string& name) {
  if (name == "eq") return {Order::kEqual, false, false, "equal"};
  if (name == "ne") return {Order::kEqual, false, true, "not_equal"};
  if (name == "lt") return {Order::kLess, false, false, "less"};
  if (name == "le") return {Order::kLessEqual, false, false, "less_equal"};
  if (name == "gt") return {Order::kLess, true, false, "greater"};
  return {Order::kLessEqual, true, false, "greater_equal"};
}

struct Equal {
  template <class T>
  static bool run(const T& a, const T& b) {
    return a == b;
  }
};
struct Less {
  template <class T>
  static bool run(const T& a, const T& b) {
    return a < b;
  }
};
struct LessEqual {
  template <class T>
  static bool run(const T& a, const T& b) {
    return a <= b;
  }
};

constexpr int64_t kBlock = 1024;

template <class Op, class T>
void number_loop(const T* a, bool a_one, const T* b, bool b_one, int64_t n, uint8_t* bits) {
  uint8_t bytes[kBlock];
  for (int64_t start = 0; start < n; start += kBlock) {
    int64_t count = std::min(kBlock, n - start);
    const T* x = a_one ? a : a + start;
    const T* y = b_one ? b : b + start;
    if (a_one) {
      for (int64_t i = 0; i < count; ++i) bytes[i] = Op::run(*x, y[i]);
    } else if (b_one) {
      const T one = *y;
      for (int64_t i = 0; i < count; ++i) bytes[i] = Op::run(x[i], one);
    } else {
      for (int64_t i = 0; i < count; ++i) bytes[i] = Op::run(x[i], y[i]);
    }
    pack_bits(bytes, count, bits + start / 8);
  }
}

template <class Op>
void text_loop(const ColumnView& a, bool a_one, const ColumnView& b, bool b_one, int64_t n,
               uint8_t* bits) {
  uint8_t bytes[kBlock];
  for (int64_t start = 0; start < n; start += kBlock) {
    int64_t count = std::min(kBlock, n - start);
    for (int64_t i = 0; i < count; ++i) {
      bytes[i] = Op::run(a.text(a_one ? 0 : start + i), b.text(b_one ? 0 : start + i));
    }
    pack_bits(bytes, count, bits + start / 8);
  }
}

template <class F>
void with_order(Order order, F&& f) {
  switch (order) {
    case Order::kEqual: return f(Equal{});
    case Order::kLess: return f(Less{});
    case Order::kLessEqual: return f(LessEqual{});
  }
}

bool stored_plainly(const arrow::DataType& type) {
  Storage storage = storage_of(type);
  return is_number(storage) || is_text(storage);
}

// Missing compares unequal to everything.
std::shared_ptr<arrow::Array> compared(const Comparison& how, Operand a, Operand b, int64_t n) {
  if (how.swapped) std::swap(a, b);
  auto left = as_array(a, 1), right = as_array(b, 1);
  ColumnView va = view_of(*left), vb = view_of(*right);
  auto bits = allocate_bytes((n + 7) / 8);
  with_order(how.order, [&](auto op) {
    using Op = decltype(op);
    if (is_text(va.storage)) {
      return text_loop<Op>(va, a.is_scalar(), vb, b.is_scalar(), n, bits->mutable_data());
    }
    dispatch_number(va.storage, [&](auto zero) {
      using T = decltype(zero);
      number_loop<Op>(va.as<T>(), a.is_scalar(), vb.as<T>(), b.is_scalar(), n,
                      bits->mutable_data());
    });
  });
  if (auto valid = common_validity(a, b, n)) {
    arrow::internal::BitmapAnd(bits->data(), 0, valid->data(), 0, n, 0, bits->mutable_data());
  }
  if (how.negated) arrow::internal::InvertBitmap(bits->data(), 0, n, bits->mutable_data(), 0);
  return fixed_array(arrow::boolean(), n, bits);
}

std::shared_ptr<arrow::Array> constant(bool value, int64_t n) {
  return as_array({nullptr, arrow::MakeScalar(value), false}, n);
}

// A dictionary against one value: compares each entry once.
std::shared_ptr<arrow::Array> by_dictionary(const Call& call) {
  const auto& coded = static_cast<const arrow::DictionaryArray&>(*call.args[0].array);
  std::vector<Operand> args = {operand_of(normalised(coded.dictionary())), call.args[1]};
  int64_t entries = coded.dictionary()->length();
  auto of_entries = run_function(call.function, std::move(args), entries);
  auto taken = call_array("take", {of_entries, coded.indices()});
  return without_nulls(taken, call.function == "ne");
}

std::shared_ptr<arrow::Array> compare(const Call& call) {
  const Comparison how = comparison_of(call.function);
  auto coded = [](const Operand& x) {
    return !x.is_scalar() && x.array->type_id() == arrow::Type::DICTIONARY;
  };
  if (coded(call.args[0]) && call.args[1].is_scalar()) return by_dictionary(call);
  Operand a = decoded(call.args[0]), b = decoded(call.args[1]);
  for (const Operand* x : {&a, &b}) {
    if (type_of(*x)->id() == arrow::Type::NA || (x->is_scalar() && !x->scalar->is_valid)) {
      return constant(how.negated, call.length);
    }
  }
  auto ta = type_of(a), tb = type_of(b);
  auto type = common_type(a, b);
  if (type == nullptr) {
    bool comparable =
        arrow::is_decimal(ta->id()) || arrow::is_decimal(tb->id()) || ta->id() == tb->id();
    if (!comparable && how.order == Order::kEqual) return constant(how.negated, call.length);
    if (!comparable) {
      throw base::type_error("[" + call.function + "] invalid comparison between " +
                             ta->ToString() + " and " + tb->ToString());
    }
  } else {
    if (type->id() == arrow::Type::BOOL) type = arrow::uint8();
    a = cast_operand(a, type);
    b = cast_operand(b, type);
    if (stored_plainly(*type)) return compared(how, a, b, call.length);
  }
  auto result = call_array(how.arrow_name, {as_datum(a), as_datum(b)}, nullptr, call.function);
  return without_nulls(result, how.negated);
}

std::shared_ptr<arrow::Array> between(const Call& call) {
  std::string inclusive = text_option(call, "inclusive", "both");
  const char* low = inclusive == "both" || inclusive == "left" ? "ge" : "gt";
  const char* high = inclusive == "both" || inclusive == "right" ? "le" : "lt";
  if (inclusive != "both" && inclusive != "left" && inclusive != "right" &&
      inclusive != "neither") {
    throw base::value_error(
        "[between] Inclusive has to be either string of 'both','left', 'right', or 'neither'.");
  }
  auto above = run_function(low, {call.args[0], call.args[1]}, call.length);
  auto below = run_function(high, {call.args[0], call.args[2]}, call.length);
  return run_function("and", {operand_of(above), operand_of(below)}, call.length);
}

}  // namespace

std::vector<Function> comparison_functions() {
  return {{"eq", 2, 2, compare},     {"ne", 2, 2, compare}, {"lt", 2, 2, compare},
          {"le", 2, 2, compare},     {"gt", 2, 2, compare}, {"ge", 2, 2, compare},
          {"between", 3, 3, between}};
}

}  // namespace dusk::kernels::frame
