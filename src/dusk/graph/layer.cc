#include "dusk/graph/layer.h"

#include "dusk/base/check.h"

namespace dusk::graph {
namespace {

std::vector<LayerPtr> layers_of(const std::vector<BlockwiseLayer::Input>& inputs) {
  std::vector<LayerPtr> layers;
  for (const auto& input : inputs) layers.push_back(input.layer);
  return layers;
}

class TakeValue : public Operation {
 public:
  explicit TakeValue(const std::vector<data::Value>& values) : values_(values) {}
  std::string name() const override { return "values"; }
  base::Result<data::Value> run(const TaskContext& context, Inputs) const override {
    return values_[static_cast<size_t>(context.index)];
  }
  int64_t bound(int64_t) const override { return 0; }
  bool index_free() const override { return false; }
  bool cheap() const override { return true; }

 private:
  const std::vector<data::Value> values_;
};

class Identity : public Operation {
 public:
  std::string name() const override { return "identity"; }
  base::Result<data::Value> run(const TaskContext&, Inputs inputs) const override {
    return inputs[0];
  }
  int64_t bound(int64_t) const override { return 0; }
  std::string_view codec() const override { return "graph.identity"; }
};

}  // namespace

const Operation& identity_operation() {
  static const Identity* identity = new Identity;
  return *identity;
}

Layer::~Layer() {
  thread_local std::vector<LayerPtr>* pending = nullptr;
  if (pending) {
    for (auto& input : inputs_) pending->push_back(std::move(input));
    return;
  }
  std::vector<LayerPtr> chain = std::move(inputs_);
  pending = &chain;
  while (!chain.empty()) {
    LayerPtr layer = std::move(chain.back());
    chain.pop_back();
  }
  pending = nullptr;
}

std::string Layer::key(int64_t index) const {
  std::string suffix = label(index);
  return suffix.empty() ? "('" + name() + "',)" : "('" + name() + "', " + suffix + ")";
}

Layer::Layer(std::string prefix, base::Token token, std::vector<LayerPtr> inputs)
    : prefix_(std::move(prefix)), token_(token), inputs_(std::move(inputs)) {}

int64_t grid_size(const std::vector<int64_t>& grid) {
  int64_t size = 1;
  for (int64_t n : grid) size *= n;
  return size;
}

std::string grid_label(int64_t index, const std::vector<int64_t>& grid) {
  std::string text;
  for (size_t d = grid.size(); d-- > 0;) {
    std::string part = std::to_string(index % grid[d]);
    index /= grid[d];
    text = text.empty() ? part : part + ", " + text;
  }
  return text;
}

BlockMap BlockMap::identity(std::vector<int64_t> grid) {
  BlockMap map;
  map.strides.resize(grid.size());
  int64_t step = 1;
  for (size_t d = grid.size(); d-- > 0;) {
    map.strides[d] = step;
    step *= grid[d];
  }
  map.grid = std::move(grid);
  return map;
}

bool BlockMap::is_identity() const {
  if (offset != 0) return false;
  int64_t step = 1;
  for (size_t d = grid.size(); d-- > 0;) {
    if (grid[d] != 1 && strides[d] != step) return false;
    step *= grid[d];
  }
  return true;
}

int64_t BlockMap::operator()(int64_t index) const {
  int64_t mapped = offset;
  for (size_t d = grid.size(); d-- > 0;) {
    mapped += index % grid[d] * strides[d];
    index /= grid[d];
  }
  return mapped;
}

BlockwiseLayer::BlockwiseLayer(std::string prefix, base::Token token, OperationPtr operation,
                               std::vector<int64_t> grid, std::vector<Input> inputs)
    : Layer(std::move(prefix), token, layers_of(inputs)),
      operation_(std::move(operation)),
      grid_(std::move(grid)),
      size_(grid_size(grid_)) {
  for (auto& input : inputs) maps_.push_back(std::move(input.map));
}

void BlockwiseLayer::dependencies(int64_t index, std::vector<Dependency>& out) const {
  for (uint32_t k = 0; k < maps_.size(); ++k) out.push_back({k, maps_[k](index)});
}

std::string BlockwiseLayer::label(int64_t index) const { return grid_label(index, grid_); }

TreeReduceLayer::TreeReduceLayer(std::string prefix, base::Token token, OperationPtr operation,
                                 LayerPtr input, std::vector<int64_t> input_grid,
                                 std::vector<int64_t> split)
    : Layer(std::move(prefix), token, {std::move(input)}),
      operation_(std::move(operation)),
      input_grid_(std::move(input_grid)),
      split_(std::move(split)) {
  DUSK_CHECK(input_grid_.size() == split_.size(), "one split per axis");
  for (size_t d = 0; d < split_.size(); ++d) {
    grid_.push_back((input_grid_[d] + split_[d] - 1) / split_[d]);
  }
  size_ = grid_size(grid_);
}

void TreeReduceLayer::dependencies(int64_t index, std::vector<Dependency>& out) const {
  size_t ndim = grid_.size();
  std::vector<int64_t> first(ndim), last(ndim);
  for (size_t d = ndim; d-- > 0;) {
    first[d] = index % grid_[d] * split_[d];
    last[d] = std::min(first[d] + split_[d], input_grid_[d]);
    index /= grid_[d];
  }
  std::vector<int64_t> at = first;
  while (true) {
    int64_t linear = 0;
    for (size_t d = 0; d < ndim; ++d) linear = linear * input_grid_[d] + at[d];
    out.push_back({0, linear});
    size_t d = ndim;
    while (d-- > 0) {
      if (++at[d] < last[d]) break;
      at[d] = first[d];
      if (d == 0) return;
    }
    if (ndim == 0) return;
  }
}

std::string TreeReduceLayer::label(int64_t index) const { return grid_label(index, grid_); }

ValuesLayer::ValuesLayer(std::string prefix, base::Token token, std::vector<data::Value> values,
                         std::vector<int64_t> grid)
    : Layer(std::move(prefix), token, {}),
      values_(std::move(values)),
      operation_(std::make_shared<TakeValue>(values_)),
      grid_(std::move(grid)) {
  if (grid_.empty() && values_.size() != 1) grid_ = {size()};
}
ValuesLayer::~ValuesLayer() = default;
int64_t ValuesLayer::size() const { return static_cast<int64_t>(values_.size()); }
const Operation& ValuesLayer::operation(int64_t) const { return *operation_; }
std::string ValuesLayer::label(int64_t index) const { return grid_label(index, grid_); }

PickLayer::PickLayer(std::string prefix, base::Token token, LayerPtr input,
                     std::vector<int64_t> indexes, std::vector<int64_t> grid)
    : Layer(std::move(prefix), token, {std::move(input)}),
      indexes_(std::move(indexes)),
      grid_(std::move(grid)) {
  if (grid_.empty() && indexes_.size() != 1) grid_ = {size()};
}
const Operation& PickLayer::operation(int64_t) const { return identity_operation(); }
std::string PickLayer::grid_label(int64_t index) const { return graph::grid_label(index, grid_); }

ListLayer::ListLayer(std::string prefix, base::Token token, std::vector<LayerPtr> inputs,
                     std::vector<Task> tasks)
    : Layer(std::move(prefix), token, std::move(inputs)), tasks_(std::move(tasks)) {}

void ListLayer::dependencies(int64_t index, std::vector<Dependency>& out) const {
  const auto& own = tasks_[static_cast<size_t>(index)].dependencies;
  out.insert(out.end(), own.begin(), own.end());
}
const Operation& ListLayer::operation(int64_t index) const {
  return *tasks_[static_cast<size_t>(index)].operation;
}
std::string ListLayer::label(int64_t index) const { return tasks_[static_cast<size_t>(index)].key; }

}  // namespace dusk::graph
