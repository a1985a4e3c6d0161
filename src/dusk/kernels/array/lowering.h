// How a program becomes the steps of a Machine: which registers vary within a box, which products
// join the sums that use them, where every value lives.
#pragma once

#include <span>
#include <vector>

#include "dusk/kernels/array/machine.h"

namespace dusk::kernels::array {

// Slot r is register r; further slots hold scalars spread over a block for kernels that take none.
struct Machine::Lowering {
  // A sum whose products are computed with it.
  struct Fusion {
    Function function;
    int arguments[4];
    int arity = 0;  // 0: none
    unsigned scalars = 0;
  };
  struct Product {
    int p = -1, q = -1;  // p is the one that may be a scalar
    bool scalar = false;
  };

  Machine& machine;
  const Program& program;
  std::span<const data::NdArray> inputs;
  const Walk& walk;
  std::vector<Place> places = {};
  std::vector<int> uses = {};  // remaining readers of a slot
  std::vector<int32_t> itemsizes = {};
  std::vector<int> alias = {};     // slot whose bits a register has
  std::vector<int> block_of = {};  // by slot, -1: none
  std::vector<int> free_blocks = {};
  int block_count = 0;
  std::vector<bool> varying = {};    // by register: more than one element a box
  std::vector<bool> absorbed = {};   // products computed by the sum that uses them
  std::vector<Fusion> fusions = {};  // by register

  void run();
  bool varies(int slot) const;

 private:
  const Program::Instruction& at(Register r) const {
    return program.instructions()[static_cast<size_t>(r)];
  }
  void count_uses();
  void find_varying();
  Place place_of_input(const data::NdArray& input, size_t operand) const;

  // The factors of a product of floats that only its reader uses; p < 0: it is none.
  Product product_of(int slot) const;
  Fusion fusion_of(const Program::Instruction& i) const;
  // Chooses while every count of uses is still whole. A square's operand gets its second reader.
  void absorb_products();

  void lower_input(Register r);
  void lower_call(Register r);
  void lower_fusion(Register r, const Fusion& fusion);
  // A slot that holds the scalar of `slot` over a whole block.
  int spread(int slot);
  // The output may take the place of an operand that dies here and has elements of its size.
  void assign_block(const Step& step, const int (&originals)[4]);
  void add_slot(Place place, int32_t itemsize);
  int take_block();
  void release(int slot);
};

}  // namespace dusk::kernels::array
