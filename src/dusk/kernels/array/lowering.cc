#include "dusk/kernels/array/lowering.h"

#include <algorithm>

namespace dusk::kernels::array {

using Kind = Program::Instruction::Kind;

void Machine::Lowering::run() {
  count_uses();
  find_varying();
  absorb_products();
  for (const Program::Instruction& i : program.instructions()) {
    add_slot(Place::kUnused, i.dtype.itemsize);
    if (i.kind == Kind::kConstant) machine.constants_.push_back(i.constant);
  }
  for (size_t r = 0; r < program.instructions().size(); ++r) {
    if (uses[r] == 0) continue;
    Register id = static_cast<Register>(r);
    switch (at(id).kind) {
      case Kind::kInput: lower_input(id); break;
      case Kind::kConstant: places[r] = Place::kSingle; break;
      default: lower_call(id);
    }
  }
}

bool Machine::Lowering::varies(int slot) const {
  Place p = places[static_cast<size_t>(slot)];
  return p == Place::kDirect || p == Place::kGather || p == Place::kBlock;
}

void Machine::Lowering::count_uses() {
  size_t n = program.instructions().size();
  uses.assign(n, 0);
  alias.resize(n);
  for (size_t r = 0; r < n; ++r) {
    const Program::Instruction& i = program.instructions()[r];
    bool bits = i.kind == Kind::kCast && i.opcode < 0;
    alias[r] = bits ? alias[static_cast<size_t>(i.arguments[0])] : static_cast<int>(r);
  }
  std::vector<bool> live(n, false);
  live[static_cast<size_t>(alias[static_cast<size_t>(program.result())])] = true;
  uses[static_cast<size_t>(alias[static_cast<size_t>(program.result())])] = 1;
  for (size_t r = n; r-- > 0;) {
    if (!live[r] || alias[r] != static_cast<int>(r)) continue;
    for (Register a : program.instructions()[r].arguments) {
      if (a < 0) continue;
      int slot = alias[static_cast<size_t>(a)];
      live[static_cast<size_t>(slot)] = true;
      ++uses[static_cast<size_t>(slot)];
    }
  }
}

void Machine::Lowering::find_varying() {
  size_t n = program.instructions().size();
  varying.assign(n, false);
  absorbed.assign(n, false);
  for (size_t r = 0; r < n; ++r) {
    const Program::Instruction& i = program.instructions()[r];
    if (i.kind == Kind::kInput) {
      size_t operand = static_cast<size_t>(i.input);
      Place place = place_of_input(inputs[operand], operand);
      varying[r] = place == Place::kDirect || place == Place::kGather;
    }
    for (Register a : i.arguments) {
      if (a >= 0 && varying[static_cast<size_t>(a)]) varying[r] = true;
    }
  }
}

Machine::Place Machine::Lowering::place_of_input(const data::NdArray& input, size_t operand) const {
  if (walk.is_single(operand) || walk.size() == 1) return Place::kSingle;
  int64_t across = walk.column_stride(operand), down = walk.row_stride(operand);
  int64_t item = input.dtype().itemsize;
  bool one_row = walk.box_rows() == 1;
  if (across == 0 && (one_row || down == 0)) return Place::kRowSingle;
  bool flat = walk.box_columns() == walk.column_count() && (down == item * walk.column_count());
  return across == item && (one_row || flat) ? Place::kDirect : Place::kGather;
}

void Machine::Lowering::add_slot(Place place, int32_t itemsize) {
  places.push_back(place);
  itemsizes.push_back(itemsize);
  block_of.push_back(-1);
}

int Machine::Lowering::take_block() {
  if (free_blocks.empty()) return block_count++;
  int block = free_blocks.back();
  free_blocks.pop_back();
  return block;
}

void Machine::Lowering::release(int slot) {
  size_t s = static_cast<size_t>(slot);
  if (s >= uses.size() || --uses[s] > 0 || places[s] != Place::kBlock) return;
  free_blocks.push_back(block_of[s]);
}

void Machine::Lowering::lower_input(Register r) {
  const Program::Instruction& i = at(r);
  size_t operand = static_cast<size_t>(i.input);
  const data::NdArray& input = inputs[operand];
  Place place = place_of_input(input, operand);
  places[static_cast<size_t>(r)] = place;
  Source source{};
  source.slot = r;
  source.operand = i.input;
  source.place = place;
  source.itemsize = input.dtype().itemsize;
  source.row_stride = walk.row_stride(operand);
  source.column_stride = walk.column_stride(operand);
  source.base = input.data();
  if (place == Place::kGather) block_of[static_cast<size_t>(r)] = block_count++;
  machine.sources_.push_back(source);
}

int Machine::Lowering::spread(int slot) {
  Step fill{};
  fill.arguments[0] = slot;
  fill.arity = 1;
  fill.itemsize = itemsizes[static_cast<size_t>(slot)];
  fill.once = places[static_cast<size_t>(slot)] == Place::kSingle;
  fill.out = static_cast<int>(places.size());
  add_slot(Place::kBlock, fill.itemsize);
  block_of.back() = block_count++;
  machine.steps_.push_back(fill);
  return fill.out;
}

void Machine::Lowering::lower_call(Register r) {
  const Program::Instruction& i = at(r);
  if (absorbed[static_cast<size_t>(r)]) return;
  if (const Fusion& fusion = fusions[static_cast<size_t>(r)]; fusion.arity > 0) {
    return lower_fusion(r, fusion);
  }
  const KernelRow& row = kernel_row(i.opcode);
  Step step{};
  step.kernel = row.kernel;
  step.itemsize = i.dtype.itemsize;
  step.out = r;
  bool varying = false, per_box = false;
  for (Register a : i.arguments) {
    if (a < 0) break;
    int slot = alias[static_cast<size_t>(a)];
    step.arguments[step.arity++] = slot;
    varying |= varies(slot);
    per_box |= places[static_cast<size_t>(slot)] == Place::kRowSingle;
  }
  step.single = !varying;
  step.once = !varying && !per_box;
  places[static_cast<size_t>(r)] = varying   ? Place::kBlock
                                   : per_box ? Place::kRowSingle
                                             : Place::kSingle;
  int originals[4] = {step.arguments[0], step.arguments[1], step.arguments[2], -1};
  for (int a = 0; varying && a < step.arity; ++a) {
    if (varies(step.arguments[a])) continue;
    if (row.takes_scalars)
      step.scalars |= 1u << a;
    else
      step.arguments[a] = spread(step.arguments[a]);
  }
  assign_block(step, originals);
  machine.steps_.push_back(step);
}

void Machine::Lowering::assign_block(const Step& step, const int (&originals)[4]) {
  size_t out = static_cast<size_t>(step.out);
  if (step.single) {
    block_of[out] = block_count++;
    for (int a = 0; a < step.arity; ++a) release(originals[a]);
    return;
  }
  bool same = true;
  for (int a = 0; a < step.arity; ++a) {
    same &= itemsizes[static_cast<size_t>(originals[a])] == step.itemsize;
  }
  if (!same) block_of[out] = take_block();
  for (int a = 0; a < step.arity; ++a) release(originals[a]);
  if (same) block_of[out] = take_block();
}

}  // namespace dusk::kernels::array
