// The demo's array and frame pipelines on a cluster, without Python.
//
// cluster FOLDER [ADDRESS], where FOLDER/flights holds the demo's files. Without the address of a
// scheduler it starts one, and two workers, in this process.
#include <arrow/api.h>
#include <dusk/collections/array/creation.h>
#include <dusk/collections/array/elementwise.h>
#include <dusk/collections/array/map_blocks.h>
#include <dusk/collections/array/reduce.h>
#include <dusk/collections/frame/grouping.h>
#include <dusk/collections/frame/passes.h>
#include <dusk/collections/frame/rowwise.h>
#include <dusk/collections/frame/scans.h>
#include <dusk/data/table.h>
#include <dusk/graph/fuse.h>
#include <dusk/node/client.h>
#include <dusk/node/native_language.h>
#include <dusk/node/scheduler.h>
#include <dusk/node/worker.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

namespace array = dusk::collections::array;
namespace data = dusk::data;
namespace frame = dusk::collections::frame;
namespace graph = dusk::graph;
namespace node = dusk::node;
using dusk::net::Address;

namespace {

// A scheduler and two workers of one thread each, in this process.
class Cluster {
 public:
  Cluster() : scheduler_({{Address::parse("inproc://scheduler")}, {}, {}, {}}) {
    for (const char* name : {"alice", "bob"}) {
      node::WorkerSettings settings;
      settings.scheduler = Address::parse(address());
      settings.listen = Address::parse(std::string("inproc://") + name);
      settings.name = name;
      settings.languages = node::native_languages();
      workers_.push_back(std::make_unique<node::Worker>(std::move(settings)));
    }
  }
  std::string address() const { return scheduler_.addresses()[0]; }

 private:
  node::Scheduler scheduler_;
  std::vector<std::unique_ptr<node::Worker>> workers_;
};

// All blocks of the expression.
std::vector<data::Value> compute(node::Client& client, const graph::ExprPtr& expr) {
  std::vector<graph::ExprPtr> roots{expr};
  std::vector<graph::LayerPtr> layers = graph::fuse_blockwise(graph::lower(roots), true);
  auto futures = client.submit_graph(std::vector<graph::Wanted>{{layers[0], {}}}, {}, nullptr);
  auto endings = client.values(futures, {}, nullptr);  // without a timeout there is an answer
  std::vector<data::Value> values;
  for (const node::Ending& ending : *endings) {
    if (ending.fault) throw dusk::base::Error(ending.fault->kind, ending.fault->message);
    values.push_back(data::from_frames(*ending.value));
  }
  for (auto future : futures) client.release(future);
  return values;
}

// Standardised random numbers, summed by row.
array::ArrayPtr row_sums(int64_t side, int64_t chunk) {
  using Arguments = std::vector<array::Argument>;
  std::vector<std::vector<int64_t>> sizes(2, std::vector<int64_t>(side / chunk, chunk));
  dusk::kernels::array::RandomSpec uniform;
  uniform.dtype = data::kFloat64Type;
  uniform.key = {42, 1};
  array::ArrayPtr x = array::random(uniform, "random", array::Chunks::from_sizes(sizes));
  array::ArrayPtr mean = array::reduce(x, {"mean", {true, false}, false, {}, 0, {}});
  array::ArrayPtr spread = array::reduce(x, {"std", {true, false}, false, {}, 0, {}});
  array::ArrayPtr centred = array::elementwise("subtract", Arguments{x, mean});
  array::ArrayPtr scaled = array::elementwise("divide", Arguments{centred, spread});
  return array::reduce(scaled, {"sum", {false, true}, false, {}, 0, {}});
}

bool arrays(node::Client& client) {
  const int64_t side = 1000;
  array::ArrayPtr rows = row_sums(side, 250);
  data::NdArray result = array::assemble(rows->chunks(), rows->dtype(), compute(client, rows));
  double total = 0;
  for (int64_t i = 0; i < result.size(); ++i) total += result.as<double>()[i];
  std::printf("%lld row sums, total %.3g\n", static_cast<long long>(result.size()), total);
  return result.size() == side && std::abs(total) < 1e-6;
}

// Mean delay by carrier, from Parquet.
bool frames(node::Client& client, const std::filesystem::path& folder) {
  using dusk::kernels::frame::ColumnExpr;
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
  auto table = compute(client, frame::optimize({delays})[0])[0].table()->arrow();
  auto counts = std::static_pointer_cast<arrow::Int64Array>(table->column(1)->chunk(0));
  int64_t total = 0;
  for (int64_t i = 0; i < table->num_rows(); ++i) total += counts->Value(i);
  std::printf("%lld flights of %lld carriers\n", static_cast<long long>(total),
              static_cast<long long>(table->num_rows()));
  return table->num_rows() == 16 && total == 328521;
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path folder = argc > 1 ? argv[1] : "demo-output/data";
  std::unique_ptr<Cluster> own;
  if (argc < 3) own = std::make_unique<Cluster>();
  std::string address = own ? own->address() : argv[2];
  node::Client client({Address::parse(address), "example", {}, 10'000'000}, nullptr);
  std::printf("computing at %s\n", address.c_str());
  bool good = arrays(client) && frames(client, folder);
  client.close();
  return good ? 0 : 1;
}
