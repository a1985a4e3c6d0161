// Group-by and reductions of whole frames: partial aggregates a partition, merged, finished.
#pragma once

#include <functional>

#include "dusk/collections/frame/frame_expr.h"
#include "dusk/kernels/frame/aggregate.h"

namespace dusk::collections::frame {

// One partition; the keys are the index.
FramePtr group_by(const FramePtr& x, const kernels::frame::AggregateSpec& spec, bool sort,
                  bool dropna);
// One row.
FramePtr reduce(const FramePtr& x, const std::vector<kernels::frame::Aggregate>& aggregates);

// `expr` with its text keys read as dictionaries, when it is a group-by whose input chain
// (projections that pass the keys on, filters that do not read them) ends in a Parquet scan; else
// `expr`. `alone` says that a node has one consumer. The result is the same.
graph::ExprPtr with_dictionary_keys(const graph::ExprPtr& expr,
                                    const std::function<bool(const graph::Expr&)>& alone);

}  // namespace dusk::collections::frame
