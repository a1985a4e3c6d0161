#define DUSK_ISA avx512
#include "dusk/kernels/array/random_loops.h"

namespace dusk::kernels::array {

const RandomKernels& random_kernels_avx512() { return avx512::kRandomKernels; }

}  // namespace dusk::kernels::array
