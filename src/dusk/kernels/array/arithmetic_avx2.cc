#define DUSK_ISA avx2
#include "dusk/kernels/array/arithmetic_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows arithmetic_rows_avx2() {
  return {avx2::kArithmeticRows, static_cast<int>(std::size(avx2::kArithmeticRows))};
}

}  // namespace dusk::kernels::array
