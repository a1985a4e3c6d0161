#define DUSK_ISA avx512
#include "dusk/kernels/array/arithmetic_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows arithmetic_rows_avx512() {
  return {avx512::kArithmeticRows, static_cast<int>(std::size(avx512::kArithmeticRows))};
}

}  // namespace dusk::kernels::array
