// Expressions whose blocks are on a cluster: what persist() there returns.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/cluster_client.h"
#include "dusk/graph/expr.h"
#include "dusk/graph/remote_layer.h"

namespace dusk::bindings {

// One reference to each block's future; they go with the last expression that needs them.
class RemoteBlocks {
 public:
  RemoteBlocks(LinkPtr link, std::vector<cluster::TaskNumber> numbers);
  ~RemoteBlocks();
  RemoteBlocks(const RemoteBlocks&) = delete;
  RemoteBlocks& operator=(const RemoteBlocks&) = delete;

  const LinkPtr& link() const { return link_; }
  const std::vector<cluster::TaskNumber>& numbers() const { return numbers_; }
  const std::vector<std::string>& keys() const { return keys_; }

 private:
  LinkPtr link_;
  std::vector<cluster::TaskNumber> numbers_;
  std::vector<std::string> keys_;
};
using RemoteBlocksPtr = std::shared_ptr<const RemoteBlocks>;

// What all such expressions have, whatever their family.
class RemoteExpr {
 public:
  virtual ~RemoteExpr() = default;
  virtual const RemoteBlocksPtr& blocks() const = 0;
};

// An expression of a family (`Base`) over remote blocks; `arguments` are those of Base's
// constructor after token and inputs.
template <class Base, class... Arguments>
class Remote final : public Base, public RemoteExpr {
 public:
  Remote(base::Token token, RemoteBlocksPtr blocks, std::string prefix, std::vector<int64_t> grid,
         Arguments... arguments)
      : Base(token, {}, arguments...),
        blocks_(std::move(blocks)),
        prefix_(std::move(prefix)),
        grid_(std::move(grid)),
        arguments_(std::move(arguments)...) {}

  std::string_view kind() const override { return "OnCluster"; }
  std::string describe() const override {
    return "OnCluster " + std::to_string(blocks_->keys().size()) + " blocks";
  }
  const std::string& prefix() const override { return prefix_; }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr>) const override {
    return std::apply(
        [&](const Arguments&... arguments) {
          return std::make_shared<Remote>(this->token(), blocks_, prefix_, grid_, arguments...);
        },
        arguments_);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr>) const override {
    return std::make_shared<graph::RemoteLayer>(prefix_, this->token(), blocks_->keys(), grid_);
  }
  const RemoteBlocksPtr& blocks() const override { return blocks_; }

 private:
  RemoteBlocksPtr blocks_;
  std::string prefix_;
  std::vector<int64_t> grid_;
  std::tuple<Arguments...> arguments_;
};

template <class Base, class... Arguments>
graph::ExprPtr make_remote(base::Token token, RemoteBlocksPtr blocks, std::string prefix,
                           std::vector<int64_t> grid, Arguments... arguments) {
  return std::make_shared<Remote<Base, Arguments...>>(token, std::move(blocks), std::move(prefix),
                                                      std::move(grid), std::move(arguments)...);
}

// All remote blocks that an expression needs.
std::vector<RemoteBlocksPtr> remote_blocks_of(const graph::ExprPtr& expr);

}  // namespace dusk::bindings
