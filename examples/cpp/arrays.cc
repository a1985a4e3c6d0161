// The demo's array pipeline without Python: standardised random numbers, summed by row.
#include <dusk/collections/array/creation.h>
#include <dusk/collections/array/elementwise.h>
#include <dusk/collections/array/map_blocks.h>
#include <dusk/collections/array/reduce.h>

#include <cmath>
#include <cstdio>

#include "compute.h"

namespace array = dusk::collections::array;
namespace data = dusk::data;

int main() {
  const int64_t side = 1000, chunk = 250;
  std::vector<std::vector<int64_t>> sizes(2, std::vector<int64_t>(side / chunk, chunk));
  array::Chunks chunks = array::Chunks::from_sizes(sizes);
  dusk::kernels::array::RandomSpec uniform;
  uniform.dtype = data::kFloat64Type;
  uniform.key = {42, 1};
  array::ArrayPtr x = array::random(uniform, "random", chunks);

  array::ReduceArguments by_column{"mean", {true, false}, false, {}, 0, {}};
  array::ArrayPtr mean = array::reduce(x, by_column);
  by_column.function = "std";
  array::ArrayPtr spread = array::reduce(x, by_column);
  array::ArrayPtr centred = array::elementwise("subtract", std::vector<array::Argument>{x, mean});
  array::ArrayPtr scaled =
      array::elementwise("divide", std::vector<array::Argument>{centred, spread});
  array::ArrayPtr rows = array::reduce(scaled, {"sum", {false, true}, false, {}, 0, {}});

  data::NdArray result = array::assemble(rows->chunks(), rows->dtype(), compute(rows));
  double total = 0, largest = 0;
  for (int64_t i = 0; i < result.size(); ++i) {
    total += result.as<double>()[i];
    largest = std::max(largest, std::abs(result.as<double>()[i]));
  }
  std::printf("%lld row sums, total %.3g, largest %.1f\n", static_cast<long long>(result.size()),
              total, largest);
  return std::abs(total) < 1e-6 && result.size() == side ? 0 : 1;
}
