// Graphs of a client: which blocks are new, which values go to workers first, what is sent.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>

#include "dusk/graph/codec.h"
#include "dusk/graph/remote_layer.h"
#include "dusk/node/client_impl.h"
#include "dusk/node/task_wishes.h"

namespace dusk::node {
namespace {

using cluster::TaskNumber;
using graph::LayerPtr;

// Values of at most so many bytes, or all of them when they are not more together, travel with the
// graph, through the scheduler.
constexpr int64_t kValueInlineMax = 8192;
constexpr int64_t kValuesInlineMax = 65536;

struct Block {
  LayerPtr layer;
  int64_t index = 0;
  std::string key;
};

// The task behind a block of a layer that only passes blocks on.
Block behind(LayerPtr layer, int64_t index) {
  std::vector<graph::Dependency> dependencies;
  while (layer->forwards()) {
    dependencies.clear();
    layer->dependencies(index, dependencies);
    index = dependencies.at(0).index;
    layer = layer->inputs().at(dependencies[0].input);
  }
  std::string key = layer->key(index);
  return {std::move(layer), index, std::move(key)};
}

std::vector<Block> blocks_of(std::span<const graph::Wanted> wanted) {
  std::vector<Block> blocks;
  for (const graph::Wanted& w : wanted) {
    for (int64_t index : w.indexes) {
      if (index < 0 || index >= w.layer->size()) {
        throw base::index_error("[compute] " + w.layer->name() + " has " +
                                std::to_string(w.layer->size()) + " blocks, and none is number " +
                                std::to_string(index));
      }
      blocks.push_back(behind(w.layer, index));
    }
    if (!w.indexes.empty()) continue;
    for (int64_t index = 0; index < w.layer->size(); ++index) {
      blocks.push_back(behind(w.layer, index));
    }
  }
  return blocks;
}

void add_wanted(std::vector<graph::Wanted>& wanted, const Block& block) {
  if (wanted.empty() || wanted.back().layer != block.layer) wanted.push_back({block.layer, {}});
  wanted.back().indexes.push_back(block.index);
}

// ---- blocks that are in this process

bool holds_blocks(const graph::Layer& layer) {
  const auto* blockwise = dynamic_cast<const graph::BlockwiseLayer*>(&layer);
  return blockwise && layer.inputs().empty() && blockwise->shared_operation()->holds_blocks();
}

bool is_here(const graph::Layer& layer) {
  return dynamic_cast<const graph::ValuesLayer*>(&layer) || holds_blocks(layer);
}

// REQUIRES: is_here(layer).
data::Value block_of(const graph::Layer& layer, int64_t index) {
  const auto* values = dynamic_cast<const graph::ValuesLayer*>(&layer);
  if (values) return values->values()[static_cast<size_t>(index)];
  return layer.operation(index).run({index, nullptr}, {}).or_throw();
}

// Of what would be sent: a view is less than the memory it keeps.
int64_t sent_bytes(const data::Value& value) {
  return value.is_array() ? value.array().nbytes() : value.nbytes();
}

// The needed blocks of one layer.
struct BlocksHere {
  const graph::Layer* layer;
  std::vector<std::pair<int64_t, data::Value>> blocks;  // by number, rising
  bool large = false;                                   // one of them is
  int64_t nbytes = 0;                                   // of the large ones
};

bool brings_blocks(std::span<const graph::Wanted> wanted) {
  std::unordered_set<const graph::Layer*> seen;
  std::vector<const graph::Layer*> open;
  auto add = [&](const LayerPtr& layer) {
    if (seen.insert(layer.get()).second) open.push_back(layer.get());
  };
  for (const graph::Wanted& w : wanted) add(w.layer);
  while (!open.empty()) {
    const graph::Layer* layer = open.back();
    open.pop_back();
    if (is_here(*layer)) return true;
    for (const LayerPtr& input : layer->inputs()) add(input);
  }
  return false;
}

std::vector<BlocksHere> blocks_here(std::span<const graph::Wanted> wanted) {
  if (!brings_blocks(wanted)) return {};
  graph::TaskGraph tasks = graph::expand(wanted);
  std::vector<BlocksHere> all;
  std::unordered_map<const graph::Layer*, size_t> places;
  for (graph::TaskId t = 0; t < tasks.size(); ++t) {
    const graph::Layer* layer = tasks.layers[tasks.layer[t]].get();
    auto known = places.find(layer);
    if (known == places.end()) {
      if (!is_here(*layer)) continue;
      known = places.emplace(layer, all.size()).first;
      all.push_back({layer, {}});
    }
    BlocksHere& here = all[known->second];
    data::Value value = block_of(*layer, tasks.index[t]);
    int64_t nbytes = sent_bytes(value);
    if (nbytes > kValueInlineMax) {
      here.large = true;
      here.nbytes += nbytes;
    }
    here.blocks.emplace_back(tasks.index[t], std::move(value));
  }
  for (BlocksHere& here : all) {
    std::sort(here.blocks.begin(), here.blocks.end(),
              [](const auto& x, const auto& y) { return x.first < y.first; });
  }
  return all;
}

// The layer with the needed blocks as values, and nothing in the places of the others.
LayerPtr as_values(const BlocksHere& here) {
  std::vector<data::Value> values(static_cast<size_t>(here.layer->size()));
  for (const auto& [index, value] : here.blocks) values[static_cast<size_t>(index)] = value;
  return std::make_shared<graph::ValuesLayer>(here.layer->prefix(), here.layer->token(),
                                              std::move(values), here.layer->grid());
}

LayerPtr remote_blocks(const graph::Layer& layer) {
  std::vector<std::string> keys;
  for (int64_t i = 0; i < layer.size(); ++i) keys.push_back(layer.key(i));
  return std::make_shared<graph::RemoteLayer>(layer.prefix(), layer.token(), std::move(keys),
                                              layer.grid());
}

using Places = std::vector<std::pair<cluster::WorkerId, std::string>>;

// One place for each thread that takes tasks.
Places places_of(const std::string& scheduler_info) {
  Places places;
  auto info = nlohmann::json::parse(scheduler_info);
  for (const auto& [address, worker] : info.at("workers").items()) {
    if (worker.at("status") != "running") continue;
    cluster::WorkerId id{worker.at("id").get<uint32_t>()};
    for (int64_t i = worker.at("nthreads").get<int64_t>(); i > 0; --i) {
      places.emplace_back(id, address);
    }
  }
  return places;
}

}  // namespace

// Futures of what went to workers, and in `replaced` what takes the layers' places.
std::vector<TaskNumber> Client::Impl::scatter_values(Client& client,
                                                     std::span<const graph::Wanted> wanted,
                                                     graph::Replaced& replaced, const Poll& poll) {
  std::vector<BlocksHere> layers = blocks_here(wanted);
  int64_t total = 0;
  for (const BlocksHere& here : layers) total += here.nbytes;
  Places places;
  if (total > kValuesInlineMax) places = places_of(client.ask("scheduler_info", {}, poll));
  std::vector<ScatterItem> items;
  int64_t before = 0;
  for (const BlocksHere& here : layers) {
    if (!here.large || places.empty()) {  // they travel with the graph
      replaced[here.layer] = as_values(here);
      continue;
    }
    replaced[here.layer] = remote_blocks(*here.layer);
    for (const auto& [index, value] : here.blocks) {
      // Neighbours to the same place, to every place as much.
      auto share = std::min(static_cast<double>(before) / static_cast<double>(total), 1.0);
      auto place = static_cast<size_t>(share * static_cast<double>(places.size()));
      before += sent_bytes(value);
      items.push_back({here.layer->key(index), data::to_frames(value),
                       places[std::min(place, places.size() - 1)]});
    }
  }
  if (items.empty()) return {};
  return scatter_all(std::move(items), poll);
}

std::vector<TaskNumber> Client::Impl::scatter_all(std::vector<ScatterItem> items,
                                                  const Poll& poll) {
  std::vector<TaskNumber> numbers;
  std::vector<uint64_t> asked;
  std::vector<cluster::ScatteredTask> tasks;
  {
    Lock lock(*this);
    require_open();
    for (ScatterItem& item : items) {
      auto known = state.by_key.find(item.key);
      const cluster::FutureRecord* future =
          known == state.by_key.end() ? nullptr : state.find(known->second);
      if (future && future->status != cluster::FutureStatus::kError) {
        numbers.push_back(known->second);
        apply(cluster::FutureRetained{known->second});
        continue;
      }
      uint64_t number = ++last_question;
      asked.push_back(number);
      puts[number];
      cluster::ScatteredTask task;
      task.key = item.key;
      task.nbytes = static_cast<int64_t>(item.value.header.size());
      for (const auto& b : item.value.buffers) task.nbytes += static_cast<int64_t>(b->size());
      task.holders = {item.place.first};
      tasks.push_back(std::move(task));
      auto put =
          std::make_shared<NodeEntry>(PutValue{number, std::move(item.key), std::move(item.value)});
      loop->post([this, address = item.place.second, put] { say(address, std::move(*put)); });
    }
  }
  size_t done = 0;
  auto all_done = [&] {
    while (done < asked.size() && puts[asked[done]].has_value()) ++done;
    return done == asked.size() || state.lost.has_value();
  };
  wait({}, poll, all_done);
  Lock lock(*this);
  std::string error;
  for (uint64_t number : asked) {
    std::optional<PutDone> said = std::move(puts.extract(number).mapped());
    if (said && !said->error.empty()) error = said->error;
  }
  require_open();
  if (!error.empty()) throw base::Error(base::ErrorKind::kOs, "[scatter] " + error);
  for (cluster::ScatteredTask& task : tasks) {
    task.number = ++state.last_number;
    numbers.push_back(task.number);
    apply(cluster::DataScattered{std::move(task)});
  }
  return numbers;
}

std::vector<TaskNumber> Client::submit_graph(std::span<const graph::Wanted> wanted,
                                             const GraphOptions& options, const Poll& poll) {
  read_wishes(options.annotations);
  std::vector<Block> blocks = blocks_of(wanted);
  std::vector<TaskNumber> numbers(blocks.size(), 0);
  std::vector<TaskNumber> held;  // futures to be released on the way out
  struct Release {
    Client& client;
    std::vector<TaskNumber>& numbers;
    ~Release() {
      for (TaskNumber number : numbers) client.release(number);
    }
  } release{*this, held};

  std::vector<graph::Wanted> missing;
  std::vector<size_t> missing_blocks;
  {
    Impl::Lock lock(*impl_);
    impl_->require_open();
    std::unordered_set<std::string_view> seen;
    for (size_t i = 0; i < blocks.size(); ++i) {
      auto known = impl_->state.by_key.find(blocks[i].key);
      if (known != impl_->state.by_key.end()) {
        numbers[i] = known->second;
        impl_->apply(cluster::FutureRetained{numbers[i]});
        held.push_back(numbers[i]);
      } else if (seen.insert(blocks[i].key).second) {
        add_wanted(missing, blocks[i]);
        missing_blocks.push_back(i);
      }
    }
  }
  if (missing.empty() && missing_blocks.size() + held.size() == blocks.size()) {
    held.clear();
    return numbers;
  }
  graph::Replaced replaced;
  size_t known = held.size();
  for (TaskNumber number : impl_->scatter_values(*this, missing, replaced, poll)) {
    held.push_back(number);
  }
  SubmitGraph request{graph::encode_graph(missing, replaced), {}, options.annotations};
  {
    Impl::Lock lock(*impl_);
    impl_->require_open();
    cluster::FuturesMade made;
    for (size_t i : missing_blocks) {
      // Somebody else may have submitted it in the meantime.
      auto other = impl_->state.by_key.find(blocks[i].key);
      if (other != impl_->state.by_key.end()) {
        numbers[i] = other->second;
        impl_->apply(cluster::FutureRetained{numbers[i]});
        request.outputs.push_back(0);
        continue;
      }
      numbers[i] = ++impl_->state.last_number;
      request.outputs.push_back(numbers[i]);
      made.futures.emplace_back(numbers[i], blocks[i].key);
    }
    impl_->apply(std::move(made));
    for (size_t i = 0; i < blocks.size(); ++i) {
      if (numbers[i] != 0) continue;  // the same block as an earlier one
      numbers[i] = impl_->state.by_key.at(blocks[i].key);
      impl_->apply(cluster::FutureRetained{numbers[i]});
    }
    impl_->outgoing_graphs.emplace_back(impl_->outgoing.size(), std::move(request));
    impl_->flush_soon();
  }
  held.erase(held.begin(), held.begin() + static_cast<ptrdiff_t>(known));
  return numbers;
}

}  // namespace dusk::node
