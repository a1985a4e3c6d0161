// Expressions whose value is one Python object: delayed calls, literal objects, single blocks.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>

#include "dusk/base/token.h"
#include "dusk/graph/expr.h"

namespace dusk::bindings {

// A node of the object family: exactly one block.
class ObjectNode : public graph::Expr {
 public:
  using Expr::Expr;
  int64_t block_count() const override { return 1; }
  // The Python object that this node holds, borrowed, when nothing but this node holds its
  // reference; else null. For Python's cycle collector.
  virtual PyObject* only_ours() const { return nullptr; }
  // True when prefix() is the whole key, as the user gave it.
  virtual bool keyed() const { return false; }
  std::string key() const override { return keyed() ? prefix() : Expr::key(); }
};

// The token that `text` is the hexadecimal form of, or stands for.
base::Token token_from(std::string_view text);

// Block `index` of another family's expression.
graph::ExprPtr object_block(graph::ExprPtr of, int64_t index);

}  // namespace dusk::bindings
