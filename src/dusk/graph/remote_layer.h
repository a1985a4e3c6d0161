// Blocks that live elsewhere: each is a task of a cluster, named by its key.
//
// It takes the place of ValuesLayer for collections that were persisted on a cluster. Where a graph
// arrives at that cluster the keys become dependencies on the tasks that are there; nobody runs
// its operations.
#pragma once

#include "dusk/graph/codec.h"

namespace dusk::graph {

class RemoteLayer : public Layer {
 public:
  // One key a block of the grid.
  RemoteLayer(std::string prefix, base::Token token, std::vector<std::string> keys,
              std::vector<int64_t> grid = {});

  std::string_view kind() const override { return "remote"; }
  int64_t size() const override { return static_cast<int64_t>(keys_.size()); }
  void dependencies(int64_t, std::vector<Dependency>&) const override {}
  // Running it is a RuntimeError that says where the block is.
  const Operation& operation(int64_t) const override;
  std::string label(int64_t index) const override { return grid_label(index, grid_); }
  std::string key(int64_t index) const override { return keys_[static_cast<size_t>(index)]; }
  std::vector<int64_t> grid() const override { return grid_; }
  const std::vector<std::string>& keys() const { return keys_; }

  std::string_view codec() const override { return "graph.remote"; }
  void encode(Encoder& out) const override;

 private:
  std::vector<std::string> keys_;
  std::vector<int64_t> grid_;
};

LayerPtr decode_remote(Decoder& in, LayerHead head);
OperationPtr decode_elsewhere(Decoder& in);

}  // namespace dusk::graph
