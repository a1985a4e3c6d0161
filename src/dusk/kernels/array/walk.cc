#include "dusk/kernels/array/walk.h"

#include <algorithm>
#include <cstdlib>

namespace dusk::kernels::array {

Walk::Walk(const data::Dims& shape, std::span<const data::Dims> strides, int64_t box_elements,
           uint64_t tiled)
    : shape_(shape), strides_(strides.begin(), strides.end()) {
  size_ = data::element_count(shape);
  merge_axes();
  choose_box(box_elements, tiled);
}

void Walk::merge_axes() {
  for (size_t d = shape_.size(); d-- > 0;) {
    if (shape_[d] != 1) continue;
    shape_.erase(d);
    for (data::Dims& s : strides_) s.erase(d);
  }
  for (size_t d = shape_.size(); d-- > 1;) {
    bool joined = std::all_of(strides_.begin(), strides_.end(),
                              [&](const data::Dims& s) { return s[d - 1] == s[d] * shape_[d]; });
    if (!joined) continue;
    shape_[d - 1] *= shape_[d];
    shape_.erase(d);
    for (data::Dims& s : strides_) {
      s[d - 1] = s[d];
      s.erase(d);
    }
  }
  if (!shape_.empty()) return;
  shape_.push_back(1);
  for (data::Dims& s : strides_) s.push_back(0);
}

// A box of one long row is read where it lies; several rows would be copied together first (were
// they contiguous, their axes would be one).
void Walk::choose_box(int64_t box_elements, uint64_t tiled) {
  int64_t columns = column_count(), rows = row_count();
  bool square = false;
  for (size_t i = 0; i < strides_.size(); ++i) {
    int64_t across = std::abs(column_stride(i)), down = std::abs(row_stride(i));
    if (i < 64 && (tiled >> i & 1)) square |= down != 0 && down < across && rows > 1;
  }
  int64_t tile = box_elements / std::min<int64_t>(std::max<int64_t>(rows, 1), 32);
  box_columns_ = std::min(columns, square ? tile : box_elements);
  bool long_rows = box_columns_ < columns || 4 * columns >= box_elements;
  box_rows_ = long_rows && !square
                  ? 1
                  : std::clamp<int64_t>(box_elements / std::max<int64_t>(box_columns_, 1), 1, rows);
}

bool Walk::is_single(size_t operand) const {
  const data::Dims& s = strides_[operand];
  return std::all_of(s.begin(), s.end(), [](int64_t step) { return step == 0; });
}

void Walk::place(Cursor& cursor) const {
  size_t last = shape_.size() - 1;
  cursor.box.columns = std::min(box_columns_, shape_[last] - cursor.index[last]);
  cursor.box.rows = last == 0 ? 1 : std::min(box_rows_, shape_[last - 1] - cursor.index[last - 1]);
  if (band_ > 1 && cursor.box.band_row == 0) {
    cursor.box.band_rows = std::min(band_, shape_[last - 1] - cursor.index[last - 1]);
  }
  for (size_t i = 0; i < strides_.size(); ++i) {
    int64_t offset = 0;
    for (size_t d = 0; d <= last; ++d) offset += cursor.index[d] * strides_[i][d];
    cursor.offsets[i] = offset;
  }
}

Walk::Cursor Walk::begin() const {
  Cursor cursor;
  cursor.offsets.resize(strides_.size());
  cursor.index = data::Dims(shape_.size());
  cursor.box.offsets = cursor.offsets.data();
  place(cursor);
  return cursor;
}

// Within the band, then to the next range of columns; false at the band's end.
bool Walk::advance_band(Cursor& cursor) const {
  size_t last = shape_.size() - 1;
  Box& box = cursor.box;
  if (++box.band_row < box.band_rows) {
    ++cursor.index[last - 1];
    return true;
  }
  box.band_row = 0;
  cursor.index[last - 1] -= box.band_rows - 1;
  cursor.index[last] += box_columns_;
  if (cursor.index[last] < shape_[last]) return true;
  cursor.index[last] = 0;
  cursor.index[last - 1] += box.band_rows;
  return cursor.index[last - 1] < shape_[last - 1];
}

void Walk::advance(Cursor& cursor) const {
  if (band_ > 1) {
    if (advance_band(cursor)) return place(cursor);
    size_t rows = shape_.size() - 2;
    cursor.index[rows] = 0;
    for (size_t d = rows; d-- > 0;) {
      if (++cursor.index[d] < shape_[d]) return place(cursor);
      cursor.index[d] = 0;
    }
    cursor.done = true;
    return;
  }
  size_t axes = shape_.size();
  for (size_t k = 0; k < axes; ++k) {
    size_t from_last = down_ ? (k + 1) % axes : k;
    size_t d = axes - 1 - from_last;
    int64_t step = from_last == 0 ? box_columns_ : from_last == 1 ? box_rows_ : 1;
    cursor.index[d] += step;
    if (cursor.index[d] < shape_[d]) return place(cursor);
    cursor.index[d] = 0;
  }
  cursor.done = true;
}

}  // namespace dusk::kernels::array
