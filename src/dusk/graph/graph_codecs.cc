// The codecs of this folder's layers and operations.
#include <algorithm>

#include "dusk/graph/codec.h"
#include "dusk/graph/fuse.h"
#include "dusk/graph/remote_layer.h"

namespace dusk::graph {
namespace {

constexpr int64_t kBlocksMax = int64_t{1} << 40;

int64_t checked_size(const std::vector<int64_t>& grid) {
  __int128 size = 1;
  bool empty = false;
  for (int64_t n : grid) {
    if (n < 0 || n > kBlocksMax) throw PackedReader::damaged();
    empty |= n == 0;
    size *= std::max<int64_t>(n, 1);
    if (size > kBlocksMax) throw PackedReader::damaged();
  }
  return empty ? 0 : static_cast<int64_t>(size);
}

LayerPtr decode_blockwise(Decoder& in, LayerHead head) {
  OperationPtr operation = in.operation();
  std::vector<int64_t> grid = read_grid(in);
  std::vector<BlockwiseLayer::Input> inputs;
  for (LayerPtr& input : head.inputs) {
    BlockMap map = read_block_map(in, input->size());
    if (checked_size(map.grid) != checked_size(grid)) throw PackedReader::damaged();
    inputs.push_back({std::move(input), std::move(map)});
  }
  return std::make_shared<BlockwiseLayer>(std::move(head.prefix), head.token, std::move(operation),
                                          std::move(grid), std::move(inputs));
}

LayerPtr decode_tree_reduce(Decoder& in, LayerHead head) {
  require_inputs(head, 1);
  OperationPtr operation = in.operation();
  std::vector<int64_t> grid = read_grid(in);
  std::vector<int64_t> split = in.integers();
  bool fits = checked_size(grid) == head.inputs[0]->size() && split.size() == grid.size();
  for (int64_t n : split) fits &= n > 0 && n <= kBlocksMax;
  if (!fits) throw PackedReader::damaged();
  return std::make_shared<TreeReduceLayer>(std::move(head.prefix), head.token, std::move(operation),
                                           std::move(head.inputs[0]), std::move(grid),
                                           std::move(split));
}

LayerPtr decode_values(Decoder& in, LayerHead head) {
  require_inputs(head, 0);
  std::vector<int64_t> grid = read_grid(in);
  std::vector<data::Value> values(in.length());
  for (data::Value& v : values) v = in.value();
  if (checked_size(grid) != static_cast<int64_t>(values.size())) throw PackedReader::damaged();
  return std::make_shared<ValuesLayer>(std::move(head.prefix), head.token, std::move(values),
                                       std::move(grid));
}

LayerPtr decode_pick(Decoder& in, LayerHead head) {
  require_inputs(head, 1);
  std::vector<int64_t> grid = read_grid(in);
  std::vector<int64_t> blocks = read_blocks(in, head.inputs[0]->size());
  if (checked_size(grid) != static_cast<int64_t>(blocks.size())) throw PackedReader::damaged();
  return std::make_shared<PickLayer>(std::move(head.prefix), head.token, std::move(head.inputs[0]),
                                     std::move(blocks), std::move(grid));
}

// Tasks of the layer itself may be read by later ones only, so that there is no cycle.
Dependency read_dependency(Decoder& in, const LayerHead& head, int64_t task) {
  auto input = static_cast<uint32_t>(in.integer(0, static_cast<int64_t>(head.inputs.size())));
  int64_t blocks = input < head.inputs.size() ? head.inputs[input]->size() : task;
  return {input, in.integer(0, blocks - 1)};
}

LayerPtr decode_list(Decoder& in, LayerHead head) {
  std::vector<ListLayer::Task> tasks(in.length());
  for (size_t i = 0; i < tasks.size(); ++i) {
    ListLayer::Task& task = tasks[i];
    task.key = in.text();
    task.operation = in.operation();
    task.dependencies.resize(in.length());
    for (Dependency& d : task.dependencies) d = read_dependency(in, head, static_cast<int64_t>(i));
  }
  return std::make_shared<ListLayer>(std::move(head.prefix), head.token, std::move(head.inputs),
                                     std::move(tasks));
}

OperationPtr decode_identity(Decoder&) {
  return {&identity_operation(), [](const Operation*) {}};  // lives as long as the process
}

}  // namespace

std::vector<int64_t> read_grid(Decoder& in) {
  std::vector<int64_t> grid = in.integers();
  checked_size(grid);
  return grid;
}

void write_block_map(Encoder& out, const BlockMap& map) {
  out.integers(map.grid);
  out.integers(map.strides);
  out.integer(map.offset);
}

BlockMap read_block_map(Decoder& in, int64_t blocks) {
  BlockMap map{read_grid(in), in.integers(), in.integer(0, std::max<int64_t>(blocks, 1))};
  if (map.strides.size() != map.grid.size()) throw PackedReader::damaged();
  if (checked_size(map.grid) == 0) return map;
  __int128 least = map.offset, most = map.offset;
  for (size_t d = 0; d < map.grid.size(); ++d) {
    __int128 reach = static_cast<__int128>(map.strides[d]) * (map.grid[d] - 1);
    (reach < 0 ? least : most) += reach;
  }
  if (least < 0 || most >= blocks) throw PackedReader::damaged();
  return map;
}

std::vector<int64_t> read_blocks(Decoder& in, int64_t blocks) {
  std::vector<int64_t> numbers = in.integers();
  for (int64_t n : numbers) {
    if (n < 0 || n >= blocks) throw PackedReader::damaged();
  }
  return numbers;
}

void require_inputs(const LayerHead& head, size_t count) {
  if (head.inputs.size() != count) throw PackedReader::damaged();
}

void BlockwiseLayer::encode(Encoder& out) const {
  out.operation(*operation_);
  out.integers(grid_);
  for (const BlockMap& map : maps_) write_block_map(out, map);
}

void TreeReduceLayer::encode(Encoder& out) const {
  out.operation(*operation_);
  out.integers(input_grid_);
  out.integers(split_);
}

void ValuesLayer::encode(Encoder& out) const {
  out.integers(grid_);
  out.count(values_.size());
  for (const data::Value& v : values_) out.value(v);
}

void PickLayer::encode(Encoder& out) const {
  out.integers(grid_);
  out.integers(indexes_);
}

void ListLayer::encode(Encoder& out) const { encode_tasks(*this, out); }

void encode_tasks(const Layer& layer, Encoder& out) {
  out.count(static_cast<uint64_t>(layer.size()));
  std::vector<Dependency> dependencies;
  for (int64_t i = 0; i < layer.size(); ++i) {
    out.text(layer.key(i));
    out.operation(layer.operation(i));
    dependencies.clear();
    layer.dependencies(i, dependencies);
    out.count(dependencies.size());
    for (const Dependency& d : dependencies) {
      out.integer(d.input);
      out.integer(d.index);
    }
  }
}

void add_codecs(Codecs& codecs) {
  codecs.layers["graph.blockwise"] = &decode_blockwise;
  codecs.layers["graph.tree-reduce"] = &decode_tree_reduce;
  codecs.layers["graph.values"] = &decode_values;
  codecs.layers["graph.pick"] = &decode_pick;
  codecs.layers["graph.list"] = &decode_list;
  codecs.layers["graph.remote"] = &decode_remote;
  codecs.operations["graph.elsewhere"] = &decode_elsewhere;
  codecs.operations["graph.identity"] = &decode_identity;
  codecs.operations["graph.fused"] = &decode_fused;
}

}  // namespace dusk::graph
