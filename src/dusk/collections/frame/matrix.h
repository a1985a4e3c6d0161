// Tables as matrices.
#pragma once

#include "dusk/collections/frame/frame_expr.h"
#include "dusk/data/dtype.h"

namespace dusk::collections::frame {

// Columns side by side, cast to one type; missing values are NaN. Throws NotImplementedError for
// types that have no conversion.
graph::OperationPtr matrix_operation(const Names& columns, const data::DType& dtype);

}  // namespace dusk::collections::frame
