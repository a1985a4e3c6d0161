#include "dusk/kernels/array/machine.h"

#include <algorithm>
#include <cstring>

#include "dusk/base/check.h"
#include "dusk/kernels/array/gather.h"
#include "dusk/kernels/array/lowering.h"

namespace dusk::kernels::array {

using Kind = Program::Instruction::Kind;

Machine::Machine(const Program& program, std::span<const data::NdArray> inputs, const Walk& walk) {
  Lowering lowering{*this, program, inputs, walk};
  lowering.run();
  result_ = lowering.alias[static_cast<size_t>(program.result())];
  result_single_ = !lowering.varies(result_);
  result_itemsize_ = program.result_dtype().itemsize;
  int spread_block = result_single_ ? lowering.block_count++ : -1;

  int32_t widest = 8;
  for (int32_t itemsize : lowering.itemsizes) widest = std::max(widest, itemsize);
  int64_t box = walk.box_rows() * walk.box_columns();
  int64_t stride = (box * widest + 63) / 64 * 64 + 192;  // blocks fall into different cache sets
  scratch_ = data::Buffer::allocate(static_cast<size_t>(stride * lowering.block_count));
  auto block = [&](int b) { return scratch_->data() + b * stride; };
  if (spread_block >= 0) result_block_ = block(spread_block);

  slots_.assign(lowering.places.size(), nullptr);
  blocks_.assign(lowering.places.size(), nullptr);
  for (size_t s = 0; s < slots_.size(); ++s) {
    if (lowering.block_of[s] >= 0) slots_[s] = blocks_[s] = block(lowering.block_of[s]);
  }
  size_t next_constant = 0;
  for (size_t r = 0; r < program.instructions().size(); ++r) {
    if (program.instructions()[r].kind != Kind::kConstant) continue;
    slots_[r] = constants_[next_constant++].bytes;
  }
  for (Source& source : sources_) {
    size_t slot = static_cast<size_t>(source.slot);
    source.block = blocks_[slot];
    if (source.place != Place::kGather) slots_[slot] = source.base;
    if (source.place == Place::kDirect && source.slot == result_ &&
        source.row_stride % source.itemsize == 0) {
      result_source_ = &source;
    }
  }
  if (walk.size() == 0) return;
  for (const Step& step : steps_) {
    if (step.once) run_step(step, step.single ? 1 : box, blocks_[static_cast<size_t>(step.out)]);
  }
  std::erase_if(steps_, [](const Step& step) { return step.once; });
}

void Machine::run_step(const Step& step, int64_t n, std::byte* out) {
  const void* arguments[4];
  for (int a = 0; a < step.arity; ++a) {
    arguments[a] = slots_[static_cast<size_t>(step.arguments[a])];
  }
  if (step.kernel == nullptr) {
    fill_block(static_cast<const std::byte*>(arguments[0]), out, n, step.itemsize);
  } else {
    step.kernel(arguments, out, n, step.scalars);
  }
}

void Machine::gather(Source& source, const Box& box) {
  const std::byte* start = source.base + box.offsets[source.operand];
  if (start == source.gathered && box.rows == source.rows && box.columns == source.columns) return;
  gather_box(start, source.row_stride, source.column_stride, source.block, box.rows, box.columns,
             source.itemsize);
  source.gathered = start;
  source.rows = box.rows;
  source.columns = box.columns;
}

const std::byte* Machine::run(const Box& box, std::byte* destination) {
  for (Source& source : sources_) {
    if (source.place == Place::kGather)
      gather(source, box);
    else if (source.place != Place::kSingle) {
      slots_[static_cast<size_t>(source.slot)] = source.base + box.offsets[source.operand];
    }
  }
  int64_t n = box.size();
  for (const Step& step : steps_) {
    std::byte* out = blocks_[static_cast<size_t>(step.out)];
    bool last = destination != nullptr && step.out == result_ && !step.single;
    run_step(step, step.single ? 1 : n, last ? destination : out);
    if (last) return destination;
  }
  const std::byte* values = slots_[static_cast<size_t>(result_)];
  if (result_single_) {
    std::byte* target = destination != nullptr ? destination : result_block_;
    fill_block(values, target, n, result_itemsize_);
    return target;
  }
  if (destination == nullptr) return values;
  std::memcpy(destination, values, static_cast<size_t>(n * result_itemsize_));
  return destination;
}

const std::byte* Machine::input_row(const Box& box) const {
  return result_source_ == nullptr ? nullptr
                                   : result_source_->base + box.offsets[result_source_->operand];
}
int64_t Machine::input_row_stride() const {
  return result_source_ == nullptr ? 0 : result_source_->row_stride;
}

int64_t Machine::box_elements(const Program& program) {
  int32_t widest = 1;
  for (const Program::Instruction& i : program.instructions()) {
    if (i.kind != Kind::kConstant) widest = std::max(widest, i.dtype.itemsize);
  }
  return 16384 / widest;
}

}  // namespace dusk::kernels::array
