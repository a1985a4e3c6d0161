// One call of any operation for every output block (Python functions over chunks).
#pragma once

#include <string>
#include <vector>

#include "dusk/collections/array/array_expr.h"

namespace dusk::collections::array {

struct MapInput {
  graph::ExprPtr expr;      // an array, or a node of one block
  std::vector<int> follow;  // per axis of the array: the output axis it follows, or -1
};

// `token` names the function and its other arguments. Throws ValueError when an input's blocks do
// not match the output's grid along an axis it follows.
ArrayPtr map_blocks(graph::OperationPtr operation, const std::vector<MapInput>& inputs,
                    data::DType dtype, Chunks chunks, const std::string& name,
                    const std::string& token);

// One block a block of any expression, along axis 0 (rows of frames).
ArrayPtr map_partitions(graph::OperationPtr operation, const graph::ExprPtr& input,
                        data::DType dtype, Chunks chunks, const std::string& name,
                        const std::string& token);

// Copies the blocks of `chunks` (C order) into one array; a single block is returned as it is.
data::NdArray assemble(const Chunks& chunks, const data::DType& dtype,
                       const data::ValueList& blocks);

}  // namespace dusk::collections::array
