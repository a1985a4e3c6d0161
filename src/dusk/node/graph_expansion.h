// A graph that a client has sent, as tasks in their static order, a batch at a time.
//
// The tasks belong to a client of their own, the graph, which holds each of them until everything
// that needs it has been submitted; so the first of them run, and their results go, while the rest
// is still being expanded. Not bound to a thread; one at a time.
#pragma once

#include <unordered_map>
#include <vector>

#include "dusk/cluster/messages.h"
#include "dusk/graph/codec.h"
#include "dusk/node/entries.h"
#include "dusk/node/task_wishes.h"

namespace dusk::node {

struct GraphBatch {
  std::vector<cluster::ClientRequest> requests;  // of the graph
  std::vector<cluster::ClientRequest> wanted;    // of the client: outputs that are in `requests`
  bool last = false;
};

class GraphExpansion {
 public:
  // Decodes, expands and orders. Throws base::Error.
  GraphExpansion(const SubmitGraph& submitted, const graph::Codecs& codecs);

  // The next tasks, at most `count`. Throws base::Error for an operation that cannot be sent.
  GraphBatch next(size_t count);
  size_t size() const { return graph_.size(); }

 private:
  // Read when the first task of the layer comes.
  struct LayerFacts {
    bool read = false;
    const graph::ValuesLayer* values = nullptr;  // it is one
    bool remote = false;
    TaskWishes wishes;
  };

  cluster::SubmitTask task(graph::TaskId id, GraphBatch& batch);
  uint32_t code_of(graph::TaskId id, GraphBatch& batch);
  uint32_t add_code(std::string name, cluster::Body body, GraphBatch& batch);
  const LayerFacts& facts_of(uint32_t layer);
  void add_inputs(graph::TaskId id, cluster::SubmitTask& task);
  void release(graph::TaskId id, std::vector<cluster::ClientRequest>& requests);
  // The graph's name of a task.
  cluster::TaskNumber number(graph::TaskId id) const { return graph_.priority[id] + 1; }

  graph::TaskGraph graph_;
  graph::Annotations annotations_;    // of all layers
  std::vector<graph::TaskId> order_;  // by rank
  std::vector<uint32_t> holds_;       // edges to tasks not submitted yet
  std::unordered_map<graph::TaskId, cluster::TaskNumber> outputs_;  // and the client's names
  std::vector<LayerFacts> facts_;                                   // by layer
  std::unordered_map<const graph::Operation*, uint32_t> codes_;
  uint32_t last_code_ = 0;
  uint32_t value_code_ = 0;                       // 0: none yet
  size_t next_ = 0;                               // rank
  std::vector<graph::TaskId> submitted_outputs_;  // of the last batch
};

}  // namespace dusk::node
