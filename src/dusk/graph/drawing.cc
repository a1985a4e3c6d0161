#include <unordered_map>

#include "dusk/graph/explain.h"
#include "dusk/graph/svg.h"

namespace dusk::graph {
namespace {

Drawing tasks_of(const TaskGraph& graph) {
  Drawing drawing;
  for (TaskId t = 0; t < graph.size(); ++t) {
    const Operation& operation = graph.operation(t);
    drawing.boxes.push_back({graph.layers[graph.layer[t]]->task_name(graph.index[t]), graph.key(t),
                             graph.inputs_of(t).empty(), !operation.native()});
    for (TaskId input : graph.inputs_of(t)) drawing.arrows.emplace_back(input, t);
  }
  return drawing;
}

Drawing layers_of(const TaskGraph& graph) {
  Drawing drawing;
  std::unordered_map<std::string, uint32_t> number;
  for (const LayerSummary& layer : summarize(graph)) {
    auto own = static_cast<uint32_t>(drawing.boxes.size());
    number.emplace(layer.name, own);
    drawing.boxes.push_back({name_without_token(layer.name) + " ×" + std::to_string(layer.tasks),
                             layer.name + " (" + layer.kind + ")", layer.inputs.empty(),
                             layer.python_tasks > 0});
    for (const std::string& input : layer.inputs) {
      auto at = number.find(input);
      if (at != number.end()) drawing.arrows.emplace_back(at->second, own);
    }
  }
  return drawing;
}

}  // namespace

Drawing drawing_of(const TaskGraph& graph, bool tasks) {
  return tasks && graph.size() <= kDrawnTasksMax ? tasks_of(graph) : layers_of(graph);
}

}  // namespace dusk::graph
