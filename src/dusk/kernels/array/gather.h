// Between strided memory and contiguous blocks.
#pragma once

#include <cstddef>
#include <cstdint>

namespace dusk::kernels::array {

// rows x columns elements of `itemsize` bytes (1, 2, 4, 8 or 16), strides in bytes, made
// contiguous.
void gather_box(const std::byte* from, int64_t row_stride, int64_t column_stride, std::byte* to,
                int64_t rows, int64_t columns, int32_t itemsize);
// The other way.
void scatter_box(const std::byte* from, std::byte* to, int64_t row_stride, int64_t column_stride,
                 int64_t rows, int64_t columns, int32_t itemsize);
// `n` copies of one element.
void fill_block(const std::byte* value, std::byte* to, int64_t n, int32_t itemsize);

}  // namespace dusk::kernels::array
