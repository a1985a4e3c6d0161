// The flat form that executors run: every task a dense integer, edges in compressed rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dusk/graph/layer.h"

namespace dusk::graph {

using TaskId = uint32_t;

struct TaskGraph {
  std::vector<LayerPtr> layers;            // inputs before consumers
  std::vector<uint32_t> layer;             // of each task
  std::vector<int64_t> index;              // of each task in its layer
  std::vector<uint64_t> input_offsets;     // size() + 1
  std::vector<TaskId> inputs;              // in argument order; one task may appear twice
  std::vector<uint64_t> consumer_offsets;  // size() + 1
  std::vector<TaskId> consumers;
  std::vector<TaskId> outputs;     // what was asked for, in that order
  std::vector<uint32_t> priority;  // rank in the static order; smaller runs first

  size_t size() const { return layer.size(); }
  std::span<const TaskId> inputs_of(TaskId t) const {
    return {inputs.data() + input_offsets[t], inputs.data() + input_offsets[t + 1]};
  }
  std::span<const TaskId> consumers_of(TaskId t) const {
    return {consumers.data() + consumer_offsets[t], consumers.data() + consumer_offsets[t + 1]};
  }
  const Operation& operation(TaskId t) const { return layers[layer[t]]->operation(index[t]); }
  std::string key(TaskId t) const;  // "('sum-1f3a...', 0, 12)" as Dask prints it
};

// Which blocks of a layer are wanted; empty means all of them.
struct Wanted {
  LayerPtr layer;
  std::vector<int64_t> indexes;
};

// Expands only what the wanted blocks need (culling), and orders it. Throws ValueError beyond
// 2^32 - 2 tasks.
TaskGraph expand(std::span<const Wanted> wanted);

// Fills `priority`: depth first towards the nearest reducer so that few results live at once,
// sibling roots kept together. Linear time.
void assign_priorities(TaskGraph& graph);

}  // namespace dusk::graph
