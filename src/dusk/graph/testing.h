// Layers and operations for tests: integers in one-element arrays, and a slow plain interpreter.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "dusk/data/ndarray.h"
#include "dusk/graph/task_graph.h"

namespace dusk::graph::testing {

inline data::Value number(int64_t n) { return data::NdArray::scalar(data::kInt64Type, n); }
inline int64_t number_of(const data::Value& v) { return *v.array().as<int64_t>(); }

using Function = std::function<int64_t(const TaskContext&, const std::vector<int64_t>&)>;

// An operation on integers.
class Numeric : public Operation {
 public:
  Numeric(std::string name, Function function) : name_(std::move(name)), function_(function) {}
  std::string name() const override { return name_; }
  base::Result<data::Value> run(const TaskContext& context, Inputs inputs) const override {
    std::vector<int64_t> numbers;
    for (const data::Value& v : inputs) numbers.push_back(number_of(v));
    return number(function_(context, numbers));
  }
  int64_t bound(int64_t) const override { return bound_; }
  bool index_free() const override { return index_free_; }
  bool cheap() const override { return cheap_; }

  int64_t bound_ = -1;
  bool index_free_ = true;
  bool cheap_ = false;

 private:
  std::string name_;
  Function function_;
};

inline base::Token token_of(const std::string& name) { return base::Tokenizer(name).finish(); }

// The block's own index.
inline LayerPtr source(const std::string& name, std::vector<int64_t> grid, bool cheap = false) {
  auto operation = std::make_shared<Numeric>(
      name, [](const TaskContext& c, const std::vector<int64_t>&) { return c.index; });
  operation->index_free_ = false;
  operation->cheap_ = cheap;
  return std::make_shared<BlockwiseLayer>(name, token_of(name), operation, std::move(grid),
                                          std::vector<BlockwiseLayer::Input>{});
}

// 7 + the weighted sum of the inputs: weight k + 1 for input k, so that order matters.
inline OperationPtr weighted(const std::string& name) {
  return std::make_shared<Numeric>(name, [](const TaskContext&, const std::vector<int64_t>& in) {
    int64_t sum = 7;
    for (size_t k = 0; k < in.size(); ++k) sum += in[k] * static_cast<int64_t>(k + 1);
    return sum % 1'000'000'007;
  });
}

inline LayerPtr blockwise(const std::string& name, std::vector<int64_t> grid,
                          std::vector<BlockwiseLayer::Input> inputs) {
  return std::make_shared<BlockwiseLayer>(name, token_of(name), weighted(name), std::move(grid),
                                          std::move(inputs));
}

inline LayerPtr map_over(const std::string& name, const LayerPtr& input) {
  return blockwise(name, input->grid(), {{input, BlockMap::identity(input->grid())}});
}

// Every task's value by plain recursion over layers: what any execution must agree with.
class Interpreter {
 public:
  int64_t value(const LayerPtr& layer, int64_t index) {
    auto key = std::make_pair(layer.get(), index);
    auto at = known_.find(key);
    if (at != known_.end()) return at->second;
    std::vector<Dependency> dependencies;
    layer->dependencies(index, dependencies);
    std::vector<data::Value> inputs;
    for (const Dependency& d : dependencies) {
      bool own = d.input >= layer->inputs().size();
      inputs.push_back(number(value(own ? layer : layer->inputs()[d.input], d.index)));
    }
    auto result = layer->operation(index).run({index, nullptr}, inputs);
    return known_[key] = number_of(result.value());
  }

 private:
  std::map<std::pair<const Layer*, int64_t>, int64_t> known_;
};

}  // namespace dusk::graph::testing
