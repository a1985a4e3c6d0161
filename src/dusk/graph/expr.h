// What a collection is: an immutable expression.
//
// Nodes know their inputs, their deterministic token and how to become a layer once their inputs
// are layers. Two nodes with one token are the same computation and are lowered once. Passes are
// functions from expression to expression; collections/* define the nodes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dusk/base/token.h"
#include "dusk/graph/layer.h"

namespace dusk::graph {

class Expr;
using ExprPtr = std::shared_ptr<const Expr>;

class Expr : public std::enable_shared_from_this<Expr> {
 public:
  // `token` must cover the kind, every parameter and the inputs' tokens.
  Expr(base::Token token, std::vector<ExprPtr> inputs)
      : token_(token), inputs_(std::move(inputs)) {}
  // Chains of any length are destroyed without recursion.
  virtual ~Expr();

  virtual std::string_view kind() const = 0;  // "Elementwise", "ReadParquet"
  virtual std::string describe() const = 0;   // one line for explain(): "Sum axis=1"
  virtual int64_t block_count() const = 0;    // tasks of the final layer
  // The prefix of the final layer, which lower() gives it; kind() in kebab case by default.
  virtual const std::string& prefix() const;
  // The name that people see: prefix and token, or what they gave the node or its single task.
  virtual std::string key() const { return given_ ? given_->name : prefix() + "-" + token_.hex(); }
  // The same node over other inputs (as many, with the same metadata).
  virtual ExprPtr with_inputs(std::vector<ExprPtr> inputs) const = 0;
  // The layer that computes this node's blocks from the layers of its inputs. Intermediate layers
  // are reached through the returned layer's inputs().
  virtual LayerPtr lower(std::span<const LayerPtr> inputs) const = 0;
  // Not null for a node that is exactly one task which takes every input's blocks, in order, as
  // its arguments (delayed functions). lower() lists such nodes together instead of calling their
  // lower(), so that a million of them cost one layer.
  virtual const Operation* single_task() const { return nullptr; }

  const base::Token& token() const { return token_; }
  const std::vector<ExprPtr>& inputs() const { return inputs_; }
  const Annotations& annotations() const { return annotations_; }
  void set_annotations(Annotations a) { annotations_ = std::move(a); }  // before it is shared

  // A name that the user gave: the final layer's whole name, which begins its tasks' keys.
  struct GivenName {
    std::string name;
    base::Token of;  // the token of the node that it was given to
  };
  // Null without one.
  const std::shared_ptr<const GivenName>& given_name() const { return given_; }
  // Also part of the token. Before the node is shared; never for a single_task().
  void set_name(std::string name);
  // Annotations and name of the node that this one stands for. Before it is shared.
  void stand_for(const Expr& other) {
    annotations_ = other.annotations_;
    given_ = other.given_;
  }

 private:
  base::Token token_;
  std::vector<ExprPtr> inputs_;
  Annotations annotations_;
  std::shared_ptr<const GivenName> given_;
};

// Lowers `roots` together: every distinct token once. Throws ValueError where one name was given to
// different nodes, whose tasks' keys would be the same. Runs of single_task() nodes become one list
// layer; where one of them is a root or an input of another node it is seen through a forwarding
// layer of one block.
std::vector<LayerPtr> lower(std::span<const ExprPtr> roots);

// Rebuilds bottom-up with `rewrite`, every distinct token once. `rewrite` gets a node whose inputs
// are already rewritten and returns it or another node.
std::vector<ExprPtr> rewrite(std::span<const ExprPtr> roots,
                             const std::function<ExprPtr(const ExprPtr&)>& rewrite_node);

}  // namespace dusk::graph
