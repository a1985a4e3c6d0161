// Graphs of a client: which blocks are new, which values go to workers first, what is sent.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
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

// ---- large values

struct LargeValue {
  const graph::ValuesLayer* layer;
  int64_t index;
  int64_t nbytes;
};

bool brings_large_values(std::span<const graph::Wanted> wanted) {
  std::unordered_set<const graph::Layer*> seen;
  std::vector<const graph::Layer*> open;
  int64_t bytes = 0;
  auto add = [&](const LayerPtr& layer) {
    if (seen.insert(layer.get()).second) open.push_back(layer.get());
  };
  for (const graph::Wanted& w : wanted) add(w.layer);
  while (!open.empty()) {
    const graph::Layer* layer = open.back();
    open.pop_back();
    for (const LayerPtr& input : layer->inputs()) add(input);
    const auto* values = dynamic_cast<const graph::ValuesLayer*>(layer);
    if (!values) continue;
    for (const data::Value& value : values->values()) {
      if (value.nbytes() > kValueInlineMax) bytes += value.nbytes();
    }
  }
  return bytes > kValuesInlineMax;
}

// The needed blocks of layers in which one of them is large.
std::vector<LargeValue> large_values(std::span<const graph::Wanted> wanted) {
  if (!brings_large_values(wanted)) return {};
  graph::TaskGraph tasks = graph::expand(wanted);
  std::map<const graph::ValuesLayer*, std::vector<LargeValue>> by_layer;
  std::unordered_set<const graph::ValuesLayer*> large;
  for (graph::TaskId t = 0; t < tasks.size(); ++t) {
    const auto* values =
        dynamic_cast<const graph::ValuesLayer*>(tasks.layers[tasks.layer[t]].get());
    if (!values) continue;
    int64_t nbytes = values->values()[static_cast<size_t>(tasks.index[t])].nbytes();
    by_layer[values].push_back({values, tasks.index[t], nbytes});
    if (nbytes > kValueInlineMax) large.insert(values);
  }
  std::vector<LargeValue> all;
  for (auto& [layer, values] : by_layer) {
    if (!large.contains(layer)) continue;
    std::sort(values.begin(), values.end(),
              [](const LargeValue& x, const LargeValue& y) { return x.index < y.index; });
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
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

// Futures of the values, and in `replaced` what takes their layers' places.
std::vector<TaskNumber> Client::Impl::scatter_values(Client& client,
                                                     std::span<const graph::Wanted> wanted,
                                                     graph::Replaced& replaced, const Poll& poll) {
  std::vector<LargeValue> large = large_values(wanted);
  if (large.empty()) return {};
  Places places = places_of(client.ask("scheduler_info", {}, poll));
  if (places.empty()) return {};  // they travel with the graph
  int64_t total = 0;
  for (const LargeValue& value : large) total += value.nbytes;
  std::vector<ScatterItem> items;
  int64_t before = 0;
  for (const LargeValue& value : large) {
    // Neighbours to the same place, to every place as much.
    auto share = static_cast<double>(before) / static_cast<double>(total);
    auto place = static_cast<size_t>(share * static_cast<double>(places.size()));
    before += value.nbytes;
    const data::Value& held = value.layer->values()[static_cast<size_t>(value.index)];
    items.push_back({value.layer->key(value.index), data::to_frames(held), places[place]});
  }
  for (const LargeValue& value : large) {
    LayerPtr& remote = replaced[value.layer];
    if (!remote) remote = remote_blocks(*value.layer);
  }
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
