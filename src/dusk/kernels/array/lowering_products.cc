#include "dusk/kernels/array/lowering.h"

#include <algorithm>

namespace dusk::kernels::array {

using data::TypeCode;
using Kind = Program::Instruction::Kind;

Machine::Lowering::Product Machine::Lowering::product_of(int slot) const {
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

Machine::Lowering::Fusion Machine::Lowering::fusion_of(const Program::Instruction& i) const {
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

void Machine::Lowering::absorb_products() {
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

void Machine::Lowering::lower_fusion(Register r, const Fusion& fusion) {
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

}  // namespace dusk::kernels::array
