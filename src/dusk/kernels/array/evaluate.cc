#include <algorithm>
#include <cstdlib>

#include "dusk/base/check.h"
#include "dusk/base/error.h"
#include "dusk/kernels/array/gather.h"
#include "dusk/kernels/array/machine.h"
#include "dusk/kernels/array/program.h"

namespace dusk::kernels::array {
namespace {

// Outputs of at least this many bytes are written past the caches: they would not stay there.
constexpr int64_t kStreamBytes = int64_t{8} << 20;

std::string shapes_text(std::span<const data::NdArray> inputs) {
  std::string text;
  for (const data::NdArray& input : inputs) {
    text += "(";
    for (size_t d = 0; d < input.ndim(); ++d) {
      text += (d ? "," : "") + std::to_string(input.shape()[d]);
    }
    text += input.ndim() == 1 ? ",) " : ") ";
  }
  return text;
}

// Axes by falling stride of `out`, so that memory is walked in order.
data::Dims axis_order(const data::NdArray& out) {
  data::Dims order;
  for (size_t d = 0; d < out.ndim(); ++d) order.push_back(static_cast<int64_t>(d));
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::abs(out.strides()[static_cast<size_t>(a)]) >
           std::abs(out.strides()[static_cast<size_t>(b)]);
  });
  return order;
}

void run_boxes(Machine& machine, const Walk& walk, data::NdArray& out) {
  size_t operand = walk.operands() - 1;
  int64_t item = out.dtype().itemsize;
  int64_t across = walk.column_stride(operand), down = walk.row_stride(operand);
  bool flat =
      walk.size() == 1 ||
      (across == item && (walk.box_rows() == 1 || (walk.box_columns() == walk.column_count() &&
                                                   down == item * walk.column_count())));
  bool stream = flat && out.nbytes() >= kStreamBytes;
  walk.for_each([&](const Box& box) {
    std::byte* target = out.data() + box.offsets[operand];
    if (stream) {
      stream_copy(machine.run(box, nullptr), target, box.size() * item);
    } else if (flat) {
      machine.run(box, target);
    } else {
      scatter_box(machine.run(box, nullptr), target, down, across, box.rows, box.columns,
                  out.dtype().itemsize);
    }
  });
}

}  // namespace

data::Dims broadcast_shape(std::span<const data::NdArray> inputs) {
  data::Dims shape;
  for (const data::NdArray& input : inputs) {
    while (shape.size() < input.ndim()) shape.insert(0, 1);
    size_t lead = shape.size() - input.ndim();
    for (size_t d = 0; d < input.ndim(); ++d) {
      int64_t length = input.shape()[d];
      int64_t& whole = shape[lead + d];
      if (length == whole || length == 1) continue;
      if (whole != 1) {
        throw base::value_error("operands could not be broadcast together with shapes " +
                                shapes_text(inputs));
      }
      whole = length;
    }
  }
  return shape;
}

void require_inputs(const Program& program, std::span<const data::NdArray> inputs) {
  if (inputs.size() != program.input_count()) {
    throw base::value_error("[" + program.text() + "] takes " +
                            std::to_string(program.input_count()) + " blocks, not " +
                            std::to_string(inputs.size()));
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].dtype() == program.input_dtype(i)) continue;
    throw base::type_error("[" + program.text() + "] a block is " + inputs[i].dtype().name() +
                           " where the array's dtype is " + program.input_dtype(i).name() +
                           "; give the right dtype= to the function that makes it");
  }
}

data::NdArray evaluate(const Program& program, std::span<const data::NdArray> inputs) {
  data::NdArray out = data::NdArray::empty(program.result_dtype(), broadcast_shape(inputs));
  evaluate_into(program, inputs, out);
  return out;
}

void evaluate_into(const Program& program, std::span<const data::NdArray> inputs,
                   data::NdArray& out) {
  require_inputs(program, inputs);
  DUSK_CHECK(out.dtype() == program.result_dtype(), "evaluate into another dtype");
  if (out.size() == 0) return;
  data::Dims order = axis_order(out);
  data::NdArray sorted = out.transpose(order);
  std::vector<data::NdArray> operands;
  std::vector<data::Dims> strides;
  for (size_t i = 0; i < inputs.size(); ++i) {
    operands.push_back(inputs[i].broadcast_to(out.shape()).transpose(order));
    strides.push_back(operands.back().strides());
  }
  strides.push_back(sorted.strides());
  Walk walk(sorted.shape(), strides, Machine::box_elements(program), ~uint64_t{0});
  Machine machine(program, operands, walk);
  run_boxes(machine, walk, sorted);
}

}  // namespace dusk::kernels::array
