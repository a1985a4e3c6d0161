#include "bindings/expr.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/finalize.h"
#include "bindings/plan.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

nb::list inputs_of(const PyExpr& self) {
  nb::list inputs;
  for (const graph::ExprPtr& input : self.expr->inputs()) inputs.append(wrap(input));
  return inputs;
}

std::vector<std::string> keys(const PyExpr& self) {
  graph::LayerPtr layer = graph::lower(std::span(&self.expr, 1))[0];
  std::vector<std::string> keys;
  std::vector<graph::Dependency> at;
  for (int64_t i = 0; i < layer->size(); ++i) {
    const graph::Layer* final = layer.get();
    int64_t index = i;
    while (final->forwards()) {
      at.clear();
      final->dependencies(index, at);
      index = at[0].index;
      final = final->inputs()[at[0].input].get();
    }
    keys.push_back(final->key(index));
  }
  return keys;
}

std::shared_ptr<graph::Expr> copy_of(const graph::Expr& expr) {
  auto copy = std::const_pointer_cast<graph::Expr>(expr.with_inputs(expr.inputs()));
  copy->stand_for(expr);
  return copy;
}

nb::object set_annotations(const PyExpr& self, graph::Annotations annotations) {
  auto copy = copy_of(*self.expr);
  copy->set_annotations(std::move(annotations));
  return wrap(std::move(copy));
}

nb::object set_name(const PyExpr& self, std::string name) {
  if (self.expr->single_task()) throw base::type_error("[set_name] takes no single task");
  if (name.empty()) throw base::value_error("[set_name] a name must not be empty");
  auto copy = copy_of(*self.expr);
  copy->set_name(std::move(name));
  return wrap(std::move(copy));
}

nb::list optimized(nb::handle exprs) {
  nb::list results;
  for (graph::ExprPtr& expr : optimize(exprs_from_python(exprs))) results.append(wrap(expr));
  return results;
}

}  // namespace

void bind_expr(nb::module_& m) {
  nb::class_<PyExpr>(m, "Expr", "An immutable expression: what a collection is.")
      .def_prop_ro("token", [](const PyExpr& e) { return e.expr->token().hex(); })
      .def_prop_ro("kind", [](const PyExpr& e) { return std::string(e.expr->kind()); })
      .def_prop_ro("name", [](const PyExpr& e) { return e.expr->key(); })
      .def_prop_ro("block_count", [](const PyExpr& e) { return e.expr->block_count(); })
      .def_prop_ro("inputs", &inputs_of)
      .def("describe", [](const PyExpr& e) { return e.expr->describe(); });
  m.def("optimize", &optimized, nb::arg("exprs"), "Runs the expression passes.");
  m.def("keys", &keys, nb::arg("expr"));
  m.def("set_annotations", &set_annotations, nb::arg("expr"), nb::arg("annotations"));
  m.def("set_name", &set_name, nb::arg("expr"), nb::arg("name"),
        "The same computation under a name of its own, which begins its blocks' keys.");
  m.def(
      "annotations", [](const PyExpr& e) { return e.expr->annotations(); }, nb::arg("expr"));
}

}  // namespace dusk::bindings
