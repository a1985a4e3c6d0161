// Row-wise nodes: new columns of old ones, and rows by a predicate.
#pragma once

#include "dusk/collections/frame/frame_expr.h"

namespace dusk::collections::frame {

// Row for row. Throws KeyError (nearest names) and TypeError as kernels::frame::infer does.
FramePtr project(const FramePtr& x, const std::vector<NamedColumn>& columns,
                 const std::optional<std::vector<NamedColumn>>& index = {});
FramePtr filter(const FramePtr& x, const ColumnPtr& predicate);
// One frame with every column of row-wise descendants of one frame, named "0:a", "1:b" by position,
// and the first one's index; null when their rows do not correspond by construction.
FramePtr align(const std::vector<FramePtr>& xs);

// What a node computes, when it is a projection: its columns (index first) by name.
class Project;
const std::vector<NamedColumn>* projected(const graph::Expr& expr);
// The predicate of a filter, or null.
ColumnPtr predicate_of(const graph::Expr& expr);

}  // namespace dusk::collections::frame
