#include "dusk/kernels/array/machine.h"

#include <algorithm>
#include <cstring>

#include "dusk/base/check.h"
#include "dusk/kernels/array/gather.h"

namespace dusk::kernels::array {

using data::TypeCode;
using Kind = Program::Instruction::Kind;

// Turns the program into steps over slots. Slot r is register r; further slots hold scalars spread
// over a block for kernels that take no scalars.
struct Machine::Lowering {
  struct Fusion {
    Function function;
    int arguments[4];
    int arity = 0;  // 0: none
    unsigned scalars = 0;
  };

  Machine& machine;
  const Program& program;
  std::span<const data::NdArray> inputs;
  const Walk& walk;
  std::vector<Place> places;
  std::vector<int> uses;          // remaining readers of a slot
  std::vector<int32_t> itemsizes;
  std::vector<int> alias;         // slot whose bits a register has
  std::vector<int> block_of;      // by slot, -1: none
  std::vector<int> free_blocks;
  int block_count = 0;
  std::vector<bool> varying;      // by register: more than one element a box
  std::vector<bool> absorbed;     // products computed by the sum that uses them
  std::vector<Fusion> fusions;    // by register: the sum with its products

  const Program::Instruction& at(Register r) const {
    return program.instructions()[static_cast<size_t>(r)];
  }
  bool varies(int slot) const {
    Place p = places[static_cast<size_t>(slot)];
    return p == Place::kDirect || p == Place::kGather || p == Place::kBlock;
  }

  void count_uses() {
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

  void add_slot(Place place, int32_t itemsize) {
    places.push_back(place);
    itemsizes.push_back(itemsize);
    block_of.push_back(-1);
  }

  int take_block() {
    if (free_blocks.empty()) return block_count++;
    int block = free_blocks.back();
    free_blocks.pop_back();
    return block;
  }
  void release(int slot) {
    size_t s = static_cast<size_t>(slot);
    if (s >= uses.size() || --uses[s] > 0 || places[s] != Place::kBlock) return;
    free_blocks.push_back(block_of[s]);
  }

  Place place_of_input(const data::NdArray& input, size_t operand) const {
    if (walk.is_single(operand) || walk.size() == 1) return Place::kSingle;
    int64_t across = walk.column_stride(operand), down = walk.row_stride(operand);
    int64_t item = input.dtype().itemsize;
    bool one_row = walk.box_rows() == 1;
    if (across == 0 && (one_row || down == 0)) return Place::kRowSingle;
    bool flat = walk.box_columns() == walk.column_count() &&
                (down == item * walk.column_count());
    return across == item && (one_row || flat) ? Place::kDirect : Place::kGather;
  }

  void lower_input(Register r) {
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

  // A slot that holds the scalar of `slot` over a whole block.
  int spread(int slot) {
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

  // What varies is known before steps are made.
  void find_varying() {
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

  struct Product {
    int p = -1, q = -1;  // p is the one that may be a scalar
    bool scalar = false;
  };
  // The factors of a product of floats that only its reader uses; p < 0: it is none.
  Product product_of(int slot) const {
    size_t s = static_cast<size_t>(slot);
    const Program::Instruction& i = program.instructions()[s];
    if (i.kind != Kind::kCall || uses[s] != 1 || !varying[s]) return {};
    Function f = kernel_row(i.opcode).function;
    if (f != Function::kMultiply && f != Function::kSquare) return {};
    int p = alias[static_cast<size_t>(i.arguments[0])];
    int q = f == Function::kSquare ? p : alias[static_cast<size_t>(i.arguments[1])];
    if (!varying[static_cast<size_t>(q)]) std::swap(p, q);
    return {p, q, !varying[static_cast<size_t>(p)]};
  }

  Fusion fusion_of(const Program::Instruction& i) const {
    Fusion fusion{};
    if (i.kind != Kind::kCall || !i.dtype.is_float()) return fusion;
    Function f = kernel_row(i.opcode).function;
    bool add = f == Function::kAdd;
    if (!add && f != Function::kSubtract) return fusion;
    int a = alias[static_cast<size_t>(i.arguments[0])];
    int b = alias[static_cast<size_t>(i.arguments[1])];
    if (!varying[static_cast<size_t>(a)] || !varying[static_cast<size_t>(b)]) return fusion;
    Product left = product_of(a), right = product_of(b);
    if (left.p >= 0 && right.p >= 0) {
      Function products = add ? Function::kProductsAdd : Function::kProductsSubtract;
      unsigned scalars = (left.scalar ? 1u : 0) | (right.scalar ? 4u : 0);
      return {products, {left.p, left.q, right.p, right.q}, 4, scalars};
    }
    if (left.p >= 0) {
      Function product = add ? Function::kProductAdd : Function::kProductSubtract;
      return {product, {left.p, left.q, b, -1}, 3, left.scalar ? 1u : 0};
    }
    if (right.p >= 0) {
      Function product = add ? Function::kProductAdd : Function::kSubtractProduct;
      return {product, {right.p, right.q, a, -1}, 3, right.scalar ? 1u : 0};
    }
    return fusion;
  }

  // Chooses while every count of uses is still whole. A square's operand gets its second reader.
  void absorb_products() {
    fusions.resize(uses.size());
    for (size_t r = 0; r < uses.size(); ++r) {
      if (uses[r] == 0 || alias[r] != static_cast<int>(r)) continue;
      const Program::Instruction& i = program.instructions()[r];
      fusions[r] = fusion_of(i);
      if (fusions[r].arity == 0) continue;
      for (Register a : {i.arguments[0], i.arguments[1]}) {
        size_t slot = static_cast<size_t>(alias[static_cast<size_t>(a)]);
        Product product = product_of(static_cast<int>(slot));
        if (product.p < 0) continue;
        absorbed[slot] = true;
        if (at(static_cast<Register>(slot)).arguments[1] < 0) ++uses[static_cast<size_t>(product.p)];
      }
    }
  }

  // A sum and the products in it as one step.
  void lower_fusion(Register r, const Fusion& fusion) {
    const Program::Instruction& i = at(r);
    TypeCode codes[3] = {i.dtype.code, i.dtype.code, i.dtype.code};
    Step step{};
    step.kernel = kernel_row(find_kernel(fusion.function, codes)).kernel;
    step.itemsize = i.dtype.itemsize;
    step.out = r;
    step.arity = fusion.arity;
    step.scalars = fusion.scalars;
    std::copy_n(fusion.arguments, fusion.arity, step.arguments);
    places[static_cast<size_t>(r)] = Place::kBlock;
    assign_block(step, step.arguments);
    machine.steps_.push_back(step);
  }

  void lower_call(Register r) {
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
    places[static_cast<size_t>(r)] =
        varying ? Place::kBlock : per_box ? Place::kRowSingle : Place::kSingle;
    int originals[4] = {step.arguments[0], step.arguments[1], step.arguments[2], -1};
    for (int a = 0; varying && a < step.arity; ++a) {
      if (varies(step.arguments[a])) continue;
      if (row.takes_scalars) step.scalars |= 1u << a;
      else step.arguments[a] = spread(step.arguments[a]);
    }
    assign_block(step, originals);
    machine.steps_.push_back(step);
  }

  // The output may take the place of an operand that dies here and has elements of its size.
  void assign_block(const Step& step, const int (&originals)[4]) {
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

  void run() {
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
};

Machine::Machine(const Program& program, std::span<const data::NdArray> inputs, const Walk& walk) {
  Lowering lowering{*this, program, inputs, walk, {}, {}, {}, {}, {}, {}, 0, {}, {}, {}};
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
    if (source.place == Place::kGather) gather(source, box);
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
