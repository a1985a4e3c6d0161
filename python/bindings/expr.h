// The Expr class, and the plan for people: explain, visualize_svg, graph_info.
#pragma once

#include <nanobind/nanobind.h>

namespace dusk::bindings {

void bind_expr(nanobind::module_& m);
void bind_expr_bytes(nanobind::module_& m);
void bind_explain(nanobind::module_& m);

}  // namespace dusk::bindings
