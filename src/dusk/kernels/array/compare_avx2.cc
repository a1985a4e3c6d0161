#define DUSK_ISA avx2
#include "dusk/kernels/array/compare_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows compare_rows_avx2() {
  return {avx2::kCompareRows, static_cast<int>(std::size(avx2::kCompareRows))};
}

}  // namespace dusk::kernels::array
