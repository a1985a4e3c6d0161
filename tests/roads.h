// The ways from expressions to values that every pipeline test can take: on threads of this
// process (the default), on threads after a journey as bytes (--recoded), or on an in-process
// cluster (--cluster).
#pragma once

#include <vector>

#include "dusk/graph/expr.h"

namespace dusk::pipeline {

enum class Road { kThreads, kRecoded, kCluster };
inline Road road = Road::kThreads;

// All blocks of the expression, fused. Throws what its tasks throw.
std::vector<data::Value> compute(const graph::ExprPtr& expr, int num_threads = 2);

// The layers after encode_graph and decode_graph; what is encoded again has the same bytes.
std::vector<graph::LayerPtr> recoded(const std::vector<graph::LayerPtr>& layers);

}  // namespace dusk::pipeline
