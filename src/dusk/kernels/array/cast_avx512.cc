#define DUSK_ISA avx512
#include "dusk/kernels/array/cast_rows.h"

#include <iterator>

namespace dusk::kernels::array {

KernelRows cast_rows_avx512() {
  return {avx512::kCastRows, static_cast<int>(std::size(avx512::kCastRows))};
}

}  // namespace dusk::kernels::array
