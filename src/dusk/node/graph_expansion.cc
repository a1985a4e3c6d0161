#include "dusk/node/graph_expansion.h"

#include "dusk/graph/remote_layer.h"
#include "dusk/node/native_language.h"

namespace dusk::node {
namespace {

base::Token token_of(const cluster::Body& body) {
  base::Tokenizer tokenizer("code");
  tokenizer.add(body->header);
  for (const data::BufferPtr& buffer : body->buffers) {
    tokenizer.bytes(buffer->data(), static_cast<size_t>(buffer->size()));
  }
  return tokenizer.finish();
}

}  // namespace

GraphExpansion::GraphExpansion(const SubmitGraph& submitted, const graph::Codecs& codecs)
    : annotations_(submitted.annotations) {
  std::vector<graph::Wanted> wanted = graph::decode_graph(submitted.graph, codecs);
  graph_ = graph::expand(wanted);
  if (graph_.outputs.size() != submitted.outputs.size()) {
    throw base::value_error("[compute] the graph has " + std::to_string(graph_.outputs.size()) +
                            " outputs, but " + std::to_string(submitted.outputs.size()) +
                            " are asked for");
  }
  for (size_t i = 0; i < graph_.outputs.size(); ++i) {
    cluster::TaskNumber own = submitted.outputs[i];
    if (own != 0) outputs_.emplace(graph_.outputs[i], own);
  }
  order_.resize(graph_.size());
  holds_.resize(graph_.size());
  for (graph::TaskId t = 0; t < graph_.size(); ++t) {
    order_[graph_.priority[t]] = t;
    holds_[t] = static_cast<uint32_t>(graph_.consumers_of(t).size()) + outputs_.count(t);
  }
  facts_.resize(graph_.layers.size());
}

GraphBatch GraphExpansion::next(size_t count) {
  GraphBatch batch;
  // Not in the batch that brought them: their wish must be there first.
  for (graph::TaskId id : submitted_outputs_) release(id, batch.requests);
  submitted_outputs_.clear();
  size_t end = std::min(order_.size(), next_ + count);
  for (; next_ < end; ++next_) {
    graph::TaskId id = order_[next_];
    batch.requests.emplace_back(task(id, batch));
    for (graph::TaskId input : graph_.inputs_of(id)) release(input, batch.requests);
    auto output = outputs_.find(id);
    if (output == outputs_.end()) continue;
    cluster::SubmitTask wish;
    wish.number = output->second;
    wish.key = graph_.key(id);
    batch.wanted.emplace_back(std::move(wish));
    submitted_outputs_.push_back(id);
  }
  batch.last = next_ == order_.size();
  return batch;
}

void GraphExpansion::release(graph::TaskId id, std::vector<cluster::ClientRequest>& requests) {
  if (--holds_[id] == 0) requests.emplace_back(cluster::ReleaseTask{number(id)});
}

cluster::SubmitTask GraphExpansion::task(graph::TaskId id, GraphBatch& batch) {
  const LayerFacts& facts = facts_of(graph_.layer[id]);
  cluster::SubmitTask task;
  task.number = number(id);
  task.key = graph_.key(id);
  task.wanted = false;
  task.priority = facts.wishes.priority;
  task.requirements = facts.wishes.requirements;
  if (facts.values) {
    if (value_code_ == 0) value_code_ = add_code("values", value_code(), batch);
    task.code = value_code_;
    task.arguments = std::make_shared<const data::Frames>(
        data::to_frames(facts.values->values()[static_cast<size_t>(graph_.index[id])]));
  } else if (!facts.remote) {  // what is on the cluster needs no code: it is there, or fails
    task.code = code_of(id, batch);
    add_inputs(id, task);
  }
  return task;
}

// The scheduler knows a task's inputs as a set in order of their first mention; where one is
// mentioned again, the arguments say what goes where.
void GraphExpansion::add_inputs(graph::TaskId id, cluster::SubmitTask& task) {
  auto inputs = graph_.inputs_of(id);
  task.dependencies.reserve(inputs.size());
  std::vector<uint32_t> positions;
  std::unordered_map<graph::TaskId, uint32_t> seen;
  if (inputs.size() > 1) {
    for (graph::TaskId input : inputs) {
      auto at = seen.try_emplace(input, static_cast<uint32_t>(seen.size())).first;
      positions.push_back(at->second);
    }
    if (seen.size() == inputs.size()) positions.clear();
  }
  uint32_t next = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!positions.empty() && positions[i] != next) continue;
    ++next;
    task.dependencies.push_back(number(inputs[i]));
  }
  bool index_free = graph_.operation(id).index_free();
  if (!index_free || !positions.empty()) {
    task.arguments = native_arguments(index_free ? 0 : graph_.index[id], positions);
  }
}

uint32_t GraphExpansion::code_of(graph::TaskId id, GraphBatch& batch) {
  const graph::Operation& operation = graph_.operation(id);
  auto [found, added] = codes_.try_emplace(&operation);
  if (added) {
    const graph::Layer& layer = *graph_.layers[graph_.layer[id]];
    found->second = add_code(layer.task_name(graph_.index[id]), native_code(operation), batch);
  }
  return found->second;
}

uint32_t GraphExpansion::add_code(std::string name, cluster::Body body, GraphBatch& batch) {
  base::Token token = token_of(body);
  batch.requests.emplace_back(
      cluster::SubmitCode{++last_code_, token, std::move(name), std::move(body)});
  return last_code_;
}

const GraphExpansion::LayerFacts& GraphExpansion::facts_of(uint32_t layer) {
  LayerFacts& facts = facts_[layer];
  if (facts.read) return facts;
  facts.read = true;
  const graph::Layer& described = *graph_.layers[layer];
  facts.values = dynamic_cast<const graph::ValuesLayer*>(&described);
  facts.remote = dynamic_cast<const graph::RemoteLayer*>(&described) != nullptr;
  graph::Annotations all = described.annotations();
  all.insert(annotations_.begin(), annotations_.end());
  facts.wishes = read_wishes(all);
  return facts;
}

}  // namespace dusk::node
