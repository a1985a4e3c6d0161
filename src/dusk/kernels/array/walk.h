// How a computation walks a shape: axes merged where every operand allows, then boxes of at most
// two axes and a few thousand elements.
//
// An operand is known by its strides (in any unit, zero where it is broadcast). A box is `rows` by
// `columns` elements of the last two merged axes; offsets say where it starts in every operand.
// Boxes come in C order of the shape, or, walking down, with the last axis slowest.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dusk/data/ndarray.h"

namespace dusk::kernels::array {

struct Box {
  int64_t rows = 0;
  int64_t columns = 0;
  const int64_t* offsets = nullptr;  // one per operand
  int64_t band_row = 0;              // when walking in bands: this row's place, of how many
  int64_t band_rows = 1;
  int64_t size() const { return rows * columns; }
};

class Walk {
 public:
  // `strides`: per operand, one per axis of `shape`. `box_elements` bounds rows * columns.
  // `tiled` operands (bit set) with their unit stride off the last axis make boxes square, so that
  // every cache line that is touched is used while it is there.
  Walk(const data::Dims& shape, std::span<const data::Dims> strides, int64_t box_elements,
       uint64_t tiled);

  // All boxes of one range of columns before those of the next.
  void walk_down() { down_ = true; }
  // Boxes of one row, so many rows of one range of columns before those of the next range.
  void walk_in_bands(int64_t rows) { band_ = rows; }

  int64_t size() const { return size_; }
  size_t axes() const { return shape_.size(); }
  size_t operands() const { return strides_.size(); }
  int64_t row_count() const { return shape_.size() > 1 ? shape_[shape_.size() - 2] : 1; }
  int64_t column_count() const { return shape_.back(); }
  int64_t box_rows() const { return box_rows_; }
  int64_t box_columns() const { return box_columns_; }
  int64_t column_stride(size_t operand) const { return strides_[operand].back(); }
  int64_t row_stride(size_t operand) const {
    return shape_.size() > 1 ? strides_[operand][shape_.size() - 2] : 0;
  }
  // Strides are zero on all axes.
  bool is_single(size_t operand) const;

  // Calls visit(const Box&) for every box.
  template <class Visit>
  void for_each(Visit&& visit) const {
    if (size_ == 0) return;
    Cursor cursor = begin();
    while (!cursor.done) {
      visit(static_cast<const Box&>(cursor.box));
      advance(cursor);
    }
  }

 private:
  struct Cursor {
    Box box;
    std::vector<int64_t> offsets;
    data::Dims index;  // of the box's first element
    bool done = false;
  };
  Cursor begin() const;
  void advance(Cursor& cursor) const;
  void place(Cursor& cursor) const;
  bool advance_band(Cursor& cursor) const;
  void merge_axes();
  void choose_box(int64_t box_elements, uint64_t tiled);

  data::Dims shape_;  // at least one axis
  std::vector<data::Dims> strides_;
  int64_t size_ = 1;
  int64_t box_rows_ = 1;
  int64_t box_columns_ = 1;
  bool down_ = false;
  int64_t band_ = 1;
};

}  // namespace dusk::kernels::array
