#define DUSK_ISA sse2
#include "dusk/kernels/array/random_loops.h"

namespace dusk::kernels::array {

const RandomKernels& random_kernels_sse2() { return sse2::kRandomKernels; }

}  // namespace dusk::kernels::array
