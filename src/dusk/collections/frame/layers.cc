#include "dusk/collections/frame/layers.h"

#include <arrow/api.h>

#include "dusk/kernels/frame/rows.h"

namespace dusk::collections::frame {
namespace {

// A layer whose dependencies are a list of blocks for every task.
class GroupedLayer : public graph::Layer {
 public:
  GroupedLayer(std::string prefix, base::Token token, graph::LayerPtr input,
               graph::OperationPtr operation, std::vector<std::vector<int64_t>> groups)
      : Layer(std::move(prefix), token, {std::move(input)}),
        operation_(std::move(operation)),
        groups_(std::move(groups)) {}
  std::string_view kind() const override { return "gather"; }
  int64_t size() const override { return static_cast<int64_t>(groups_.size()); }
  const graph::Operation& operation(int64_t) const override { return *operation_; }
  void dependencies(int64_t index, std::vector<graph::Dependency>& out) const override {
    for (int64_t block : groups_[static_cast<size_t>(index)]) out.push_back({0, block});
  }

 private:
  graph::OperationPtr operation_;
  std::vector<std::vector<int64_t>> groups_;
};

class AllToAllLayer : public graph::Layer {
 public:
  AllToAllLayer(std::string prefix, base::Token token, graph::LayerPtr input,
                graph::OperationPtr operation, int64_t count)
      : Layer(std::move(prefix), token, {std::move(input)}),
        operation_(std::move(operation)),
        count_(count) {}
  std::string_view kind() const override { return count_ == 1 ? "gather" : "all-to-all"; }
  int64_t size() const override { return count_; }
  const graph::Operation& operation(int64_t) const override { return *operation_; }
  void dependencies(int64_t, std::vector<graph::Dependency>& out) const override {
    for (int64_t block = 0; block < inputs()[0]->size(); ++block) out.push_back({0, block});
  }

 private:
  graph::OperationPtr operation_;
  int64_t count_;
};

class ChainLayer : public graph::Layer {
 public:
  ChainLayer(std::string prefix, base::Token token, std::vector<graph::LayerPtr> inputs)
      : Layer(std::move(prefix), token, std::move(inputs)) {
    for (const auto& input : this->inputs()) size_ += input->size();
  }
  std::string_view kind() const override { return "chain"; }
  int64_t size() const override { return size_; }
  bool forwards() const override { return true; }
  const graph::Operation& operation(int64_t) const override { return graph::identity_operation(); }
  void dependencies(int64_t index, std::vector<graph::Dependency>& out) const override {
    for (uint32_t i = 0;; ++i) {
      int64_t size = inputs()[i]->size();
      if (index < size) return out.push_back({i, index});
      index -= size;
    }
  }

 private:
  int64_t size_ = 0;
};

class TableOperation : public graph::Operation {
 public:
  TableOperation(std::string name, TableFunction function, std::string text, bool index_free)
      : name_(std::move(name)),
        function_(std::move(function)),
        text_(std::move(text)),
        index_free_(index_free) {}
  std::string name() const override { return name_; }
  std::string detail() const override { return text_; }
  bool index_free() const override { return index_free_; }
  base::Result<data::Value> run(const graph::TaskContext& context,
                                graph::Inputs inputs) const override {
    return function_(context, inputs);
  }

 private:
  std::string name_;
  TableFunction function_;
  std::string text_;
  bool index_free_;
};

class RowwiseOperation : public TableOperation {
 public:
  using TableOperation::TableOperation;
};

}  // namespace

graph::OperationPtr rowwise_operation(std::string name, TableFunction function, std::string text) {
  return std::make_shared<RowwiseOperation>(std::move(name), std::move(function), std::move(text),
                                            true);
}

graph::OperationPtr copy_if_rowwise(const graph::Operation& operation) {
  const auto* rowwise = dynamic_cast<const RowwiseOperation*>(&operation);
  return rowwise ? std::make_shared<RowwiseOperation>(*rowwise) : nullptr;
}

graph::LayerPtr partitionwise(const std::string& prefix, base::Token token,
                              graph::OperationPtr operation, int64_t npartitions,
                              std::span<const graph::LayerPtr> inputs) {
  std::vector<graph::BlockwiseLayer::Input> wired;
  for (const graph::LayerPtr& input : inputs) {
    int64_t stride = input->size() == 1 && npartitions != 1 ? 0 : 1;
    wired.push_back({input, graph::BlockMap{{npartitions}, {stride}, 0}});
  }
  return std::make_shared<graph::BlockwiseLayer>(
      prefix, token, std::move(operation), std::vector<int64_t>{npartitions}, std::move(wired));
}

graph::LayerPtr all_to_all(const std::string& prefix, base::Token token,
                           graph::OperationPtr operation, graph::LayerPtr input, int64_t count) {
  return std::make_shared<AllToAllLayer>(prefix, token, std::move(input), std::move(operation),
                                         count);
}

graph::LayerPtr grouped(const std::string& prefix, base::Token token, graph::OperationPtr operation,
                        graph::LayerPtr input, std::vector<std::vector<int64_t>> groups) {
  return std::make_shared<GroupedLayer>(prefix, token, std::move(input), std::move(operation),
                                        std::move(groups));
}

graph::LayerPtr chained(const std::string& prefix, base::Token token,
                        std::vector<graph::LayerPtr> inputs) {
  return std::make_shared<ChainLayer>(prefix, token, std::move(inputs));
}

base::Token inner_token(const base::Token& token, const char* what) {
  return base::Tokenizer(what).add(token).finish();
}

graph::OperationPtr table_operation(std::string name, TableFunction function, std::string text,
                                    bool index_free) {
  return std::make_shared<TableOperation>(std::move(name), std::move(function), std::move(text),
                                          index_free);
}

std::shared_ptr<arrow::Table> pieces(graph::Inputs inputs, int64_t index) {
  std::vector<std::shared_ptr<arrow::Table>> tables;
  for (const data::Value& value : inputs) {
    tables.push_back(table_of(value.list()[static_cast<size_t>(index)]));
  }
  return kernels::frame::concatenate(tables);
}

std::shared_ptr<arrow::Table> concatenated(graph::Inputs inputs) {
  std::vector<std::shared_ptr<arrow::Table>> tables;
  for (const data::Value& value : inputs) tables.push_back(table_of(value));
  return kernels::frame::concatenate(tables);
}

data::Value to_list(const std::vector<std::shared_ptr<arrow::Table>>& tables) {
  data::ValueList values;
  for (const auto& table : tables) values.push_back(to_value(table, {}));
  return data::Value(std::move(values));
}

}  // namespace dusk::collections::frame
