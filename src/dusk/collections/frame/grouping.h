// Group-by and reductions of whole frames: partial aggregates a partition, merged, finished.
#pragma once

#include "dusk/collections/frame/frame_expr.h"
#include "dusk/kernels/frame/aggregate.h"

namespace dusk::collections::frame {

// One partition; the keys are the index.
FramePtr group_by(const FramePtr& x, const kernels::frame::AggregateSpec& spec, bool sort,
                  bool dropna);
// One row.
FramePtr reduce(const FramePtr& x, const std::vector<kernels::frame::Aggregate>& aggregates);

}  // namespace dusk::collections::frame
