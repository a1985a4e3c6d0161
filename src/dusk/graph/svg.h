// A graph as an SVG picture, drawn here: inputs at the bottom, results at the top.
#pragma once

#include <string>
#include <vector>

#include "dusk/graph/task_graph.h"

namespace dusk::graph {

// What is drawn: boxes and arrows. Arrows point from an input to what takes it.
struct Drawing {
  struct Box {
    std::string label;
    std::string title;   // shown by the viewer when pointed at
    bool round = false;  // a source
    bool python = false;
  };
  std::vector<Box> boxes;
  std::vector<std::pair<uint32_t, uint32_t>> arrows;
};

constexpr size_t kDrawnTasksMax = 500;

// Tasks one by one up to kDrawnTasksMax of them when `tasks`, else layers.
Drawing drawing_of(const TaskGraph& graph, bool tasks);

// Boxes in ranks (longest path from the sources), ordered by the mean place of their neighbours
// (Sugiyama's barycentre sweeps). Deterministic; all text is escaped.
std::string to_svg(const Drawing& drawing);

}  // namespace dusk::graph
