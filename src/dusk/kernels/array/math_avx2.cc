#define DUSK_ISA avx2
#include "dusk/kernels/array/math_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows math_rows_avx2() {
  return {avx2::kMathRows, static_cast<int>(std::size(avx2::kMathRows))};
}

}  // namespace dusk::kernels::array
