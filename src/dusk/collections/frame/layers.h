// Rules that frames need beside blockwise ones.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "dusk/collections/frame/frame_expr.h"

namespace dusk::collections::frame {

// One task a partition of the output, each from the same-numbered partition of every input; inputs
// of one partition serve all.
graph::LayerPtr partitionwise(const std::string& prefix, base::Token token,
                              graph::OperationPtr operation, int64_t npartitions,
                              std::span<const graph::LayerPtr> inputs);
// `count` tasks, each from all blocks of the input.
graph::LayerPtr all_to_all(const std::string& prefix, base::Token token,
                           graph::OperationPtr operation, graph::LayerPtr input, int64_t count);
// Partition i is made of blocks groups[i] of the input.
graph::LayerPtr grouped(const std::string& prefix, base::Token token, graph::OperationPtr operation,
                        graph::LayerPtr input, std::vector<std::vector<int64_t>> groups);
// The inputs' blocks after each other; no tasks.
graph::LayerPtr chained(const std::string& prefix, base::Token token,
                        std::vector<graph::LayerPtr> inputs);

// A token for the n-th inner layer of a node.
base::Token inner_token(const base::Token& token, const char* what);

// A source whose table can come in pieces; the operation beside it gives it whole.
class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual void batches(const graph::TaskContext& context,
                       const std::function<void(data::Value)>& consume) const = 0;
  virtual graph::OperationPtr copy() const = 0;
};

// Piece `index` of a list of tables. Throws ValueError for what is none.
std::shared_ptr<arrow::Table> piece(const data::Value& list, int64_t index);
// That piece of each value, after each other.
std::shared_ptr<arrow::Table> pieces(graph::Inputs inputs, int64_t index);
std::shared_ptr<arrow::Table> concatenated(graph::Inputs inputs);
data::Value to_list(const std::vector<std::shared_ptr<arrow::Table>>& tables);

}  // namespace dusk::collections::frame
