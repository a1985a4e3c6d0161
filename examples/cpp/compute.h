// From an expression to its blocks: lower, fuse, expand, run.
#pragma once

#include <dusk/graph/expr.h>
#include <dusk/graph/fuse.h>
#include <dusk/graph/task_graph.h>
#include <dusk/runtime/executor.h>

#include <memory>
#include <vector>

inline std::vector<dusk::data::Value> compute(const dusk::graph::ExprPtr& expr) {
  namespace graph = dusk::graph;
  std::vector<graph::ExprPtr> roots{expr};
  std::vector<graph::LayerPtr> layers = graph::fuse_blockwise(graph::lower(roots));
  std::vector<graph::Wanted> wanted{{layers[0], {}}};
  graph::TaskGraph tasks = graph::expand(wanted);
  return dusk::runtime::run(tasks, {}).or_throw();
}
