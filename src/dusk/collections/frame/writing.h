// Frames written to files.
#pragma once

#include <map>

#include "dusk/collections/frame/frame_expr.h"

namespace dusk::collections::frame {

// One file a partition; the result has a row for each: path, rows, bytes.
FramePtr write_parquet(const FramePtr& x, const Names& paths, const std::string& compression,
                       int64_t row_group_rows, const std::map<std::string, std::string>& metadata);

}  // namespace dusk::collections::frame
