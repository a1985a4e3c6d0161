// The register machine: a program made ready for the boxes of one Walk.
//
// Every register is a pointer. Inputs that are contiguous within a box are read where they lie,
// others are gathered into a block first; what is the same for a whole box stays one element.
// Blocks are given out and taken back by last use, so that few of them are live. One machine
// belongs to one thread.
#pragma once

#include <span>
#include <vector>

#include "dusk/data/buffer.h"
#include "dusk/data/ndarray.h"
#include "dusk/kernels/array/kernel.h"
#include "dusk/kernels/array/program.h"
#include "dusk/kernels/array/walk.h"

namespace dusk::kernels::array {

class Machine {
 public:
  // `inputs` are operands 0, 1... of `walk`, broadcast to its shape; strides in bytes.
  Machine(const Program& program, std::span<const data::NdArray> inputs, const Walk& walk);

  // The program's values over the box, contiguous: in `destination` when that is not null.
  // The pointer is good until the next call.
  const std::byte* run(const Box& box, std::byte* destination);

  // Where the box's values lie without being computed, when the program is one of its inputs and
  // the box one contiguous row of it; else null, and a row stride of 0.
  const std::byte* input_row(const Box& box) const;
  int64_t input_row_stride() const;

  // How many elements a box should have, so that the program's blocks stay in the L1 and L2 caches.
  static int64_t box_elements(const Program& program);

 private:
  enum class Place : uint8_t {
    kUnused,
    kSingle,     // one element for the whole walk
    kRowSingle,  // one element a box
    kDirect,     // contiguous in every box
    kGather,     // copied into a block
    kBlock,      // computed into a block
  };
  struct Source {  // an input as the walk sees it
    int slot;
    int operand;
    Place place;
    int32_t itemsize;
    int64_t row_stride, column_stride;
    const std::byte* base;
    std::byte* block;
    const std::byte* gathered;  // what the block holds: start and extent
    int64_t rows, columns;
  };
  struct Step {
    Kernel kernel;  // null: fill the block with the argument
    int arguments[4];
    int arity;
    int out;
    int32_t itemsize;
    unsigned scalars;
    bool single;  // one element
    bool once;    // computed for the walk, not for each box
  };
  struct Lowering;

  void gather(Source& source, const Box& box);
  void run_step(const Step& step, int64_t n, std::byte* out);

  std::vector<const std::byte*> slots_;
  std::vector<std::byte*> blocks_;  // by slot; null where the slot is no block
  std::vector<Source> sources_;
  std::vector<Step> steps_;
  int result_ = -1;
  const Source* result_source_ = nullptr;  // when the result is a direct input
  bool result_single_ = false;
  int32_t result_itemsize_ = 0;
  std::byte* result_block_ = nullptr;  // where a single result is spread
  data::BufferPtr scratch_;
  std::vector<Constant> constants_;
};

}  // namespace dusk::kernels::array
