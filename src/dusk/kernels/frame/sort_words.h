// Sort keys as 64-bit words whose unsigned order is the order asked for. Internal to the sorts.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "dusk/kernels/frame/pool_vector.h"
#include "dusk/kernels/frame/sort.h"

namespace dusk::kernels::frame {

// One word a row: dense codes (texts by rank) with missing values at their end. `span` is the
// number of distinct words at most, 0 standing for 2^64: equal values have equal words.
struct SortWords {
  PoolVector<uint64_t> words;
  uint64_t span = 0;
};
SortWords sort_words(const std::shared_ptr<arrow::Array>& column, bool ascending, NaPosition na);

}  // namespace dusk::kernels::frame
