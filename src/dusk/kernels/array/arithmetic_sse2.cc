#define DUSK_ISA sse2
#include "dusk/kernels/array/arithmetic_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows arithmetic_rows_sse2() {
  return {sse2::kArithmeticRows, static_cast<int>(std::size(sse2::kArithmeticRows))};
}

}  // namespace dusk::kernels::array
