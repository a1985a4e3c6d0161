#define DUSK_ISA sse2
#include "dusk/kernels/array/reduce_rows.h"

#include <iterator>

namespace dusk::kernels::array {

ReduceRows reduce_rows_sse2() {
  return {sse2::kReduceRows, static_cast<int>(std::size(sse2::kReduceRows))};
}

}  // namespace dusk::kernels::array
