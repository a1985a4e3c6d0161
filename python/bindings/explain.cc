#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/expr.h"
#include "bindings/plan.h"
#include "dusk/graph/explain.h"
#include "dusk/graph/svg.h"

namespace dusk::bindings {
namespace {

std::string explain(nb::handle sequence, bool optimized) {
  std::vector<graph::ExprPtr> exprs = exprs_from_python(sequence);
  nb::gil_scoped_release unlocked;
  std::string text = graph::explain(*make_plan(exprs, false).graph, "As written");
  if (!optimized) return text;
  return text + graph::explain(*make_plan(exprs, true).graph, "Optimised");
}

std::string visualize_svg(nb::handle sequence, bool optimized, bool tasks) {
  std::vector<graph::ExprPtr> exprs = exprs_from_python(sequence);
  nb::gil_scoped_release unlocked;
  Plan plan = make_plan(std::move(exprs), optimized);
  return graph::to_svg(graph::drawing_of(*plan.graph, tasks));
}

nb::dict info_of(const graph::LayerSummary& layer) {
  nb::dict info;
  info["name"] = layer.name;
  info["kind"] = layer.kind;
  info["tasks"] = layer.tasks;
  info["native"] = layer.python_tasks == 0;
  info["bytes"] = layer.bytes;
  info["detail"] = layer.detail;
  info["inputs"] = layer.inputs;
  info["annotations"] = layer.annotations;
  return info;
}

nb::dict graph_info(nb::handle sequence, bool optimized) {
  std::vector<graph::ExprPtr> exprs = exprs_from_python(sequence);
  size_t tasks = 0;
  std::vector<graph::LayerSummary> layers;
  {
    nb::gil_scoped_release unlocked;
    Plan plan = make_plan(std::move(exprs), optimized);
    tasks = plan.graph->size();
    layers = graph::summarize(*plan.graph);
  }
  nb::list infos;
  for (const graph::LayerSummary& layer : layers) infos.append(info_of(layer));
  nb::dict info;
  info["tasks"] = tasks;
  info["layers"] = infos;
  return info;
}

}  // namespace

void bind_explain(nb::module_& m) {
  m.def("explain", &explain, nb::arg("exprs"), nb::kw_only(), nb::arg("optimized") = true,
        "The plan as text: one line a layer.");
  m.def("visualize_svg", &visualize_svg, nb::arg("exprs"), nb::kw_only(),
        nb::arg("optimized") = false, nb::arg("tasks") = true, "The graph as one SVG document.");
  m.def("graph_info", &graph_info, nb::arg("exprs"), nb::kw_only(), nb::arg("optimized") = true);
}

}  // namespace dusk::bindings
