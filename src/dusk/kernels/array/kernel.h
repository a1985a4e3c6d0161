// One vector kernel an instruction: what the register machine runs on each block.
//
// Kernels are compiled once for each instruction set (files *_sse2.cc, *_avx2.cc, *_avx512.cc from
// the same headers) and looked up in the table of the processor at hand. The tables are in the
// same order for every instruction set.
#pragma once

#include <cstdint>
#include <span>

#include "dusk/data/dtype.h"
#include "dusk/kernels/array/function.h"

namespace dusk::kernels::array {

// `n` elements of each argument, contiguous, into `out`, which may be one of the arguments if the
// item sizes agree. Bit i of `scalars` says that argument i is a single element for all n; only
// rows with takes_scalars are given any.
using Kernel = void (*)(const void* const* arguments, void* out, int64_t n, unsigned scalars);

struct KernelRow {
  Function function;
  data::TypeCode arguments[3];  // the first facts(function).arity of them
  data::TypeCode result;
  bool takes_scalars;
  Kernel kernel;
};

struct KernelRows {
  const KernelRow* rows;
  int count;
};

// Index into the table, or -1. Unused arguments are ignored.
int find_kernel(Function function, std::span<const data::TypeCode> arguments);
// The row of find_kernel() for the processor at hand.
const KernelRow& kernel_row(int opcode);

// `n` elements of `itemsize` bytes from cached memory to `to`, past the caches.
void stream_copy(const void* from, void* to, int64_t bytes);

}  // namespace dusk::kernels::array
