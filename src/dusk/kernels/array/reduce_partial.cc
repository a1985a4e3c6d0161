#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "dusk/base/error.h"
#include "dusk/kernels/array/gather.h"
#include "dusk/kernels/array/machine.h"
#include "dusk/kernels/array/reduce.h"
#include "dusk/kernels/array/reduce_plan.h"

namespace dusk::kernels::array {
namespace {

using data::Dims;
using data::DType;
using data::NdArray;

// Accumulators beyond this many bytes are visited one range of columns at a time.
constexpr int64_t kCachedBytes = int64_t{256} << 10;
// Long rows are folded this many at a time, so that accumulators are read and written less often.
constexpr int64_t kBandRows = 8;

NdArray filled(const DType& type, const Dims& shape, const Constant& value) {
  NdArray a = NdArray::empty(type, shape);
  fill_block(value.bytes, a.data(), a.size(), type.itemsize);
  return a;
}

// The axes of a reduction in the order in which they are walked.
struct Layout {
  Dims order;  // walked axis -> axis of the program's shape
  Dims shape;  // in walked order
  std::vector<bool> reduced;
  Dims kept_shape;  // in walked order, 1 where reduced
};

Dims stride_order(std::span<const NdArray> operands, size_t ndim) {
  Dims order;
  for (size_t d = 0; d < ndim; ++d) order.push_back(static_cast<int64_t>(d));
  const NdArray* largest = nullptr;
  auto extent = [](const NdArray& a) {
    int64_t n = 1;
    for (size_t d = 0; d < a.ndim(); ++d) n *= a.strides()[d] != 0 ? a.shape()[d] : 1;
    return n;
  };
  for (const NdArray& operand : operands) {
    if (largest == nullptr || extent(operand) > extent(*largest)) largest = &operand;
  }
  if (largest == nullptr) return order;
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::abs(largest->strides()[static_cast<size_t>(a)]) >
           std::abs(largest->strides()[static_cast<size_t>(b)]);
  });
  return order;
}

// A short run of reduced axes at the end would be folded a few elements at a time; the kept axis
// before it makes a better last one.
void avoid_short_rows(Dims& order, const Dims& shape, const std::vector<bool>& reduced) {
  int64_t run = 1;
  for (size_t k = order.size(); k-- > 0;) {
    size_t axis = static_cast<size_t>(order[k]);
    if (reduced[axis]) {
      run *= shape[axis];
      continue;
    }
    if (shape[axis] == 1) continue;
    if (run > 1 && run < 16 && shape[axis] >= 16) {
      std::rotate(order.begin() + k, order.begin() + k + 1, order.end());
    }
    return;
  }
}

Layout lay_out(const ReduceSpec& spec, std::span<const NdArray> operands, const Dims& shape) {
  Layout layout;
  layout.order = stride_order(operands, shape.size());
  avoid_short_rows(layout.order, shape, spec.reduced);
  for (int64_t axis : layout.order) {
    size_t a = static_cast<size_t>(axis);
    layout.shape.push_back(shape[a]);
    layout.reduced.push_back(spec.reduced[a]);
    layout.kept_shape.push_back(spec.reduced[a] ? 1 : shape[a]);
  }
  return layout;
}

// Element strides of the accumulators over the walked shape.
Dims accumulator_strides(const Layout& layout) {
  Dims strides = data::contiguous_strides(layout.kept_shape, 1);
  for (size_t d = 0; d < strides.size(); ++d) {
    if (layout.reduced[d]) strides[d] = 0;
  }
  return strides;
}

// Index of an element of the whole array among those it is reduced with: strides in walked order.
Dims index_strides(const ReduceSpec& spec, const Layout& layout, std::span<const int64_t> whole) {
  Dims by_axis(whole.size());
  int64_t step = 1;
  for (size_t d = whole.size(); d-- > 0;) {
    if (!spec.reduced[d]) continue;
    by_axis[d] = step;
    step *= whole[d];
  }
  Dims strides;
  for (int64_t axis : layout.order) strides.push_back(by_axis[static_cast<size_t>(axis)]);
  return strides;
}

int64_t first_index(const ReduceSpec& spec, std::span<const int64_t> offset,
                    std::span<const int64_t> whole) {
  int64_t index = 0, step = 1;
  for (size_t d = whole.size(); d-- > 0;) {
    if (!spec.reduced[d]) continue;
    index += offset[d] * step;
    step *= whole[d];
  }
  return index;
}

class Folder {
 public:
  Folder(const ReduceSpec& spec, const ReducePlan& plan, const Layout& layout)
      : kernel_(*find_reduce_kernel(plan.kernel, plan.input.code)) {
    const Dims& kept = layout.kept_shape;
    auto zeros = [&] { arrays_.push_back(NdArray::zeros(data::kFloat64Type, kept)); };
    if (is_moments(spec.kind) && !plan.compensated) {
      for (int i = 0; i < (spec.has_m2 ? 4 : 3); ++i) zeros();
    } else {
      arrays_.push_back(filled(plan.value, kept, reduction_identity(plan.kernel, plan.value)));
      if (plan.compensated) arrays_.push_back(NdArray::zeros(plan.value, kept));
      if (is_arg(spec.kind)) {
        Constant none = Constant::of<int64_t>(data::kInt64Type, -1);
        arrays_.push_back(filled(data::kInt64Type, kept, none));
      }
    }
    for (NdArray& a : arrays_) bases_.push_back(a.data());
  }

  // Operands `accumulator` and the next of the walk are the accumulators and the index; `first` is
  // the index of the chunk's first element.
  void fold(const std::byte* values, const Box& box, const Walk& walk, size_t accumulator,
            int64_t first, int32_t itemsize) {
    int64_t across = walk.column_stride(accumulator), down = walk.row_stride(accumulator);
    int64_t index_across = walk.column_stride(accumulator + 1);
    int64_t index_down = walk.row_stride(accumulator + 1);
    int64_t start = box.offsets[accumulator];
    int64_t index = first + box.offsets[accumulator + 1];
    bool one_row = box.rows == 1 || (down == 0 && (index_down == index_across * box.columns ||
                                                   (index_down == 0 && index_across == 0)));
    if (across != 0 && (down == 0 || box.rows == 1)) {
      kernel_.columns(values, box.rows, box.columns, box.columns, at(start), index, index_down);
    } else if (across == 0 && one_row) {
      kernel_.flat(values, box.size(), at(start), index, index_across);
    } else {
      for (int64_t i = 0; i < box.rows; ++i) {
        const std::byte* row = values + i * box.columns * itemsize;
        void* const* acc = at(start + i * down);
        int64_t row_index = index + i * index_down;
        if (across != 0)
          kernel_.columns(row, 1, box.columns, 0, acc, row_index, 0);
        else
          kernel_.flat(row, box.columns, acc, row_index, index_across);
      }
    }
  }

  // Several rows of one range of columns, `row_step` elements apart; `top` is the first row's box.
  void fold_band(const std::byte* values, int64_t rows, int64_t row_step, const Box& top,
                 const int64_t* offsets, const Walk& walk, size_t accumulator, int64_t first) {
    kernel_.columns(values, rows, top.columns, row_step, at(offsets[accumulator]),
                    first + offsets[accumulator + 1], walk.row_stride(accumulator + 1));
  }

  std::vector<NdArray>& arrays() { return arrays_; }
  int64_t bytes() const {
    int64_t total = 0;
    for (const NdArray& a : arrays_) total += a.nbytes();
    return total;
  }

 private:
  void* const* at(int64_t element) {
    for (size_t i = 0; i < bases_.size(); ++i) {
      pointers_[i] = bases_[i] + element * arrays_[i].dtype().itemsize;
    }
    return pointers_;
  }

  const ReduceKernel& kernel_;
  std::vector<NdArray> arrays_;
  std::vector<std::byte*> bases_;
  void* pointers_[4] = {};
};

// value + compensation; the latter is NaN where the value is infinite.
void settle(NdArray& value, const NdArray& compensation) {
  int64_t n = value.nbytes() / 8;
  double* v = value.as<double>();
  const double* c = compensation.as<double>();
  for (int64_t i = 0; i < n; ++i) v[i] += std::isfinite(c[i]) ? c[i] : 0.0;
}

PartialState make_state(const ReduceSpec& spec, const ReducePlan& plan, const Layout& layout,
                        std::vector<NdArray> arrays, int64_t reduced_count) {
  if (plan.compensated) {
    settle(arrays[0], arrays[1]);
    arrays.pop_back();
    if (is_moments(spec.kind)) {
      Constant count = Constant::from_double(data::kFloat64Type, double(reduced_count));
      arrays.insert(arrays.begin(), filled(count.dtype, layout.kept_shape, count));
    }
  } else if (is_moments(spec.kind)) {
    if (spec.has_m2) {
      std::swap(arrays[2], arrays[3]);  // count, total, M2, rest
    } else {
      settle(arrays[1], arrays[2]);
      arrays.pop_back();
    }
  }
  Dims back(layout.order.size());
  for (size_t k = 0; k < back.size(); ++k) {
    back[static_cast<size_t>(layout.order[k])] = static_cast<int64_t>(k);
  }
  for (NdArray& a : arrays) a = a.transpose(back).contiguous();
  if (is_extreme(spec.kind)) {
    arrays.push_back(NdArray::scalar<uint8_t>(data::kBoolType, reduced_count > 0));
  }
  return arrays;
}

}  // namespace

// Rows of a band are computed one below the other, or read where they lie, and folded together.
void fold_bands(Machine& machine, Folder& folder, const Walk& walk, size_t accumulator,
                int64_t first, int32_t itemsize) {
  data::BufferPtr rows =
      data::Buffer::allocate(static_cast<size_t>(kBandRows * walk.box_columns() * itemsize));
  std::vector<int64_t> offsets(accumulator + 2);
  const std::byte* top = nullptr;
  walk.for_each([&](const Box& box) {
    if (box.band_row == 0) std::copy_n(box.offsets, offsets.size(), offsets.begin());
    const std::byte* row = machine.input_row(box);
    if (row == nullptr) {
      row = machine.run(box, rows->data() + box.band_row * box.columns * itemsize);
    }
    if (box.band_row == 0) top = row;
    if (box.band_row + 1 < box.band_rows) return;
    int64_t step = machine.input_row_stride();
    folder.fold_band(top, box.band_rows, step != 0 ? step / itemsize : box.columns, box,
                     offsets.data(), walk, accumulator, first);
  });
}

PartialState reduce_partial(const ReduceSpec& spec, const Program& program,
                            std::span<const NdArray> inputs, std::span<const int64_t> offset,
                            std::span<const int64_t> shape) {
  require_inputs(program, inputs);
  Dims chunk = broadcast_shape(inputs);
  if (spec.reduced.size() != chunk.size()) {
    throw base::value_error("[reduce] a block has " + std::to_string(chunk.size()) +
                            " axes where the array has " + std::to_string(spec.reduced.size()));
  }
  DType element = program.result_dtype();
  if (!reduction_supported(spec.kind, element, spec.has_m2)) {
    throw base::not_implemented("[reduce] of " + element.name() + "; see docs/status.md");
  }
  ReducePlan plan = plan_reduction(spec, element);
  Program ready = program;
  ready.set_result(ready.cast(ready.result(), plan.input));

  std::vector<NdArray> operands;
  for (const NdArray& input : inputs) operands.push_back(input.broadcast_to(chunk));
  Layout layout = lay_out(spec, operands, chunk);
  std::vector<Dims> strides;
  for (NdArray& operand : operands) {
    operand = operand.transpose(layout.order);
    strides.push_back(operand.strides());
  }
  size_t accumulator = operands.size();
  bool arg = is_arg(spec.kind);
  strides.push_back(accumulator_strides(layout));
  strides.push_back(arg ? index_strides(spec, layout, shape) : Dims(chunk.size()));
  uint64_t tiled = accumulator < 64 ? (uint64_t{1} << accumulator) - 1 : 0;
  Walk walk(layout.shape, strides, Machine::box_elements(ready), tiled);
  Folder folder(spec, plan, layout);
  bool by_column = walk.column_stride(accumulator) != 0;
  bool bands = by_column && walk.row_stride(accumulator) == 0 && walk.row_count() > 1 &&
               walk.box_rows() == 1;
  if (bands)
    walk.walk_in_bands(kBandRows);
  else if (by_column && folder.bytes() > kCachedBytes)
    walk.walk_down();
  Machine machine(ready, operands, walk);
  int64_t first = arg ? first_index(spec, offset, shape) : 0;
  if (bands) {
    fold_bands(machine, folder, walk, accumulator, first, plan.input.itemsize);
  } else {
    walk.for_each([&](const Box& box) {
      folder.fold(machine.run(box, nullptr), box, walk, accumulator, first, plan.input.itemsize);
    });
  }
  int64_t reduced_count = 1;
  for (size_t d = 0; d < chunk.size(); ++d) reduced_count *= spec.reduced[d] ? chunk[d] : 1;
  return make_state(spec, plan, layout, std::move(folder.arrays()), reduced_count);
}

}  // namespace dusk::kernels::array
