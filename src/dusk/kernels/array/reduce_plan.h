// What reduce.h's functions share: which kernel a reduction runs and what its accumulators hold.
#pragma once

#include "dusk/kernels/array/reduce.h"
#include "dusk/kernels/array/reduce_kernel.h"

namespace dusk::kernels::array {

bool is_arg(Reduction kind);
bool is_extreme(Reduction kind);  // min, max and their nan kin
bool is_moments(Reduction kind);

struct ReducePlan {
  Reduction kernel;   // the kernel's kind: any is max of bool, nansum of integers is sum
  data::DType input;  // what the kernel reads
  data::DType value;  // what the first array of the state holds
  bool compensated;   // sums of floats
};

// Of a reduction over elements of type `element`.
ReducePlan plan_reduction(const ReduceSpec& spec, const data::DType& element);

// The element that joining with changes nothing.
Constant reduction_identity(Reduction kernel, const data::DType& type);

}  // namespace dusk::kernels::array
