// A family of tasks given by a rule. It costs the same for ten chunks or ten million.
//
// A layer has size() tasks, numbered from 0; task i takes the results of tasks of the input layers
// that dependencies(i) names, in argument order, and runs operation(i). Layers are immutable and
// form a DAG through inputs(); every method may be called from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dusk/base/token.h"
#include "dusk/graph/operation.h"

namespace dusk::graph {

class Layer;
using LayerPtr = std::shared_ptr<const Layer>;

// Task `index` of `inputs()[input]`.
struct Dependency {
  uint32_t input;
  int64_t index;
};

// What the user attached with dusk.annotate; kept through every optimisation.
using Annotations = std::map<std::string, std::string>;  // values are JSON

class Layer {
 public:
  // `prefix` and `token` make the layer's name, "sum-<token>", and its tasks' keys. With a null
  // token the prefix is the whole name: one that a user gave.
  Layer(std::string prefix, base::Token token, std::vector<LayerPtr> inputs);
  // Chains of any length are destroyed without recursion.
  virtual ~Layer();

  virtual std::string_view kind() const = 0;  // "blockwise", "tree-reduce", ...
  virtual int64_t size() const = 0;
  virtual void dependencies(int64_t index, std::vector<Dependency>& out) const = 0;  // appends
  virtual const Operation& operation(int64_t index) const = 0;
  // The key's suffix for people: "3" or "0, 12"; the default is the index.
  virtual std::string label(int64_t index) const { return std::to_string(index); }
  // The task's key as Dask prints it: "('sum-1f3a...', 0, 12)".
  virtual std::string key(int64_t index) const;
  // What the task is called in progress displays and timelines; the layer's prefix by default.
  virtual std::string task_name(int64_t) const { return prefix_; }
  // True when every block *is* the one input block that dependencies() names: such layers cost no
  // tasks, expand() looks through them.
  virtual bool forwards() const { return false; }
  // Lengths of the block grid that indexes run over in C order; {size()} by default.
  virtual std::vector<int64_t> grid() const { return {size()}; }

  // As Operation::codec() and encode(). Prefix, token, inputs and annotations are not encode()'s.
  virtual std::string_view codec() const { return {}; }
  virtual void encode(Encoder& out) const { (void)out; }

  const std::string& prefix() const { return prefix_; }
  const base::Token& token() const { return token_; }
  std::string name() const {
    return token_ == base::Token{} ? prefix_ : prefix_ + "-" + token_.hex();
  }
  const std::vector<LayerPtr>& inputs() const { return inputs_; }
  const Annotations& annotations() const { return annotations_; }
  void set_annotations(Annotations a) { annotations_ = std::move(a); }  // before it is shared
  // The whole name. Before it is shared.
  void set_name(std::string name) {
    prefix_ = std::move(name);
    token_ = {};
  }

 private:
  std::string prefix_;
  base::Token token_;
  std::vector<LayerPtr> inputs_;
  Annotations annotations_;
};

// Maps the linear index of an output block to that of an input block:
// offset + sum over axes of coordinate * stride. Broadcast axes have stride 0.
struct BlockMap {
  std::vector<int64_t> grid;     // of the output
  std::vector<int64_t> strides;  // one per output axis, in input blocks
  int64_t offset = 0;

  static BlockMap identity(std::vector<int64_t> grid);
  bool is_identity() const;
  int64_t operator()(int64_t index) const;
};

// One task an output block; each takes one block of every input.
class BlockwiseLayer : public Layer {
 public:
  struct Input {
    LayerPtr layer;
    BlockMap map;
  };
  BlockwiseLayer(std::string prefix, base::Token token, OperationPtr operation,
                 std::vector<int64_t> grid, std::vector<Input> inputs);

  std::string_view kind() const override { return "blockwise"; }
  int64_t size() const override { return size_; }
  void dependencies(int64_t index, std::vector<Dependency>& out) const override;
  const Operation& operation(int64_t) const override { return *operation_; }
  std::string label(int64_t index) const override;
  std::vector<int64_t> grid() const override { return grid_; }

  const OperationPtr& shared_operation() const { return operation_; }
  const std::vector<BlockMap>& maps() const { return maps_; }
  std::string_view codec() const override { return "graph.blockwise"; }
  void encode(Encoder& out) const override;

 private:
  OperationPtr operation_;
  std::vector<int64_t> grid_;
  int64_t size_;
  std::vector<BlockMap> maps_;
};

// One round of a tree reduction: every output block takes the box of input blocks whose
// coordinate / split is its own, in C order (the last box of an axis may be smaller).
class TreeReduceLayer : public Layer {
 public:
  TreeReduceLayer(std::string prefix, base::Token token, OperationPtr operation, LayerPtr input,
                  std::vector<int64_t> input_grid, std::vector<int64_t> split);

  std::string_view kind() const override { return "tree-reduce"; }
  int64_t size() const override { return size_; }
  void dependencies(int64_t index, std::vector<Dependency>& out) const override;
  const Operation& operation(int64_t) const override { return *operation_; }
  std::string label(int64_t index) const override;
  std::vector<int64_t> grid() const override { return grid_; }
  std::string_view codec() const override { return "graph.tree-reduce"; }
  void encode(Encoder& out) const override;

 private:
  OperationPtr operation_;
  std::vector<int64_t> input_grid_;
  std::vector<int64_t> split_;
  std::vector<int64_t> grid_;
  int64_t size_;
};

// Values that are already here (results of persist, scattered data, from_array blocks).
class ValuesLayer : public Layer {
 public:
  ValuesLayer(std::string prefix, base::Token token, std::vector<data::Value> values,
              std::vector<int64_t> grid = {});
  ~ValuesLayer() override;

  std::string_view kind() const override { return "values"; }
  int64_t size() const override;
  void dependencies(int64_t, std::vector<Dependency>&) const override {}
  const Operation& operation(int64_t) const override;
  std::string label(int64_t index) const override;
  std::vector<int64_t> grid() const override { return grid_; }
  const std::vector<data::Value>& values() const { return values_; }
  std::string_view codec() const override { return "graph.values"; }
  void encode(Encoder& out) const override;

 private:
  std::vector<data::Value> values_;
  OperationPtr operation_;
  std::vector<int64_t> grid_;
};

// Block i is block indexes[i] of the input; no tasks of its own (selections of blocks).
class PickLayer : public Layer {
 public:
  PickLayer(std::string prefix, base::Token token, LayerPtr input, std::vector<int64_t> indexes,
            std::vector<int64_t> grid = {});

  std::string_view kind() const override { return "pick"; }
  int64_t size() const override { return static_cast<int64_t>(indexes_.size()); }
  void dependencies(int64_t index, std::vector<Dependency>& out) const override {
    out.push_back({0, indexes_[static_cast<size_t>(index)]});
  }
  const Operation& operation(int64_t) const override;
  std::string label(int64_t index) const override { return grid_label(index); }
  bool forwards() const override { return true; }
  std::vector<int64_t> grid() const override { return grid_; }
  std::string_view codec() const override { return "graph.pick"; }
  void encode(Encoder& out) const override;

 private:
  std::string grid_label(int64_t index) const;
  std::vector<int64_t> indexes_;
  std::vector<int64_t> grid_;
};

// Tasks listed one by one, each with its own operation (delayed functions, ingested dicts).
class ListLayer : public Layer {
 public:
  struct Task {
    std::string key;
    OperationPtr operation;
    std::vector<Dependency> dependencies;  // input == inputs().size() means this layer itself
  };
  ListLayer(std::string prefix, base::Token token, std::vector<LayerPtr> inputs,
            std::vector<Task> tasks);

  std::string_view kind() const override { return "list"; }
  int64_t size() const override { return static_cast<int64_t>(tasks_.size()); }
  void dependencies(int64_t index, std::vector<Dependency>& out) const override;
  const Operation& operation(int64_t index) const override;
  std::string label(int64_t index) const override;
  std::string key(int64_t index) const override { return label(index); }
  std::string task_name(int64_t index) const override { return operation(index).name(); }
  const std::vector<Task>& tasks() const { return tasks_; }
  std::string_view codec() const override { return "graph.list"; }
  void encode(Encoder& out) const override;

 private:
  std::vector<Task> tasks_;
};

// The operation that returns its only input.
const Operation& identity_operation();

// "0, 12" for block 12 of a {1, 40} grid.
std::string grid_label(int64_t index, const std::vector<int64_t>& grid);
int64_t grid_size(const std::vector<int64_t>& grid);

}  // namespace dusk::graph
