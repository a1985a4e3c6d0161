#define DUSK_ISA avx512
#include "dusk/kernels/array/reduce_rows.h"

#include <iterator>

namespace dusk::kernels::array {

ReduceRows reduce_rows_avx512() {
  return {avx512::kReduceRows, static_cast<int>(std::size(avx512::kReduceRows))};
}

}  // namespace dusk::kernels::array
