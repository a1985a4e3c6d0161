// Arrays out of nothing, and out of memory that is already here.
#pragma once

#include "dusk/collections/array/array_expr.h"
#include "dusk/kernels/array/program.h"
#include "dusk/kernels/array/random.h"

namespace dusk::collections::array {

// Blocks are views of `memory`; its shape is the chunks'. `token` names the contents.
ArrayPtr from_memory(data::NdArray memory, Chunks chunks, const std::string& token,
                     std::string prefix);
// Blocks that are already here, one a chunk in C order.
ArrayPtr from_values(data::ValueList blocks, data::DType dtype, Chunks chunks, base::Token token,
                     std::string prefix);
// Every element is `value`; blocks are stretched views of it and take no memory.
ArrayPtr full(const kernels::array::Constant& value, Chunks chunks, std::string name);
// start + i * step, computed as NumPy does: in integers for integer dtypes, else in float64.
ArrayPtr arange(double start, double step, int64_t integer_start, int64_t integer_step,
                data::DType dtype, Chunks chunks);
// In float64; other dtypes are casts of it.
ArrayPtr linspace(double start, double stop, int64_t num, bool endpoint, Chunks chunks);
// Ones where column - row == k. `chunks` has two axes.
ArrayPtr eye(int64_t k, data::DType dtype, Chunks chunks);
ArrayPtr random(const kernels::array::RandomSpec& spec, const std::string& name, Chunks chunks);

}  // namespace dusk::collections::array
