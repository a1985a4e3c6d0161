#define DUSK_ISA avx2
#include "dusk/kernels/array/random_loops.h"

namespace dusk::kernels::array {

const RandomKernels& random_kernels_avx2() { return avx2::kRandomKernels; }

}  // namespace dusk::kernels::array
