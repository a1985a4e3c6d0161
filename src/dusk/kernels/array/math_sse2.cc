#define DUSK_ISA sse2
#include "dusk/kernels/array/math_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows math_rows_sse2() {
  return {sse2::kMathRows, static_cast<int>(std::size(sse2::kMathRows))};
}

}  // namespace dusk::kernels::array
