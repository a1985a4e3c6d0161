#define DUSK_ISA sse2
#include "dusk/kernels/array/compare_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows compare_rows_sse2() {
  return {sse2::kCompareRows, static_cast<int>(std::size(sse2::kCompareRows))};
}

}  // namespace dusk::kernels::array
