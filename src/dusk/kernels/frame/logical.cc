#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/util/bitmap_ops.h>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/functions.h"

namespace dusk::kernels::frame {
namespace {

const uint8_t* bits_of_values(const arrow::Array& array) {
  return array.data()->buffers[1]->data();
}

std::shared_ptr<arrow::Array> combine_bits(const std::string& name, const arrow::Array& a,
                                           const arrow::Array& b) {
  int64_t n = a.length();
  auto out = allocate_bytes((n + 7) / 8);
  const uint8_t *x = bits_of_values(a), *y = bits_of_values(b);
  if (name == "and") {
    arrow::internal::BitmapAnd(x, a.offset(), y, b.offset(), n, 0, out->mutable_data());
  } else if (name == "or") {
    arrow::internal::BitmapOr(x, a.offset(), y, b.offset(), n, 0, out->mutable_data());
  } else {
    arrow::internal::BitmapXor(x, a.offset(), y, b.offset(), n, 0, out->mutable_data());
  }
  return fixed_array(arrow::boolean(), n, out);
}

std::shared_ptr<arrow::Array> logical(const Call& call) {
  Operand a = call.args[0], b = call.args[1];
  auto type = common_type(a, b);
  if (type == nullptr || !is_number_type(*type) || arrow::is_floating(type->id())) {
    throw base::type_error("[" + call.function + "] is not defined for " + type_of(a)->ToString() +
                           " and " + type_of(b)->ToString());
  }
  a = cast_operand(a, type);
  b = cast_operand(b, type);
  if (type->id() != arrow::Type::BOOL) {
    return call_array("bit_wise_" + call.function, {as_datum(a), as_datum(b)}, nullptr,
                      call.function);
  }
  auto left = as_array(a, call.length), right = as_array(b, call.length);
  if (call.length > 0 && left->null_count() == 0 && right->null_count() == 0) {
    return combine_bits(call.function, *left, *right);
  }
  std::string name = call.function == "xor" ? "xor" : call.function + "_kleene";
  return call_array(name, {left, right}, nullptr, call.function);
}

std::shared_ptr<arrow::Array> invert(const Call& call) {
  auto x = call.args[0].array;
  auto type = x->type();
  if (arrow::is_integer(type->id())) return call_array("bit_wise_not", {x}, nullptr, "invert");
  if (type->id() == arrow::Type::BOOL) return call_array("invert", {x});
  throw base::type_error("[invert] bad operand type for unary ~: " + type->ToString());
}

}  // namespace

std::vector<Function> logical_functions() {
  return {{"and", 2, 2, logical},
          {"or", 2, 2, logical},
          {"xor", 2, 2, logical},
          {"invert", 1, 1, invert}};
}

}  // namespace dusk::kernels::frame
