#include "dusk/graph/expr.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "dusk/base/check.h"
#include "dusk/base/error.h"
#include "dusk/graph/codec.h"

namespace dusk::graph {

Expr::~Expr() {
  thread_local std::vector<ExprPtr>* pending = nullptr;
  if (pending) {
    for (auto& input : inputs_) pending->push_back(std::move(input));
    return;
  }
  std::vector<ExprPtr> chain = std::move(inputs_);
  pending = &chain;
  while (!chain.empty()) {
    ExprPtr node = std::move(chain.back());
    chain.pop_back();
  }
  pending = nullptr;
}

namespace {

std::string kebab(std::string_view kind) {
  std::string text;
  for (char c : kind) {
    bool upper = c >= 'A' && c <= 'Z';
    if (upper && !text.empty()) text += '-';
    text += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

}  // namespace

const std::string& Expr::prefix() const {
  static std::mutex mutex;
  static std::map<std::string_view, std::string> known;  // by kind, which is static text
  std::lock_guard lock(mutex);
  auto [at, fresh] = known.try_emplace(kind());
  if (fresh) at->second = kebab(kind());
  return at->second;
}

void Expr::set_name(std::string name) {
  token_ = base::Tokenizer("named").add(token_).add(name).finish();
  given_ = std::make_shared<const GivenName>(GivenName{std::move(name), token_});
}

namespace {

using NodeId = uint32_t;

// Distinct nodes under some roots, inputs before consumers.
struct Plan {
  std::vector<ExprPtr> nodes;
  std::vector<std::vector<NodeId>> inputs;
  std::vector<NodeId> roots;
};

class Collector {
 public:
  Plan collect(std::span<const ExprPtr> roots) {
    for (const ExprPtr& root : roots) visit(root);
    for (const ExprPtr& root : roots) plan_.roots.push_back(ids_.at(root->token()));
    return std::move(plan_);
  }

 private:
  struct Frame {
    const ExprPtr* node;
    size_t next;
  };

  bool known(const ExprPtr& node) const { return ids_.contains(node->token()); }

  void visit(const ExprPtr& root) {
    if (known(root)) return;
    std::vector<Frame> stack{{&root, 0}};
    while (!stack.empty()) {
      const ExprPtr& node = *stack.back().node;
      const auto& inputs = node->inputs();
      size_t& next = stack.back().next;
      while (next < inputs.size() && known(inputs[next])) ++next;
      if (next < inputs.size()) {
        stack.push_back({&inputs[next++], 0});
        continue;
      }
      stack.pop_back();
      add(node);
    }
  }

  void add(const ExprPtr& node) {
    auto [at, fresh] = ids_.try_emplace(node->token(), static_cast<NodeId>(plan_.nodes.size()));
    if (!fresh) return;
    std::vector<NodeId> inputs;
    inputs.reserve(node->inputs().size());
    for (const ExprPtr& input : node->inputs()) inputs.push_back(ids_.at(input->token()));
    plan_.nodes.push_back(node);
    plan_.inputs.push_back(std::move(inputs));
  }

  Plan plan_;
  std::unordered_map<base::Token, NodeId> ids_;
};

// Many single-task nodes as one layer. The nodes are kept: they own the operations and the names.
class TasksLayer : public Layer {
 public:
  TasksLayer(base::Token token, std::vector<LayerPtr> inputs, std::vector<ExprPtr> nodes,
             std::vector<uint64_t> offsets, std::vector<Dependency> dependencies)
      : Layer("tasks", token, std::move(inputs)),
        nodes_(std::move(nodes)),
        offsets_(std::move(offsets)),
        dependencies_(std::move(dependencies)) {}

  std::string_view kind() const override { return "list"; }
  int64_t size() const override { return static_cast<int64_t>(nodes_.size()); }
  void dependencies(int64_t index, std::vector<Dependency>& out) const override {
    auto i = static_cast<size_t>(index);
    out.insert(out.end(), dependencies_.begin() + static_cast<int64_t>(offsets_[i]),
               dependencies_.begin() + static_cast<int64_t>(offsets_[i + 1]));
  }
  const Operation& operation(int64_t index) const override {
    return *nodes_[static_cast<size_t>(index)]->single_task();
  }
  std::string label(int64_t index) const override { return key(index); }
  std::string key(int64_t index) const override {
    return nodes_[static_cast<size_t>(index)]->key();
  }
  std::string task_name(int64_t index) const override { return operation(index).name(); }
  std::string_view codec() const override { return "graph.list"; }
  void encode(Encoder& out) const override { encode_tasks(*this, out); }

 private:
  std::vector<ExprPtr> nodes_;
  std::vector<uint64_t> offsets_;
  std::vector<Dependency> dependencies_;
};

// Nodes of one kind (single task or not) and level can be lowered together: a list layer of level
// n needs other nodes up to level n, which need list layers below n only.
class Lowering {
 public:
  explicit Lowering(Plan plan) : plan_(std::move(plan)), layers_(plan_.nodes.size()) {}

  std::vector<LayerPtr> run() {
    require_distinct_names();
    assign_levels();
    size_t done = 0;
    for (uint32_t level = 0; level <= highest_; ++level) {
      for (NodeId node : others_[level]) lower_node(node);
      if (!tasks_[level].empty()) lower_tasks(level);
      done += others_[level].size() + tasks_[level].size();
    }
    DUSK_CHECK(done == plan_.nodes.size(), "every node has a level");
    std::vector<LayerPtr> roots;
    roots.reserve(plan_.roots.size());
    for (NodeId root : plan_.roots) roots.push_back(layer_of(root));
    return roots;
  }

 private:
  bool is_task(NodeId node) const { return plan_.nodes[node]->single_task() != nullptr; }

  // A name may belong to several forms of one node (annotated, rewritten).
  void require_distinct_names() const {
    std::unordered_map<std::string, base::Token> given;
    for (const ExprPtr& node : plan_.nodes) {
      const auto& name = node->given_name();
      if (!name) continue;
      auto [at, fresh] = given.try_emplace(name->name, name->of);
      if (!fresh && at->second != name->of) throw_ambiguous(name->name);
    }
    if (given.empty()) return;
    for (const ExprPtr& node : plan_.nodes) {
      if (node->given_name() || node->single_task()) continue;
      auto at = given.find(node->key());
      if (at != given.end() && at->second != node->token()) throw_ambiguous(at->first);
    }
  }

  [[noreturn]] static void throw_ambiguous(const std::string& name) {
    throw base::value_error("[compute] the name '" + name +
                            "' was given to different collections: give each another name=, or "
                            "use token= for a prefix");
  }

  void assign_levels() {
    level_.resize(plan_.nodes.size());
    position_.resize(plan_.nodes.size());
    for (NodeId node = 0; node < plan_.nodes.size(); ++node) {
      uint32_t level = 0;
      bool task = is_task(node);
      for (NodeId input : plan_.inputs[node]) {
        level = std::max(level, level_[input] + (!task && is_task(input) ? 1 : 0));
      }
      level_[node] = level;
      highest_ = std::max(highest_, level);
      if (tasks_.size() <= level) {
        tasks_.resize(level + 1);
        others_.resize(level + 1);
        lists_.resize(level + 1);
      }
      auto& family = task ? tasks_[level] : others_[level];
      position_[node] = static_cast<int64_t>(family.size());
      family.push_back(node);
    }
    if (tasks_.empty()) {
      tasks_.resize(1);
      others_.resize(1);
      lists_.resize(1);
    }
  }

  void lower_node(NodeId node) {
    std::vector<LayerPtr> inputs;
    inputs.reserve(plan_.inputs[node].size());
    for (NodeId input : plan_.inputs[node]) inputs.push_back(layer_of(input));
    layers_[node] = plan_.nodes[node]->lower(inputs);
    if (std::find(inputs.begin(), inputs.end(), layers_[node]) == inputs.end()) dress(node);
  }

  // Annotations and name of a layer that is still unshared.
  void dress(NodeId node) {
    const Expr& expr = *plan_.nodes[node];
    auto layer = std::const_pointer_cast<Layer>(layers_[node]);
    if (!expr.annotations().empty()) layer->set_annotations(expr.annotations());
    if (expr.given_name()) layer->set_name(expr.given_name()->name);
  }

  void lower_tasks(uint32_t level) {
    std::vector<LayerPtr> inputs;
    std::vector<ExprPtr> nodes;
    std::vector<uint64_t> offsets{0};
    std::vector<Dependency> dependencies;
    std::unordered_map<const Layer*, uint32_t> known;
    constexpr uint32_t kOwn = UINT32_MAX;
    auto input_of = [&](const LayerPtr& layer) {
      auto [at, fresh] = known.try_emplace(layer.get(), static_cast<uint32_t>(inputs.size()));
      if (fresh) inputs.push_back(layer);
      return at->second;
    };
    base::Tokenizer token("tasks");
    for (NodeId node : tasks_[level]) {
      nodes.push_back(plan_.nodes[node]);
      token.add(nodes.back()->token());
      for (NodeId input : plan_.inputs[node]) {
        if (is_task(input)) {
          uint32_t slot = level_[input] == level ? kOwn : input_of(lists_[level_[input]]);
          dependencies.push_back({slot, position_[input]});
          continue;
        }
        uint32_t slot = input_of(layers_[input]);
        for (int64_t i = 0; i < layers_[input]->size(); ++i) dependencies.push_back({slot, i});
      }
      offsets.push_back(dependencies.size());
    }
    for (Dependency& d : dependencies) {
      if (d.input == kOwn) d.input = static_cast<uint32_t>(inputs.size());
    }
    auto layer = std::make_shared<TasksLayer>(token.finish(), std::move(inputs), std::move(nodes),
                                              std::move(offsets), std::move(dependencies));
    merge_annotations(level, *layer);
    lists_[level] = std::move(layer);
  }

  // A list's tasks share annotations only when all of them carry the same.
  void merge_annotations(uint32_t level, Layer& layer) const {
    const Annotations& first = plan_.nodes[tasks_[level].front()]->annotations();
    for (NodeId node : tasks_[level]) {
      if (plan_.nodes[node]->annotations() != first) return;
    }
    layer.set_annotations(first);
  }

  LayerPtr layer_of(NodeId node) {
    LayerPtr& layer = layers_[node];
    if (!layer) {
      const Expr& e = *plan_.nodes[node];
      layer = std::make_shared<PickLayer>(e.single_task()->name(), e.token(), lists_[level_[node]],
                                          std::vector<int64_t>{position_[node]});
    }
    return layer;
  }

  Plan plan_;
  std::vector<LayerPtr> layers_;
  std::vector<uint32_t> level_;
  std::vector<int64_t> position_;  // in its family
  std::vector<std::vector<NodeId>> tasks_, others_;
  std::vector<LayerPtr> lists_;
  uint32_t highest_ = 0;
};

ExprPtr rewired(const Expr& node, std::vector<ExprPtr> inputs) {
  ExprPtr made = node.with_inputs(std::move(inputs));
  if (made.use_count() == 1) std::const_pointer_cast<Expr>(made)->stand_for(node);
  return made;
}

}  // namespace

std::vector<LayerPtr> lower(std::span<const ExprPtr> roots) {
  return Lowering(Collector().collect(roots)).run();
}

std::vector<ExprPtr> rewrite(std::span<const ExprPtr> roots,
                             const std::function<ExprPtr(const ExprPtr&)>& rewrite_node) {
  Plan plan = Collector().collect(roots);
  std::vector<ExprPtr> rewritten(plan.nodes.size());
  for (NodeId node = 0; node < plan.nodes.size(); ++node) {
    ExprPtr current = plan.nodes[node];
    std::vector<ExprPtr> inputs;
    bool changed = false;
    for (size_t i = 0; i < plan.inputs[node].size(); ++i) {
      inputs.push_back(rewritten[plan.inputs[node][i]]);
      changed |= inputs.back() != current->inputs()[i];
    }
    if (changed) current = rewired(*current, std::move(inputs));
    rewritten[node] = rewrite_node(current);
  }
  std::vector<ExprPtr> result;
  for (NodeId root : plan.roots) result.push_back(rewritten[root]);
  return result;
}

}  // namespace dusk::graph
