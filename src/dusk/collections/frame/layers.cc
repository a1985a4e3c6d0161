#include "dusk/collections/frame/layers.h"

#include <arrow/api.h>

#include "dusk/base/error.h"
#include "dusk/collections/frame/codecs.h"
#include "dusk/graph/fields.h"
#include "dusk/kernels/frame/rows.h"

namespace dusk::collections::frame {
namespace {

constexpr int64_t kPartitionsMax = int64_t{1} << 40;

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
  std::string_view codec() const override { return "frame.gather"; }
  void encode(graph::Encoder& out) const override { graph::write_fields(out, operation_, groups_); }
  static graph::LayerPtr decode(graph::Decoder& in, graph::LayerHead head) {
    graph::require_inputs(head, 1);
    graph::OperationPtr operation = in.operation();
    std::vector<std::vector<int64_t>> groups(in.length());
    for (auto& group : groups) group = graph::read_blocks(in, head.inputs[0]->size());
    return std::make_shared<GroupedLayer>(std::move(head.prefix), head.token,
                                          std::move(head.inputs[0]), std::move(operation),
                                          std::move(groups));
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
  std::string_view codec() const override { return "frame.all-to-all"; }
  void encode(graph::Encoder& out) const override { graph::write_fields(out, operation_, count_); }
  static graph::LayerPtr decode(graph::Decoder& in, graph::LayerHead head) {
    graph::require_inputs(head, 1);
    graph::OperationPtr operation = in.operation();
    return std::make_shared<AllToAllLayer>(std::move(head.prefix), head.token,
                                           std::move(head.inputs[0]), std::move(operation),
                                           in.integer(0, kPartitionsMax));
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
  std::string_view codec() const override { return "frame.chain"; }
  static graph::LayerPtr decode(graph::Decoder&, graph::LayerHead head) {
    return std::make_shared<ChainLayer>(std::move(head.prefix), head.token, std::move(head.inputs));
  }

 private:
  int64_t size_ = 0;
};

}  // namespace

void add_layer_codecs(graph::Codecs& codecs) {
  codecs.layers["frame.gather"] = &GroupedLayer::decode;
  codecs.layers["frame.all-to-all"] = &AllToAllLayer::decode;
  codecs.layers["frame.chain"] = &ChainLayer::decode;
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

std::shared_ptr<arrow::Table> piece(const data::Value& list, int64_t index) {
  const data::ValueList& tables = list.list();
  if (index < 0 || index >= static_cast<int64_t>(tables.size())) {
    throw base::value_error("[shuffle] piece " + std::to_string(index) + " of " +
                            std::to_string(tables.size()) + " is asked for");
  }
  return table_of(tables[static_cast<size_t>(index)]);
}

std::shared_ptr<arrow::Table> pieces(graph::Inputs inputs, int64_t index) {
  std::vector<std::shared_ptr<arrow::Table>> tables;
  for (const data::Value& value : inputs) {
    tables.push_back(piece(value, index));
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
