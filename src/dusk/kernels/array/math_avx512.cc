#define DUSK_ISA avx512
#include "dusk/kernels/array/math_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows math_rows_avx512() {
  return {avx512::kMathRows, static_cast<int>(std::size(avx512::kMathRows))};
}

}  // namespace dusk::kernels::array
