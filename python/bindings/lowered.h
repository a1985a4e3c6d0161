// Expressions that are a finished layer: blocks on a cluster, collections that came as bytes.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "bindings/cluster_client.h"
#include "bindings/finalize.h"
#include "dusk/base/error.h"
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
class LoweredExpr {
 public:
  virtual ~LoweredExpr() = default;
  virtual const RemoteBlocksPtr& blocks() const = 0;  // null: it needs none
  virtual bool computable() const = 0;                // false: only a description
};

// An expression of a family (`Base`); `arguments` are those of Base's constructor after token and
// inputs.
template <class Base, class... Arguments>
class Lowered final : public Base, public LoweredExpr {
 public:
  Lowered(Identity identity, graph::LayerPtr layer, RemoteBlocksPtr blocks, Arguments... arguments)
      : Base(identity.token, {}, arguments...),
        identity_(std::move(identity)),
        layer_(std::move(layer)),
        blocks_(std::move(blocks)),
        arguments_(std::move(arguments)...) {}

  std::string_view kind() const override { return blocks_ ? "OnCluster" : "Lowered"; }
  std::string describe() const override {
    std::string text(kind());
    return text + " " + std::to_string(this->block_count()) + " blocks";
  }
  const std::string& prefix() const override { return identity_.prefix; }
  std::string key() const override { return identity_.key; }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr>) const override {
    return std::apply(
        [&](const Arguments&... arguments) {
          return std::make_shared<Lowered>(identity_, layer_, blocks_, arguments...);
        },
        arguments_);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr>) const override {
    if (layer_) return layer_;
    throw base::runtime_error("[" + identity_.prefix +
                              "] only the description of this collection was sent here: it cannot "
                              "be computed");
  }
  const RemoteBlocksPtr& blocks() const override { return blocks_; }
  bool computable() const override { return layer_ != nullptr; }

 private:
  Identity identity_;
  graph::LayerPtr layer_;  // null: only a description
  RemoteBlocksPtr blocks_;
  std::tuple<Arguments...> arguments_;
};

template <class Base, class... Arguments>
graph::ExprPtr make_lowered(Identity identity, graph::LayerPtr layer, RemoteBlocksPtr blocks,
                            Arguments... arguments) {
  return std::make_shared<Lowered<Base, Arguments...>>(std::move(identity), std::move(layer),
                                                       std::move(blocks), std::move(arguments)...);
}

// All remote blocks that an expression needs.
std::vector<RemoteBlocksPtr> remote_blocks_of(const graph::ExprPtr& expr);

}  // namespace dusk::bindings
