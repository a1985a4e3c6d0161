// Blockwise fusion: chains and trees of blockwise layers become one.
//
// A layer is folded into its consumer when the consumer is its only one and reads every block of
// it at most once, or when its operation is cheap() (then it is folded into all of them). Two
// operations become one through Operation::absorb where they can; else they run one after the
// other inside one task, intermediate values freed at their last use.
#pragma once

#include <span>
#include <vector>

#include "dusk/graph/codec.h"

namespace dusk::graph {

// The same outputs with fewer layers. Names of the roots are kept. With `keep_blocks` sources that
// hold their blocks stay layers, so that the blocks can be sent as values.
std::vector<LayerPtr> fuse_blockwise(std::span<const LayerPtr> roots, bool keep_blocks = false);

// Several operations run in turn inside one task.
struct FusedStep {
  OperationPtr operation;
  BlockMap map;                    // from the task's index to the step's own
  std::vector<int32_t> arguments;  // >= 0: result of that step; < 0: task input -1 - argument
};
OperationPtr make_fused(std::vector<FusedStep> steps);  // the last step's value is the result
OperationPtr decode_fused(Decoder& in);

}  // namespace dusk::graph
