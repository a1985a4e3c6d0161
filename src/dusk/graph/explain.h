// A plan for people: what each layer does, how often, with how many bytes, natively or not.
#pragma once

#include <string>
#include <vector>

#include "dusk/graph/task_graph.h"

namespace dusk::graph {

struct LayerSummary {
  std::string name;
  std::string kind;
  int64_t tasks = 0;                // wanted ones only
  int64_t bytes = 0;                // sum of the known bounds
  int64_t unbounded = 0;            // tasks whose bound is not known
  int64_t python_tasks = 0;         // tasks that run Python
  std::string detail;               // of the first task's operation
  std::vector<std::string> inputs;  // names of the layers it takes blocks from
  Annotations annotations;
};

// One for each layer that has tasks, inputs before consumers.
std::vector<LayerSummary> summarize(const TaskGraph& graph);

// One line a layer, under a heading with the totals.
std::string explain(const TaskGraph& graph, const std::string& heading);

// "1.50 GiB".
std::string format_bytes(int64_t bytes);

// "sum" of "sum-<token>"; a name without a token as it is.
std::string name_without_token(const std::string& name);

}  // namespace dusk::graph
