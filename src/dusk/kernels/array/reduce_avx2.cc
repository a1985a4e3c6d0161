#define DUSK_ISA avx2
#include "dusk/kernels/array/reduce_rows.h"

#include <iterator>

namespace dusk::kernels::array {

ReduceRows reduce_rows_avx2() {
  return {avx2::kReduceRows, static_cast<int>(std::size(avx2::kReduceRows))};
}

}  // namespace dusk::kernels::array
