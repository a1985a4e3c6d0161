// How each family of expressions meets Python.
//
// A family is one Python class of expressions (ArrayExpr, FrameExpr, ObjectExpr) with the C++ nodes
// behind it. compute(), persist() and delayed calls know families only by this interface; the
// list of them is family_of() in module.cc.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dusk/data/value.h"
#include "dusk/graph/codec.h"
#include "dusk/graph/expr.h"

namespace dusk::bindings {

namespace nb = nanobind;

// What Python holds. The classes below are bound as Expr, ArrayExpr(Expr), FrameExpr(Expr) and
// ObjectExpr(Expr); functions take and return them by value.
struct PyExpr {
  graph::ExprPtr expr;
};
struct PyArrayExpr : PyExpr {};
struct PyFrameExpr : PyExpr {};
struct PyObjectExpr : PyExpr {};

class RemoteBlocks;  // lowered.h

// Which node it is; under a name that was given, whatever became of the node that got it.
struct Identity {
  base::Token token;
  std::string key;
  std::string prefix;
};
inline Identity identity_of(const graph::Expr& expr) {
  const auto& given = expr.given_name();
  return {given ? given->of : expr.token(), expr.key(), expr.prefix()};
}

class Family {
 public:
  virtual ~Family() = default;
  // Whether `expr` is a node of this family.
  virtual bool owns(const graph::Expr& expr) const = 0;
  // The Python object for a node of this family.
  virtual nb::object wrap(graph::ExprPtr expr) const = 0;
  // What compute() runs in the place of `expr` (blocks that land in the result); `expr` itself by
  // default. finish() then gets what this returned.
  virtual graph::ExprPtr collected(const graph::ExprPtr& expr) const { return expr; }
  // What compute() returns for the values of all of the node's blocks, in C order: an ndarray, a
  // Table, an object. Called with the GIL, on any thread; long copies should let go of it.
  virtual nb::object finish(const graph::Expr& expr, data::ValueList blocks) const = 0;
  // The family's expression passes, over all roots of a computation; the default has none.
  virtual std::vector<graph::ExprPtr> optimize(std::vector<graph::ExprPtr> roots) const {
    return roots;
  }
  // A node with the same metadata whose blocks are already here (persist).
  virtual graph::ExprPtr persisted(const graph::Expr& expr, data::ValueList blocks) const = 0;
  // A node with the same metadata that is made by `layer`; `blocks` when that needs blocks on a
  // cluster.
  virtual graph::ExprPtr lowered(const graph::Expr& expr, graph::LayerPtr layer,
                                 std::shared_ptr<const RemoteBlocks> blocks) const = 0;
  // The metadata as bytes, and a node that has them and cannot be computed.
  virtual void write_shape(const graph::Expr& expr, graph::Encoder& out) const = 0;
  virtual graph::ExprPtr read_shape(graph::Decoder& in, Identity identity) const = 0;
};

// Defined beside the bindings of each family.
const Family& array_family();   // array_family.cc
const Family& frame_family();   // frame_family.cc
const Family& object_family();  // object.cc

std::span<const Family* const> families();
const Family& family_of(const graph::Expr& expr);
inline nb::object wrap(graph::ExprPtr expr) {
  const Family& family = family_of(*expr);
  return family.wrap(std::move(expr));
}

void bind_array(nb::module_& m);   // array_*.cc
void bind_frame(nb::module_& m);   // frame_*.cc
void bind_object(nb::module_& m);  // object.cc

}  // namespace dusk::bindings
