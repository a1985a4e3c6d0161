#include "dusk/kernels/array/gather.h"

#include <cstdlib>
#include <cstring>

#include "dusk/base/check.h"

namespace dusk::kernels::array {
namespace {

struct Sixteen {
  uint64_t low, high;
};

template <class T>
T read(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <class T>
void gather_typed(const std::byte* from, int64_t row_stride, int64_t column_stride, std::byte* to,
                  int64_t rows, int64_t columns) {
  T* out = reinterpret_cast<T*>(to);
  if (std::abs(row_stride) < std::abs(column_stride) && row_stride != 0) {
    for (int64_t j = 0; j < columns; ++j) {
      const std::byte* column = from + j * column_stride;
      for (int64_t i = 0; i < rows; ++i) out[i * columns + j] = read<T>(column + i * row_stride);
    }
    return;
  }
  for (int64_t i = 0; i < rows; ++i) {
    const std::byte* row = from + i * row_stride;
    T* line = out + i * columns;
    if (column_stride == static_cast<int64_t>(sizeof(T))) {
      std::memcpy(line, row, static_cast<size_t>(columns) * sizeof(T));
    } else if (column_stride == 0) {
      T value = read<T>(row);
      for (int64_t j = 0; j < columns; ++j) line[j] = value;
    } else {
      for (int64_t j = 0; j < columns; ++j) line[j] = read<T>(row + j * column_stride);
    }
  }
}

template <class T>
void scatter_typed(const std::byte* from, std::byte* to, int64_t row_stride, int64_t column_stride,
                   int64_t rows, int64_t columns) {
  const T* in = reinterpret_cast<const T*>(from);
  bool down = std::abs(row_stride) < std::abs(column_stride);
  int64_t outer = down ? columns : rows, inner = down ? rows : columns;
  int64_t outer_stride = down ? column_stride : row_stride;
  int64_t inner_stride = down ? row_stride : column_stride;
  int64_t outer_step = down ? 1 : columns, inner_step = down ? columns : 1;
  for (int64_t i = 0; i < outer; ++i) {
    std::byte* line = to + i * outer_stride;
    const T* values = in + i * outer_step;
    for (int64_t j = 0; j < inner; ++j) {
      std::memcpy(line + j * inner_stride, values + j * inner_step, sizeof(T));
    }
  }
}

}  // namespace

#define DUSK_BY_ITEMSIZE(call)               \
  switch (itemsize) {                        \
    case 1: return call<uint8_t> arguments;  \
    case 2: return call<uint16_t> arguments; \
    case 4: return call<uint32_t> arguments; \
    case 8: return call<uint64_t> arguments; \
    case 16: return call<Sixteen> arguments; \
  }                                          \
  DUSK_CHECK(false, "an itemsize that no kernel has")

void gather_box(const std::byte* from, int64_t row_stride, int64_t column_stride, std::byte* to,
                int64_t rows, int64_t columns, int32_t itemsize) {
#define arguments (from, row_stride, column_stride, to, rows, columns)
  DUSK_BY_ITEMSIZE(gather_typed);
#undef arguments
}

void scatter_box(const std::byte* from, std::byte* to, int64_t row_stride, int64_t column_stride,
                 int64_t rows, int64_t columns, int32_t itemsize) {
#define arguments (from, to, row_stride, column_stride, rows, columns)
  DUSK_BY_ITEMSIZE(scatter_typed);
#undef arguments
}

void fill_block(const std::byte* value, std::byte* to, int64_t n, int32_t itemsize) {
  gather_box(value, 0, 0, to, 1, n, itemsize);
}

}  // namespace dusk::kernels::array
