#define DUSK_ISA avx512
#include "dusk/kernels/array/compare_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows compare_rows_avx512() {
  return {avx512::kCompareRows, static_cast<int>(std::size(avx512::kCompareRows))};
}

}  // namespace dusk::kernels::array
