#include "dusk/collections/frame/passes.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "dusk/collections/frame/frame_expr.h"
#include "dusk/collections/frame/grouping.h"
#include "dusk/collections/frame/rowwise.h"
#include "dusk/collections/frame/scans.h"

namespace dusk::collections::frame {
namespace {

using graph::ExprPtr;

// Distinct nodes, inputs before consumers.
std::vector<ExprPtr> nodes_under(const std::vector<ExprPtr>& roots) {
  std::vector<ExprPtr> order;
  std::unordered_map<base::Token, bool> seen;
  struct Frame {
    const ExprPtr* node;
    size_t next;
  };
  std::vector<Frame> stack;
  for (const ExprPtr& root : roots) {
    if (!seen.try_emplace(root->token(), true).second) continue;
    stack.push_back({&root, 0});
    while (!stack.empty()) {
      Frame& top = stack.back();
      const auto& inputs = (*top.node)->inputs();
      if (top.next == inputs.size()) {
        order.push_back(*top.node);
        stack.pop_back();
        continue;
      }
      const ExprPtr& input = inputs[top.next++];
      if (seen.try_emplace(input->token(), true).second) stack.push_back({&input, 0});
    }
  }
  return order;
}

bool has_frames(const std::vector<ExprPtr>& nodes) {
  return std::any_of(nodes.begin(), nodes.end(), [](const ExprPtr& node) {
    return dynamic_cast<const FrameExpr*>(node.get()) != nullptr;
  });
}

std::unordered_map<base::Token, int> consumers_of(const std::vector<ExprPtr>& nodes,
                                                  const std::vector<ExprPtr>& roots) {
  std::unordered_map<base::Token, int> counts;
  for (const auto& node : nodes) {
    for (const auto& input : node->inputs()) ++counts[input->token()];
  }
  for (const auto& root : roots) ++counts[root->token()];
  return counts;
}

// A filter moves below a projection that only it reads, and a Parquet scan that only it reads skips
// the row groups it rules out.
std::vector<ExprPtr> push_predicates(const std::vector<ExprPtr>& roots) {
  auto counts = consumers_of(nodes_under(roots), roots);
  return graph::rewrite(roots, [&](const ExprPtr& node) -> ExprPtr {
    ColumnPtr predicate = predicate_of(*node);
    if (!predicate) return node;
    const ExprPtr& input = node->inputs()[0];
    if (counts[input->token()] > 1) return node;
    if (const auto* columns = projected(*input)) {
      std::map<std::string, ColumnPtr> inner(columns->begin(), columns->end());
      FramePtr below =
          filter(as_frame(input->inputs()[0]), kernels::frame::substitute(predicate, inner));
      if (FramePtr scan = with_predicate(below->inputs()[0], predicate_of(*below))) {
        if (counts[below->inputs()[0]->token()] <= 1) {
          below = as_frame(below->with_inputs({scan}));
        }
      }
      std::vector<NamedColumn> index, rest;
      Names levels = as_frame(input)->index();
      for (const auto& column : *columns) {
        bool level = std::find(levels.begin(), levels.end(), column.first) != levels.end();
        (level ? index : rest).push_back(column);
      }
      return project(below, rest, index);
    }
    if (FramePtr scan = with_predicate(input, predicate)) return node->with_inputs({scan});
    return node;
  });
}

// What every node must provide, then every node without the rest.
std::vector<ExprPtr> push_projections(const std::vector<ExprPtr>& roots) {
  std::vector<ExprPtr> nodes = nodes_under(roots);
  std::unordered_map<base::Token, NameSet> wanted;
  auto want_all = [&](const ExprPtr& node) {
    if (const auto* frame = dynamic_cast<const FrameExpr*>(node.get())) {
      Names names = frame->names();
      wanted[node->token()].insert(names.begin(), names.end());
    }
  };
  for (const ExprPtr& root : roots) want_all(root);
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    const auto* frame = dynamic_cast<const FrameExpr*>(node->get());
    if (!frame) {
      for (const ExprPtr& input : (*node)->inputs()) want_all(input);
      continue;
    }
    auto needs = frame->needs(wanted[frame->token()]);
    for (size_t i = 0; i < needs.size(); ++i) {
      const ExprPtr& input = frame->inputs()[i];
      if (dynamic_cast<const FrameExpr*>(input.get())) {
        wanted[input->token()].insert(needs[i].begin(), needs[i].end());
      }
    }
  }
  std::unordered_map<base::Token, ExprPtr> rebuilt;
  for (const ExprPtr& node : nodes) {
    std::vector<ExprPtr> inputs;
    bool changed = false;
    for (const ExprPtr& input : node->inputs()) {
      inputs.push_back(rebuilt.at(input->token()));
      changed |= inputs.back() != input;
    }
    const auto* frame = dynamic_cast<const FrameExpr*>(node.get());
    rebuilt[node->token()] = frame     ? frame->narrowed(std::move(inputs), wanted[node->token()])
                             : changed ? node->with_inputs(std::move(inputs))
                                       : node;
  }
  std::vector<ExprPtr> result;
  for (const ExprPtr& root : roots) result.push_back(rebuilt.at(root->token()));
  return result;
}

}  // namespace

namespace {

std::vector<ExprPtr> read_dictionaries(const std::vector<ExprPtr>& roots) {
  auto counts = consumers_of(nodes_under(roots), roots);
  auto alone = [&](const graph::Expr& node) { return counts[node.token()] <= 1; };
  return graph::rewrite(roots,
                        [&](const ExprPtr& node) { return with_dictionary_keys(node, alone); });
}

}  // namespace

std::vector<ExprPtr> optimize(std::vector<ExprPtr> roots) {
  if (!has_frames(nodes_under(roots))) return roots;
  return read_dictionaries(push_projections(push_predicates(roots)));
}

}  // namespace dusk::collections::frame
