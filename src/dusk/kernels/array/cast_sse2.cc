#define DUSK_ISA sse2
#include "dusk/kernels/array/cast_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows cast_rows_sse2() {
  return {sse2::kCastRows, static_cast<int>(std::size(sse2::kCastRows))};
}

}  // namespace dusk::kernels::array
