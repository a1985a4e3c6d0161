// Whether a predicate can hold for any row of a row group, by the group's statistics.
#pragma once

#include <functional>

#include "dusk/io/parquet.h"
#include "dusk/kernels/frame/expression.h"

namespace dusk::collections::frame {

using StatisticsOf = std::function<io::Statistics(const std::string& column)>;

// False only when no row can match; true when nothing is known.
bool may_match(const kernels::frame::ColumnPtr& predicate, const StatisticsOf& statistics);

}  // namespace dusk::collections::frame
