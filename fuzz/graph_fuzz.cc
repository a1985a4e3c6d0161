// Graphs that came as bytes, with every native codec: layers, operations and what they hold.
#include <arrow/api.h>

#include <algorithm>

#include "dusk/collections/array/creation.h"
#include "dusk/collections/array/elementwise.h"
#include "dusk/collections/array/indexing.h"
#include "dusk/collections/array/reduce.h"
#include "dusk/collections/frame/combining.h"
#include "dusk/collections/frame/grouping.h"
#include "dusk/collections/frame/rowwise.h"
#include "dusk/collections/frame/scans.h"
#include "dusk/graph/fuse.h"
#include "dusk/graph/task_graph.h"
#include "dusk/node/native_language.h"
#include "fuzz.h"

namespace array = dusk::collections::array;
namespace data = dusk::data;
namespace frame = dusk::collections::frame;
namespace graph = dusk::graph;
namespace kernels = dusk::kernels;

namespace {

std::string encoded(const graph::ExprPtr& expr) {
  std::vector<graph::ExprPtr> roots{expr};
  std::vector<graph::LayerPtr> layers = graph::fuse_blockwise(graph::lower(roots));
  return graph::encode_graph(std::vector<graph::Wanted>{{layers[0], {}}}).header;
}

graph::ExprPtr arrays() {
  kernels::array::RandomSpec spec;
  spec.dtype = data::kFloat64Type;
  std::vector<std::vector<int64_t>> sizes{{4, 4}, {3, 3}};
  auto x = array::random(spec, "random", array::Chunks::from_sizes(sizes));
  auto y = array::elementwise("multiply", std::vector<array::Argument>{x, x});
  auto z = array::take(array::slice(y, {array::Range{1, 8, 2}}), {1, 0, 2}, 0);
  return array::reduce(z, {"mean", {true, false}, false, {}, 0, {}});
}

frame::FramePtr rows() {
  auto schema =
      arrow::schema({arrow::field("k", arrow::int64()), arrow::field("v", arrow::float64())});
  auto empty = arrow::Table::MakeEmpty(schema).ValueOrDie();
  auto part = std::make_shared<data::Table>(empty);
  return frame::from_tables({part, part}, "fuzz", "fuzz");
}

graph::ExprPtr grouped() {
  using kernels::frame::ColumnExpr;
  auto late = ColumnExpr::call("gt", {ColumnExpr::field("v"), ColumnExpr::literal(2.5)});
  kernels::frame::AggregateSpec spec{{"k"}, {{"m", "mean", "v", {}}}};
  return frame::group_by(frame::filter(rows(), late), spec, true, true);
}

graph::ExprPtr sorted() {
  auto by = frame::sort(rows(), {{"v", false}}, kernels::frame::NaPosition::kFirst, 3);
  kernels::frame::JoinSpec join{kernels::frame::JoinKind::kInner, {"k"}, {"k"}, {{"k", 0, "k"}}};
  return frame::merge(frame::head(by, 5, 1), by, join, {}, 2);
}

}  // namespace

std::vector<std::string> seeds() {
  return {encoded(arrays()), encoded(grouped()), encoded(sorted())};
}

void parse(const uint8_t* given, size_t size) {
  static const graph::Codecs codecs = dusk::node::native_codecs();
  data::Frames frames{std::string(reinterpret_cast<const char*>(given), size), {}};
  // Tables in memory bring buffers: small ones stand for them.
  for (int i = 0; i < 16; ++i) frames.buffers.push_back(data::Buffer::allocate(16));
  std::vector<graph::Wanted> wanted = graph::decode_graph(frames, codecs);
  for (const graph::Wanted& w : wanted) {
    for (int64_t i = 0; i < std::min<int64_t>(w.layer->size(), 4); ++i) {
      std::vector<graph::Dependency> dependencies;
      w.layer->dependencies(i, dependencies);
      w.layer->key(i);
    }
  }
  graph::encode_graph(wanted);
}
