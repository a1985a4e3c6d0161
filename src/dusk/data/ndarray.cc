#include "dusk/data/ndarray.h"

#include <cstring>

#include "dusk/base/check.h"

namespace dusk::data {

int64_t element_count(const Dims& shape) {
  int64_t count = 1;
  for (int64_t n : shape) count *= n;
  return count;
}

Dims contiguous_strides(const Dims& shape, int64_t itemsize) {
  Dims strides(shape.size());
  int64_t step = itemsize;
  for (size_t d = shape.size(); d-- > 0;) {
    strides[d] = step;
    step *= shape[d] > 0 ? shape[d] : 1;
  }
  return strides;
}

NdArray NdArray::empty(DType dtype, Dims shape) {
  Dims strides = contiguous_strides(shape, dtype.itemsize);
  BufferPtr buffer = Buffer::allocate(static_cast<size_t>(element_count(shape) * dtype.itemsize));
  std::byte* data = buffer->data();
  return {dtype, std::move(shape), std::move(strides), std::move(buffer), data};
}

NdArray NdArray::zeros(DType dtype, Dims shape) {
  NdArray a = empty(dtype, std::move(shape));
  if (a.nbytes()) std::memset(a.data(), 0, static_cast<size_t>(a.nbytes()));
  return a;
}

bool NdArray::is_contiguous() const {
  int64_t step = dtype_.itemsize;
  for (size_t d = shape_.size(); d-- > 0;) {
    if (shape_[d] == 0) return true;
    if (shape_[d] != 1 && strides_[d] != step) return false;
    step *= shape_[d];
  }
  return true;
}

NdArray NdArray::contiguous() const {
  if (is_contiguous()) return *this;
  NdArray copy = empty(dtype_, shape_);
  copy_elements(*this, copy);
  return copy;
}

NdArray NdArray::slice(size_t axis, int64_t start, int64_t step, int64_t count) const {
  NdArray view = *this;
  if (count > 0) view.data_ += start * strides_[axis];
  view.shape_[axis] = count;
  view.strides_[axis] = strides_[axis] * step;
  return view;
}

NdArray NdArray::select(size_t axis, int64_t index) const {
  NdArray view = *this;
  view.data_ += index * strides_[axis];
  view.shape_.erase(axis);
  view.strides_.erase(axis);
  return view;
}

NdArray NdArray::transpose(const Dims& order) const {
  NdArray view = *this;
  for (size_t d = 0; d < order.size(); ++d) {
    view.shape_[d] = shape_[static_cast<size_t>(order[d])];
    view.strides_[d] = strides_[static_cast<size_t>(order[d])];
  }
  return view;
}

NdArray NdArray::expand(size_t axis) const {
  NdArray view = *this;
  view.shape_.insert(axis, 1);
  view.strides_.insert(axis, 0);
  return view;
}

NdArray NdArray::squeeze(size_t axis) const {
  NdArray view = *this;
  view.shape_.erase(axis);
  view.strides_.erase(axis);
  return view;
}

NdArray NdArray::broadcast_to(const Dims& shape) const {
  NdArray view = *this;
  while (view.shape_.size() < shape.size()) {
    view.shape_.insert(0, 1);
    view.strides_.insert(0, 0);
  }
  for (size_t d = 0; d < shape.size(); ++d) {
    if (view.shape_[d] == shape[d]) continue;
    DUSK_CHECK(view.shape_[d] == 1, "broadcast_to of a shape that does not broadcast");
    view.shape_[d] = shape[d];
    view.strides_[d] = 0;
  }
  return view;
}

NdArray NdArray::reshape(const Dims& shape) const {
  NdArray view = contiguous();
  view.strides_ = contiguous_strides(shape, dtype_.itemsize);
  view.shape_ = shape;
  return view;
}

NdArray NdArray::view_as(DType dtype) const {
  DUSK_CHECK(dtype.itemsize == dtype_.itemsize, "view_as keeps the itemsize");
  NdArray view = *this;
  view.dtype_ = dtype;
  return view;
}

namespace {

template <size_t Size>
void copy_row(const std::byte* from, int64_t from_step, std::byte* to, int64_t to_step,
              int64_t count) {
  for (int64_t i = 0; i < count; ++i) std::memcpy(to + i * to_step, from + i * from_step, Size);
}

void copy_line(const std::byte* from, int64_t from_step, std::byte* to, int64_t to_step,
               int64_t count, int64_t itemsize) {
  if (from_step == itemsize && to_step == itemsize) {
    std::memcpy(to, from, static_cast<size_t>(count * itemsize));
    return;
  }
  switch (itemsize) {
    case 1: return copy_row<1>(from, from_step, to, to_step, count);
    case 2: return copy_row<2>(from, from_step, to, to_step, count);
    case 4: return copy_row<4>(from, from_step, to, to_step, count);
    case 8: return copy_row<8>(from, from_step, to, to_step, count);
    case 16: return copy_row<16>(from, from_step, to, to_step, count);
    default:
      for (int64_t i = 0; i < count; ++i) {
        std::memcpy(to + i * to_step, from + i * from_step, static_cast<size_t>(itemsize));
      }
  }
}

// A two-dimensional copy whose unit strides lie on different axes, tile by tile so that both
// sides stay in cache.
void copy_tiled(const std::byte* from, int64_t fs0, int64_t fs1, std::byte* to, int64_t ts0,
                int64_t ts1, int64_t n0, int64_t n1, int64_t itemsize) {
  constexpr int64_t kTile = 32;
  for (int64_t i = 0; i < n0; i += kTile) {
    for (int64_t j = 0; j < n1; j += kTile) {
      int64_t rows = std::min(kTile, n0 - i);
      int64_t columns = std::min(kTile, n1 - j);
      for (int64_t r = 0; r < rows; ++r) {
        copy_line(from + (i + r) * fs0 + j * fs1, fs1, to + (i + r) * ts0 + j * ts1, ts1, columns,
                  itemsize);
      }
    }
  }
}

void copy_axes(const std::byte* from, const Dims& from_strides, std::byte* to,
               const Dims& to_strides, const Dims& shape, size_t axis, int64_t itemsize) {
  size_t left = shape.size() - axis;
  if (left == 0) {
    std::memcpy(to, from, static_cast<size_t>(itemsize));
  } else if (left == 1) {
    copy_line(from, from_strides[axis], to, to_strides[axis], shape[axis], itemsize);
  } else if (left == 2 && from_strides[axis + 1] != itemsize) {
    copy_tiled(from, from_strides[axis], from_strides[axis + 1], to, to_strides[axis],
               to_strides[axis + 1], shape[axis], shape[axis + 1], itemsize);
  } else {
    for (int64_t i = 0; i < shape[axis]; ++i) {
      copy_axes(from + i * from_strides[axis], from_strides, to + i * to_strides[axis], to_strides,
                shape, axis + 1, itemsize);
    }
  }
}

}  // namespace

void copy_elements(const NdArray& from, NdArray& to) {
  DUSK_CHECK(from.shape() == to.shape() && from.dtype().itemsize == to.dtype().itemsize,
             "copy_elements between different shapes");
  if (from.size() == 0) return;
  if (from.is_contiguous() && to.is_contiguous()) {
    std::memcpy(to.data(), from.data(), static_cast<size_t>(from.nbytes()));
    return;
  }
  copy_axes(from.data(), from.strides(), to.data(), to.strides(), from.shape(), 0,
            from.dtype().itemsize);
}

}  // namespace dusk::data
