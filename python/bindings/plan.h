// From Python's expressions to a graph that can run.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <vector>

#include "bindings/finalize.h"
#include "dusk/graph/task_graph.h"

namespace dusk::bindings {

// The expressions of a Python sequence of Expr objects; TypeError for others.
std::vector<graph::ExprPtr> exprs_from_python(nb::handle exprs);

// All families' expression passes.
std::vector<graph::ExprPtr> optimize(std::vector<graph::ExprPtr> exprs);

// One layer an expression: lowered, and fused when `fuse`. `keep_blocks` as fuse_blockwise().
std::vector<graph::LayerPtr> layers_of(const std::vector<graph::ExprPtr>& exprs, bool fuse,
                                       bool keep_blocks = false);

// What computing `exprs` runs. Outputs are every expression's blocks, one after the other.
struct Plan {
  std::vector<graph::ExprPtr> exprs;
  std::shared_ptr<const graph::TaskGraph> graph;
};
// Safe without the GIL.
Plan make_plan(std::vector<graph::ExprPtr> exprs, bool optimized);

}  // namespace dusk::bindings
