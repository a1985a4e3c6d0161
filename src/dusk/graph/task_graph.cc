#include "dusk/graph/task_graph.h"

#include <algorithm>
#include <unordered_map>

#include "dusk/base/check.h"
#include "dusk/base/error.h"

namespace dusk::graph {
namespace {

constexpr TaskId kNone = UINT32_MAX;

// Task ids by block index: a plain array, or a hash table for layers of which little can be used.
class TaskTable {
 public:
  explicit TaskTable(int64_t size) : dense_(size <= kDenseMax) {
    if (dense_) ids_.assign(static_cast<size_t>(size), kNone);
  }
  TaskId& at(int64_t index) {
    if (dense_) return ids_[static_cast<size_t>(index)];
    return sparse_.try_emplace(index, kNone).first->second;
  }

 private:
  static constexpr int64_t kDenseMax = int64_t{1} << 25;
  bool dense_;
  std::vector<TaskId> ids_;
  std::unordered_map<int64_t, TaskId> sparse_;
};

struct LayerState {
  LayerPtr layer;
  std::vector<uint32_t> inputs;  // positions of layer->inputs()
  TaskTable table;
  bool forwards;
};

class Expansion {
 public:
  TaskGraph run(std::span<const Wanted> wanted) {
    for (const Wanted& w : wanted) add_layer(w.layer);
    for (const Wanted& w : wanted) add_outputs(w);
    expand_inputs();
    for (LayerState& state : states_) graph_.layers.push_back(std::move(state.layer));
    invert();
    assign_priorities(graph_);
    return std::move(graph_);
  }

 private:
  struct Frame {
    const LayerPtr* layer;
    size_t next;
  };

  void add_layer(const LayerPtr& root) {
    if (numbers_.contains(root.get())) return;
    std::vector<Frame> stack{{&root, 0}};
    while (!stack.empty()) {
      const LayerPtr& layer = *stack.back().layer;
      size_t& next = stack.back().next;
      const auto& inputs = layer->inputs();
      while (next < inputs.size() && numbers_.contains(inputs[next].get())) ++next;
      if (next < inputs.size()) {
        stack.push_back({&inputs[next++], 0});
        continue;
      }
      stack.pop_back();
      if (!numbers_.try_emplace(layer.get(), static_cast<uint32_t>(states_.size())).second) {
        continue;
      }
      std::vector<uint32_t> numbers;
      for (const LayerPtr& input : inputs) numbers.push_back(numbers_.at(input.get()));
      bool forwards = layer->forwards();
      states_.push_back(
          {layer, std::move(numbers), TaskTable(forwards ? 0 : layer->size()), forwards});
    }
  }

  void add_outputs(const Wanted& w) {
    uint32_t number = numbers_.at(w.layer.get());
    if (!w.indexes.empty()) {
      for (int64_t index : w.indexes) graph_.outputs.push_back(task(number, index));
      return;
    }
    int64_t size = w.layer->size();
    for (int64_t index = 0; index < size; ++index) graph_.outputs.push_back(task(number, index));
  }

  // The task that makes a block; a new one is queued by being appended.
  TaskId task(uint32_t number, int64_t index) {
    while (states_[number].forwards) {
      forwarded_.clear();
      states_[number].layer->dependencies(index, forwarded_);
      DUSK_CHECK(forwarded_.size() == 1, "a forwarding block is one input block");
      index = forwarded_[0].index;
      number = states_[number].inputs[forwarded_[0].input];
    }
    LayerState& state = states_[number];
    TaskId& id = state.table.at(index);
    if (id != kNone) return id;
    if (graph_.layer.size() >= kNone - 1) {
      throw base::value_error(
          "[compute] the graph has more than 4294967294 tasks; larger chunks "
          "make fewer tasks");
    }
    id = static_cast<TaskId>(graph_.layer.size());
    graph_.layer.push_back(number);
    graph_.index.push_back(index);
    return id;
  }

  void expand_inputs() {
    std::vector<Dependency> dependencies;
    graph_.input_offsets.push_back(0);
    for (size_t t = 0; t < graph_.layer.size(); ++t) {
      uint32_t number = graph_.layer[t];
      dependencies.clear();
      states_[number].layer->dependencies(graph_.index[t], dependencies);
      for (const Dependency& d : dependencies) {
        const auto& inputs = states_[number].inputs;
        graph_.inputs.push_back(task(d.input < inputs.size() ? inputs[d.input] : number, d.index));
      }
      graph_.input_offsets.push_back(graph_.inputs.size());
    }
  }

  void invert() {
    size_t n = graph_.layer.size();
    auto& offsets = graph_.consumer_offsets;
    offsets.assign(n + 1, 0);
    for (TaskId input : graph_.inputs) ++offsets[input + 1];
    for (size_t t = 0; t < n; ++t) offsets[t + 1] += offsets[t];
    graph_.consumers.resize(graph_.inputs.size());
    std::vector<uint64_t> next(offsets.begin(), offsets.end() - 1);
    for (TaskId t = 0; t < n; ++t) {
      for (TaskId input : graph_.inputs_of(t)) graph_.consumers[next[input]++] = t;
    }
  }

  TaskGraph graph_;
  std::vector<LayerState> states_;
  std::unordered_map<const Layer*, uint32_t> numbers_;
  std::vector<Dependency> forwarded_;
};

}  // namespace

std::string TaskGraph::key(TaskId t) const { return layers[layer[t]]->key(index[t]); }

TaskGraph expand(std::span<const Wanted> wanted) { return Expansion().run(wanted); }

}  // namespace dusk::graph
