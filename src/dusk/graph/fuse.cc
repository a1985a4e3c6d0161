#include "dusk/graph/fuse.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "dusk/base/check.h"
#include "dusk/graph/block_map.h"

namespace dusk::graph {
namespace {

using NodeId = uint32_t;

// Wider and longer fused tasks gain nothing, and would make fusion quadratic.
constexpr size_t kInputsMax = 64;
constexpr int kLayersMax = 100;

// A layer whose inputs were fused; everything else about it is unchanged.
class RewiredLayer : public Layer {
 public:
  RewiredLayer(LayerPtr original, std::vector<LayerPtr> inputs)
      : Layer(original->prefix(), original->token(), std::move(inputs)),
        original_(std::move(original)) {
    set_annotations(original_->annotations());
  }
  std::string_view kind() const override { return original_->kind(); }
  int64_t size() const override { return original_->size(); }
  void dependencies(int64_t index, std::vector<Dependency>& out) const override {
    original_->dependencies(index, out);
  }
  const Operation& operation(int64_t index) const override { return original_->operation(index); }
  std::string label(int64_t index) const override { return original_->label(index); }
  std::string key(int64_t index) const override { return original_->key(index); }
  std::string task_name(int64_t index) const override { return original_->task_name(index); }
  bool forwards() const override { return original_->forwards(); }
  std::vector<int64_t> grid() const override { return original_->grid(); }
  // Elsewhere it is a layer like the original, over the new inputs.
  std::string_view codec() const override { return original_->codec(); }
  void encode(Encoder& out) const override { original_->encode(out); }

 private:
  LayerPtr original_;
};

// A layer of the plan while it is being fused.
struct Node {
  struct Input {
    NodeId node;
    BlockMap map;  // blockwise layers only
  };
  LayerPtr layer;
  const BlockwiseLayer* blockwise = nullptr;
  std::vector<Input> inputs;
  std::vector<FusedStep> steps;  // blockwise: what the layer runs; the last one makes its value
  uint32_t consumers = 0;        // live nodes that read it, a node counted once
  bool root = false;
  bool changed = false;
  int layers = 1;  // of the original plan that it does the work of
};

class Fusion {
 public:
  explicit Fusion(bool keep_blocks) : keep_blocks_(keep_blocks) {}

  std::vector<LayerPtr> run(std::span<const LayerPtr> roots) {
    for (const LayerPtr& root : roots) add(root);
    for (const LayerPtr& root : roots) nodes_[numbers_.at(root.get())].root = true;
    count_consumers();
    for (NodeId n = static_cast<NodeId>(nodes_.size()); n-- > 0;) {
      if (live(n) && nodes_[n].blockwise) fuse_into(n);
    }
    rebuild();
    std::vector<LayerPtr> result;
    for (const LayerPtr& root : roots) result.push_back(nodes_[numbers_.at(root.get())].layer);
    return result;
  }

 private:
  struct Frame {
    const LayerPtr* layer;
    size_t next;
  };

  bool live(NodeId n) const { return nodes_[n].root || nodes_[n].consumers > 0; }

  void add(const LayerPtr& root) {
    if (numbers_.contains(root.get())) return;
    std::vector<Frame> stack{{&root, 0}};
    while (!stack.empty()) {
      const LayerPtr& layer = *stack.back().layer;
      const auto& inputs = layer->inputs();
      size_t& next = stack.back().next;
      while (next < inputs.size() && numbers_.contains(inputs[next].get())) ++next;
      if (next < inputs.size()) {
        stack.push_back({&inputs[next++], 0});
        continue;
      }
      stack.pop_back();
      auto number = static_cast<NodeId>(nodes_.size());
      if (numbers_.try_emplace(layer.get(), number).second) nodes_.push_back(make_node(layer));
    }
  }

  Node make_node(const LayerPtr& layer) const {
    Node node;
    node.layer = layer;
    node.blockwise = dynamic_cast<const BlockwiseLayer*>(layer.get());
    for (size_t k = 0; k < layer->inputs().size(); ++k) {
      NodeId input = numbers_.at(layer->inputs()[k].get());
      node.inputs.push_back({input, node.blockwise ? node.blockwise->maps()[k] : BlockMap{}});
    }
    if (!node.blockwise) return node;
    FusedStep step{node.blockwise->shared_operation(), BlockMap::identity(layer->grid()), {}};
    for (size_t k = 0; k < node.inputs.size(); ++k) {
      step.arguments.push_back(-1 - static_cast<int32_t>(k));
    }
    node.steps.push_back(std::move(step));
    merge_equal_inputs(node);
    return node;
  }

  void count_consumers() {
    for (NodeId n = 0; n < nodes_.size(); ++n) {
      for (NodeId input : distinct_inputs(n)) ++nodes_[input].consumers;
    }
  }

  std::vector<NodeId> distinct_inputs(NodeId n) const {
    std::vector<NodeId> ids;
    for (const auto& input : nodes_[n].inputs) ids.push_back(input.node);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
  }

  // What a fold brings in is looked at again; inputs that stayed may fold once others merged.
  void fuse_into(NodeId n) {
    for (bool again = true; again;) {
      again = false;
      for (size_t k = 0; k < nodes_[n].inputs.size();) {
        if (fold(n, k)) {
          again = true;
        } else {
          ++k;
        }
      }
    }
  }

  // Makes input `k` of `n` part of `n` where the rules allow.
  bool fold(NodeId n, size_t k) {
    NodeId p = nodes_[n].inputs[k].node;
    const Node& producer = nodes_[p];
    if (!producer.blockwise || producer.steps.size() != 1) return false;
    const Operation& operation = *producer.steps[0].operation;
    if (keep_blocks_ && operation.holds_blocks()) return false;
    if (!operation.cheap() && !exclusive(n, k)) return false;
    if (producer.layer->annotations() != nodes_[n].layer->annotations()) return false;
    if (nodes_[n].inputs.size() + producer.inputs.size() > kInputsMax + 1) return false;
    if (nodes_[n].layers >= kLayersMax) return false;
    BlockMap at = nodes_[n].inputs[k].map;
    std::vector<Node::Input> inputs;
    for (const auto& input : producer.inputs) {
      auto map = compose(input.map, at);
      if (!map) return false;
      inputs.push_back({input.node, std::move(*map)});
    }
    auto before = distinct_inputs(n);
    splice(nodes_[n], k, producer.steps[0], inputs);
    merge_equal_inputs(nodes_[n]);
    nodes_[n].changed = true;
    ++nodes_[n].layers;
    recount(before, distinct_inputs(n));
    if (!live(p)) recount(distinct_inputs(p), {});
    return true;
  }

  bool exclusive(NodeId n, size_t k) const {
    const Node& consumer = nodes_[n];
    NodeId p = consumer.inputs[k].node;
    if (nodes_[p].root || nodes_[p].consumers != 1) return false;
    for (size_t other = 0; other < consumer.inputs.size(); ++other) {
      if (other != k && consumer.inputs[other].node == p) return false;
    }
    return reads_once(consumer.inputs[k].map);
  }

  void recount(const std::vector<NodeId>& before, const std::vector<NodeId>& after) {
    for (NodeId id : before) --nodes_[id].consumers;
    for (NodeId id : after) ++nodes_[id].consumers;
  }

  // The producer's step takes the place of input `k`: inside the operation that reads it when
  // that is possible, else as a step of its own before the others.
  static void splice(Node& node, size_t k, const FusedStep& step,
                     const std::vector<Node::Input>& inputs) {
    auto argument = -1 - static_cast<int32_t>(k);
    auto first = static_cast<int32_t>(node.inputs.size());
    std::vector<int32_t> own;
    for (int32_t argument_of_step : step.arguments) own.push_back(argument_of_step - first);
    BlockMap at = node.inputs[k].map;
    node.inputs.insert(node.inputs.end(), inputs.begin(), inputs.end());
    if (!absorb(node, argument, *step.operation, at, own)) {
      for (FusedStep& s : node.steps) {
        for (int32_t& a : s.arguments) {
          if (a >= 0) ++a;
          if (a == argument) a = 0;
        }
      }
      node.steps.insert(node.steps.begin(), {step.operation, std::move(at), std::move(own)});
    }
    erase_input(node, k);
  }

  static bool absorb(Node& node, int32_t argument, const Operation& producer, const BlockMap& at,
                     const std::vector<int32_t>& own) {
    FusedStep* reader = nullptr;
    size_t position = 0;
    for (FusedStep& s : node.steps) {
      for (size_t i = 0; i < s.arguments.size(); ++i) {
        if (s.arguments[i] != argument) continue;
        if (reader) return false;
        reader = &s;
        position = i;
      }
    }
    DUSK_CHECK(reader, "an input that no step reads");
    if (!producer.index_free() && !same_map(reader->map, at)) return false;
    OperationPtr absorbed = reader->operation->absorb(position, producer);
    if (!absorbed) return false;
    reader->operation = std::move(absorbed);
    auto& arguments = reader->arguments;
    auto where = arguments.erase(arguments.begin() + static_cast<int64_t>(position));
    arguments.insert(where, own.begin(), own.end());
    return true;
  }

  static void erase_input(Node& node, size_t k) {
    auto gone = -1 - static_cast<int32_t>(k);
    node.inputs.erase(node.inputs.begin() + static_cast<int64_t>(k));
    for (FusedStep& s : node.steps) {
      for (int32_t& a : s.arguments) {
        DUSK_CHECK(a != gone, "an input is read after it was fused");
        if (a < gone) ++a;
      }
    }
  }

  // Equal blocks read twice become one input.
  static void merge_equal_inputs(Node& node) {
    for (size_t a = 0; a < node.inputs.size(); ++a) {
      for (size_t b = node.inputs.size(); b-- > a + 1;) {
        if (node.inputs[a].node != node.inputs[b].node ||
            !same_map(node.inputs[a].map, node.inputs[b].map)) {
          continue;
        }
        for (FusedStep& s : node.steps) {
          std::replace(s.arguments.begin(), s.arguments.end(), -1 - static_cast<int32_t>(b),
                       -1 - static_cast<int32_t>(a));
        }
        erase_input(node, b);
      }
    }
    for (FusedStep& s : node.steps) merge_equal_arguments(s);
  }

  static void merge_equal_arguments(FusedStep& step) {
    for (size_t a = 0; a < step.arguments.size(); ++a) {
      for (size_t b = step.arguments.size(); b-- > a + 1;) {
        if (step.arguments[a] != step.arguments[b]) continue;
        OperationPtr merged = step.operation->merge_inputs(a, b);
        if (!merged) continue;
        step.operation = std::move(merged);
        step.arguments.erase(step.arguments.begin() + static_cast<int64_t>(b));
      }
    }
  }

  void rebuild() {
    for (NodeId n = 0; n < nodes_.size(); ++n) {
      Node& node = nodes_[n];
      if (!live(n)) continue;
      if (node.changed) {
        node.layer = fused_layer(node);
        continue;
      }
      std::vector<LayerPtr> inputs;
      bool changed = false;
      const auto& old = node.layer->inputs();
      for (size_t k = 0; k < old.size(); ++k) {
        inputs.push_back(nodes_[numbers_.at(old[k].get())].layer);
        changed |= inputs.back() != old[k];
      }
      if (!changed) continue;
      node.layer = node.blockwise ? fused_layer(node)
                                  : std::make_shared<RewiredLayer>(node.layer, std::move(inputs));
    }
  }

  LayerPtr fused_layer(const Node& node) const {
    OperationPtr operation;
    std::vector<BlockwiseLayer::Input> inputs;
    auto push = [&](const Node::Input& input) {
      inputs.push_back({nodes_[input.node].layer, input.map});
    };
    if (node.steps.size() == 1) {
      operation = node.steps[0].operation;
      for (int32_t a : node.steps[0].arguments) push(node.inputs[static_cast<size_t>(-1 - a)]);
    } else {
      operation = make_fused(node.steps);
      for (const auto& input : node.inputs) push(input);
    }
    auto layer = std::make_shared<BlockwiseLayer>(node.layer->prefix(), node.layer->token(),
                                                  std::move(operation), node.layer->grid(),
                                                  std::move(inputs));
    layer->set_annotations(node.layer->annotations());
    return layer;
  }

  bool keep_blocks_;
  std::vector<Node> nodes_;
  std::unordered_map<const Layer*, NodeId> numbers_;
};

}  // namespace

std::vector<LayerPtr> fuse_blockwise(std::span<const LayerPtr> roots, bool keep_blocks) {
  return Fusion(keep_blocks).run(roots);
}

}  // namespace dusk::graph
