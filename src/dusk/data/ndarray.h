// One n-dimensional chunk in memory: dtype, shape, strides in bytes (any sign, any order), buffer.
// Cheap to copy (the buffer is shared). Views share their parent's buffer.
#pragma once

#include <cstdint>
#include <string>

#include "dusk/base/small_vector.h"
#include "dusk/data/buffer.h"
#include "dusk/data/dtype.h"

namespace dusk::data {

using Dims = base::SmallVector<int64_t, 6>;

// The product of `shape`; 1 for zero dimensions.
int64_t element_count(const Dims& shape);
Dims contiguous_strides(const Dims& shape, int64_t itemsize);

class NdArray {
 public:
  NdArray() = default;
  NdArray(DType dtype, Dims shape, Dims strides, BufferPtr buffer, std::byte* data)
      : dtype_(dtype),
        shape_(std::move(shape)),
        strides_(std::move(strides)),
        buffer_(std::move(buffer)),
        data_(data) {}

  // C-contiguous and uninitialised / zero.
  static NdArray empty(DType dtype, Dims shape);
  static NdArray zeros(DType dtype, Dims shape);
  template <class T>
  static NdArray scalar(DType dtype, T value) {
    NdArray a = empty(dtype, {});
    *reinterpret_cast<T*>(a.data()) = value;
    return a;
  }

  const DType& dtype() const { return dtype_; }
  const Dims& shape() const { return shape_; }
  const Dims& strides() const { return strides_; }
  const BufferPtr& buffer() const { return buffer_; }
  size_t ndim() const { return shape_.size(); }
  int64_t size() const { return element_count(shape_); }
  int64_t nbytes() const { return size() * dtype_.itemsize; }
  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  template <class T>
  T* as() {
    return reinterpret_cast<T*>(data_);
  }
  template <class T>
  const T* as() const {
    return reinterpret_cast<const T*>(data_);
  }

  bool is_contiguous() const;  // C order, ignoring axes of length 1
  NdArray contiguous() const;  // itself when already so, else a copy

  // Views. Arguments are checked by the caller that built the graph; out of range is a bug.
  NdArray slice(size_t axis, int64_t start, int64_t step, int64_t count) const;
  NdArray select(size_t axis, int64_t index) const;  // drops the axis
  NdArray transpose(const Dims& order) const;
  NdArray expand(size_t axis) const;              // a new axis of length 1
  NdArray squeeze(size_t axis) const;             // drops an axis of length 1
  NdArray broadcast_to(const Dims& shape) const;  // stride 0 where stretched
  NdArray reshape(const Dims& shape) const;       // a view where contiguous, else a copy
  NdArray view_as(DType dtype) const;             // same itemsize

 private:
  DType dtype_;
  Dims shape_;
  Dims strides_;
  BufferPtr buffer_;
  std::byte* data_ = nullptr;
};

// Copies the elements of `from` (same dtype) into `to` (same shape), any strides on both sides.
void copy_elements(const NdArray& from, NdArray& to);

}  // namespace dusk::data
