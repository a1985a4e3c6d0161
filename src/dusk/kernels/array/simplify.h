// Functions that are another function, or nothing at all, on some types.
#pragma once

#include <span>

#include "dusk/kernels/array/function.h"
#include "dusk/kernels/array/kernel.h"

namespace dusk::kernels::array {

// The function on this type is its argument: floor of integers, real and conjugate of reals...
bool is_identity(Function function, const data::DType& type);
// The function whose kernels serve `function` on this type: fmax of integers is maximum...
Function canonical(Function function, const data::DType& type);
// Half precision is computed in single precision; only `where` moves halves as they are.
bool computes_in_single(Function function, std::span<const data::DType> arguments);
// Whether Program::call() can run the function on these types.
bool has_kernel(Function function, std::span<const data::DType> arguments);

}  // namespace dusk::kernels::array
