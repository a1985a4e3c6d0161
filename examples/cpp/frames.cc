// The demo's first frame step without Python: mean delay by carrier, from Parquet.
//
// frames FOLDER, where FOLDER/flights holds the demo's files.
#include <arrow/api.h>
#include <dusk/collections/frame/grouping.h>
#include <dusk/collections/frame/passes.h>
#include <dusk/collections/frame/rowwise.h>
#include <dusk/collections/frame/scans.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "compute.h"

namespace frame = dusk::collections::frame;
using dusk::kernels::frame::ColumnExpr;

int main(int argc, char** argv) {
  std::filesystem::path folder = argc > 1 ? argv[1] : "demo-output/data";
  frame::Names paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "flights")) {
    if (entry.path().extension() == ".parquet") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());

  frame::FramePtr flights = frame::read_parquet(paths, {}, {}, 0);
  auto flown = frame::filter(flights, ColumnExpr::call("notna", {ColumnExpr::field("dep_delay")}));
  dusk::kernels::frame::AggregateSpec spec;
  spec.keys = {"carrier"};
  spec.aggregates = {{"flights", "count", "flight", {}}, {"mean_delay", "mean", "dep_delay", {}}};
  frame::FramePtr delays = frame::group_by(flown, spec, true, true);

  auto optimized = frame::optimize({delays});
  auto table = compute(optimized[0])[0].table()->arrow();
  auto carriers = table->column(0)->chunk(0);  // string or large_string, as the files say
  auto counts = std::static_pointer_cast<arrow::Int64Array>(table->column(1)->chunk(0));
  auto means = std::static_pointer_cast<arrow::DoubleArray>(table->column(2)->chunk(0));
  int64_t total = 0;
  for (int64_t i = 0; i < table->num_rows(); ++i) {
    std::printf("%-3s %8lld flights, %6.2f minutes late\n",
                (*carriers->GetScalar(i))->ToString().c_str(),
                static_cast<long long>(counts->Value(i)), means->Value(i));
    total += counts->Value(i);
  }
  std::printf("%lld flights in all\n", static_cast<long long>(total));
  return table->num_rows() == 16 && total == 328521 ? 0 : 1;
}
