// Nodes that move rows between partitions: joins, sorts, the largest, the first, the distinct,
// and partitions as wholes.
#pragma once

#include "dusk/collections/frame/frame_expr.h"
#include "dusk/kernels/frame/join.h"
#include "dusk/kernels/frame/rows.h"
#include "dusk/kernels/frame/sort.h"

namespace dusk::collections::frame {

// `index`: names of result columns that are the index; empty: a new row number. `npartitions` 0
// lets Dusk choose. A small right side is joined to every left partition; else both sides are
// partitioned by a hash of the keys.
FramePtr merge(const FramePtr& left, const FramePtr& right, const kernels::frame::JoinSpec& spec,
               const Names& index, int64_t npartitions);
FramePtr sort(const FramePtr& x, const std::vector<kernels::frame::SortKey>& keys,
              kernels::frame::NaPosition na, int64_t npartitions);
FramePtr largest(const FramePtr& x, int64_t n, const Names& by, bool descending,
                 kernels::frame::KeepTies keep);
FramePtr head(const FramePtr& x, int64_t n, int64_t npartitions);
FramePtr tail(const FramePtr& x, int64_t n);
FramePtr drop_duplicates(const FramePtr& x, const Names& subset, kernels::frame::Keep keep);
FramePtr concat(const std::vector<FramePtr>& xs);
FramePtr partitions(const FramePtr& x, const std::vector<int64_t>& numbers);
FramePtr repartition(const FramePtr& x, const std::vector<std::vector<int64_t>>& groups);
// Partition p becomes shares[p] partitions: runs of its rows, as long as each other.
FramePtr split(const FramePtr& x, const std::vector<int64_t>& shares);
// One call of any operation a partition; inputs of one partition serve all.
FramePtr map_partitions(graph::OperationPtr operation, const std::vector<FramePtr>& inputs,
                        SchemaPtr schema, Names index, const std::string& name,
                        const std::string& token);

}  // namespace dusk::collections::frame
