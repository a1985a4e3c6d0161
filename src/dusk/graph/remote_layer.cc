#include "dusk/graph/remote_layer.h"

namespace dusk::graph {
namespace {

class Elsewhere : public Operation {
 public:
  std::string name() const override { return "remote"; }
  base::Result<data::Value> run(const TaskContext&, Inputs) const override {
    return base::runtime_error(
        "[remote] the block lives on a cluster: compute it there, through the client that "
        "persisted "
        "it");
  }
  int64_t bound(int64_t) const override { return 0; }
  std::string_view codec() const override { return "graph.elsewhere"; }
};

const Elsewhere& elsewhere() {
  static const Elsewhere* operation = new Elsewhere;
  return *operation;
}

}  // namespace

RemoteLayer::RemoteLayer(std::string prefix, base::Token token, std::vector<std::string> keys,
                         std::vector<int64_t> grid)
    : Layer(std::move(prefix), token, {}), keys_(std::move(keys)), grid_(std::move(grid)) {
  if (grid_.empty() && keys_.size() != 1) grid_ = {size()};
}

const Operation& RemoteLayer::operation(int64_t) const { return elsewhere(); }

void RemoteLayer::encode(Encoder& out) const {
  out.integers(grid_);
  out.texts(keys_);
}

LayerPtr decode_remote(Decoder& in, LayerHead head) {
  require_inputs(head, 0);
  std::vector<int64_t> grid = read_grid(in);
  std::vector<std::string> keys = in.texts();
  if (grid_size(grid) != static_cast<int64_t>(keys.size())) throw Decoder::damaged();
  return std::make_shared<RemoteLayer>(std::move(head.prefix), head.token, std::move(keys),
                                       std::move(grid));
}

OperationPtr decode_elsewhere(Decoder&) {
  return {&elsewhere(), [](const Operation*) {}};  // lives as long as the process
}

}  // namespace dusk::graph
