// Which chunks a reshape cuts its input into, and which chunks come out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace dusk::collections::array {

using ChunkLists = std::vector<std::vector<int64_t>>;  // sizes, one list an axis

struct ReshapeChunks {
  ChunkLists in;   // what the input is rechunked to
  ChunkLists out;  // block i of this, in C order, is block i of `in`
};

// Dask's choice of chunks: merged axes are cut so that every block is a run of the flat array, and
// chunks keep about the size they had. Nothing when an axis would be split unevenly over others
// ((4, 6) -> (8, 3)). REQUIRES: equal numbers of elements, more than none; known sizes.
std::optional<ReshapeChunks> reshape_chunks(const ChunkLists& in,
                                            const std::vector<int64_t>& shape);

}  // namespace dusk::collections::array
