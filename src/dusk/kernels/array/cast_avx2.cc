#define DUSK_ISA avx2
#include "dusk/kernels/array/cast_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows cast_rows_avx2() {
  return {avx2::kCastRows, static_cast<int>(std::size(avx2::kCastRows))};
}

}  // namespace dusk::kernels::array
