// Everything that is not Python survives as bytes, and nothing is forgotten.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "dusk/collections/array/creation.h"
#include "dusk/collections/array/elementwise.h"
#include "dusk/collections/array/indexing.h"
#include "dusk/collections/array/rechunk.h"
#include "dusk/collections/array/reduce.h"
#include "dusk/collections/array/shaping.h"
#include "dusk/collections/frame/combining.h"
#include "dusk/collections/frame/grouping.h"
#include "dusk/collections/frame/matrix.h"
#include "dusk/collections/frame/rowwise.h"
#include "dusk/collections/frame/writing.h"
#include "dusk/graph/codec.h"
#include "dusk/io/parquet.h"
#include "dusk/node/native_language.h"
#include "support.h"

namespace dusk::pipeline {
namespace {

namespace array = collections::array;
namespace frame = collections::frame;
namespace kernels = dusk::kernels;
using graph::ExprPtr;
using graph::LayerPtr;
using kernels::frame::ColumnExpr;

array::Chunks chunks(const std::vector<std::vector<int64_t>>& sizes) {
  return array::Chunks::from_sizes(sizes);
}

void add_arrays(std::vector<ExprPtr>& all) {
  auto range = array::arange(0, 1, 0, 1, data::kFloat64Type, chunks({{5, 4, 3}}));
  auto ones = array::full(kernels::array::Constant::from_int(data::kInt64Type, 1),
                          chunks({{4, 4}, {3, 3}}), "ones");
  kernels::array::RandomSpec spec;
  spec.dtype = data::kFloat64Type;
  auto numbers = array::random(spec, "random", chunks({{4, 4}, {3, 3}}));
  data::NdArray memory = data::NdArray::zeros(data::kFloat64Type, {8, 6});
  auto given = array::from_memory(memory, chunks({{4, 4}, {3, 3}}), "memory", "array");
  auto sum = array::elementwise("add", std::vector<array::Argument>{numbers, given});
  all.insert(all.end(), {range, ones, given, array::eye(1, data::kFloat64Type, chunks({{3}, {3}})),
                         array::linspace(0, 1, 9, true, chunks({{5, 4}})), sum});
  all.push_back(array::slice(sum, {array::Range{1, 8, 2}, array::NewAxis{}, int64_t{4}}));
  all.push_back(array::slice(range, {array::Range{0, 12, 1}}));
  all.push_back(
      array::slice(array::rechunk(range, chunks({{3, 1, 1, 1, 6}})), {array::Range{0, 12, 3}}));
  all.push_back(array::take(sum, {5, 0, 7}, 0));
  all.push_back(array::pick_blocks(sum, {{1}, {0, 1}}));
  all.push_back(array::rechunk(sum, chunks({{3, 5}, {6}})));
  all.push_back(array::transpose(sum, {1, 0}));
  all.push_back(array::reshape(sum, {6, 8}));
  all.push_back(array::broadcast_to(sum, chunks({{2}, {8}, {6}})));
  all.push_back(array::concatenate({sum, numbers}, 1));
  for (const char* function : {"sum", "std", "max"}) {
    all.push_back(array::reduce(sum, {function, {true, false}, false, {}, 0, {}}));
  }
}

frame::FramePtr small_frame() {
  std::vector<data::TablePtr> parts;
  for (int64_t i = 0; i < 3; ++i) {
    parts.push_back(std::make_shared<data::Table>(
        table({{"k", integers({i, 1, 2, 1})}, {"v", doubles({1.5, 2, double(i), 4})}})));
  }
  return frame::from_tables(std::move(parts), "small", "small");
}

void add_frames(std::vector<ExprPtr>& all, const Folder& folder) {
  frame::FramePtr x = small_frame();
  kernels::frame::AggregateSpec spec{{"k"}, {{"s", "sum", "v", {}}, {"n", "size", "", {}}}};
  kernels::frame::JoinSpec join{kernels::frame::JoinKind::kOuter,
                                {"k"},
                                {"k"},
                                {{"k", 0, "k"}, {"v", 0, "v"}, {"w", 1, "v"}}};
  auto literal = ColumnExpr::literal(std::make_shared<arrow::Int32Scalar>(2));
  auto call = ColumnExpr::call("add", {ColumnExpr::field("v"), literal});
  auto is_in =
      ColumnExpr::call("isin", {ColumnExpr::field("k")}, {{"values", std::vector<int64_t>{1, 2}}});
  all.insert(all.end(), {x, frame::project(x, {{"v", ColumnExpr::call("multiply", {call, call})}}),
                         frame::filter(x, is_in), frame::group_by(x, spec, true, true),
                         frame::group_by(x, spec, false, true), frame::reduce(x, spec.aggregates),
                         frame::merge(x, x, join, {}, 2),
                         frame::sort(x, {{"v", false}}, kernels::frame::NaPosition::kLast, 2),
                         frame::sort(x, {{"v", false}}, kernels::frame::NaPosition::kLast, 1),
                         frame::largest(x, 2, {"v"}, true, kernels::frame::KeepTies::kFirst),
                         frame::head(x, 3, 2), frame::tail(x, 3),
                         frame::drop_duplicates(x, {"k"}, kernels::frame::Keep::kFirst),
                         frame::concat({x, x}), frame::repartition(x, {{0, 2}, {1}}),
                         frame::split(x, {1, 3, 2}), frame::partitions(x, {2, 0})});
  all.push_back(frame::map_partitions(frame::matrix_operation({"v", "k"}, data::kFloat64Type), {x},
                                      x->schema(), {}, "matrix", "matrix"));
  auto rows = table({{"k", integers({1, 2, 3})}, {"t", texts({"a", "b", "a"})}});
  io::write_parquet(rows, folder.file("x.parquet"), "snappy", 2, {});
  frame::FramePtr scan = frame::read_parquet({folder.file("x.parquet")}, {}, {}, 1);
  all.push_back(scan);
  all.push_back(
      frame::group_by(frame::filter(scan, is_in), {{"t"}, {{"n", "count", "k", {}}}}, true, true));
  folder.write("x.csv", "k,v\n1,2.5\n2,3.5\n");
  auto schema =
      arrow::schema({arrow::field("k", arrow::int64()), arrow::field("v", arrow::float64())});
  all.push_back(frame::read_csv({folder.file("x.csv")}, schema, {}, 0));
  all.push_back(frame::write_parquet(x, {folder.file("a"), folder.file("b"), folder.file("c")},
                                     "snappy", 10, {}));
}

std::vector<ExprPtr> every_kind(const Folder& folder) {
  std::vector<ExprPtr> all;
  add_arrays(all);
  add_frames(all, folder);
  return all;
}

void add_names(const LayerPtr& layer, std::set<std::string>& names) {
  names.insert("layer " + std::string(layer->codec()));
  if (!layer->forwards() && layer->size() > 0) {
    names.insert("operation " + std::string(layer->operation(0).codec()));
  }
  for (const LayerPtr& input : layer->inputs()) add_names(input, names);
}

std::vector<data::Value> run(const std::vector<LayerPtr>& layers) {
  std::vector<graph::Wanted> wanted{{layers[0], {}}};
  return runtime::run(graph::expand(wanted), {}).or_throw();
}

TEST(Codecs, EveryOperationAndLayerComesBackAndComputesTheSame) {
  Folder folder;
  for (const ExprPtr& expr : every_kind(folder)) {
    std::vector<ExprPtr> roots{expr};
    std::vector<LayerPtr> plain = graph::lower(roots);
    std::vector<LayerPtr> fused = graph::fuse_blockwise(plain);
    std::vector<data::Value> wanted = run(plain);
    for (const auto& layers : {plain, fused}) {
      std::vector<data::Value> found = run(recoded(layers));
      ASSERT_EQ(found.size(), wanted.size());
      for (size_t i = 0; i < found.size(); ++i) {
        data::Frames one = data::to_frames(found[i]), other = data::to_frames(wanted[i]);
        EXPECT_EQ(one.header, other.header) << expr->describe();
        ASSERT_EQ(one.buffers.size(), other.buffers.size());
        for (size_t b = 0; b < one.buffers.size(); ++b) {
          EXPECT_EQ(one.buffers[b]->size(), other.buffers[b]->size()) << expr->describe();
        }
      }
    }
  }
}

// Whoever adds an operation adds it to every_kind().
TEST(Codecs, NoneIsForgotten) {
  Folder folder;
  std::set<std::string> used{"operation graph.elsewhere", "operation graph.fused",
                             "operation graph.identity",  "layer graph.list",
                             "layer graph.remote",        "layer graph.values"};
  for (const ExprPtr& expr : every_kind(folder)) {
    std::vector<ExprPtr> roots{expr};
    add_names(graph::lower(roots)[0], used);
  }
  std::set<std::string> known;
  graph::Codecs codecs = node::native_codecs();
  for (const auto& [name, decode] : codecs.operations) known.insert("operation " + name);
  for (const auto& [name, decode] : codecs.layers) known.insert("layer " + name);
  used.erase("operation ");  // a layer of values has none of its own
  EXPECT_EQ(used, known);
}

TEST(Codecs, DamagedBytesAreAnError) {
  Folder folder;
  graph::Codecs codecs = node::native_codecs();
  std::mt19937 random(11);
  for (const ExprPtr& expr : every_kind(folder)) {
    std::vector<ExprPtr> roots{expr};
    LayerPtr layer = graph::fuse_blockwise(graph::lower(roots))[0];
    data::Frames whole = graph::encode_graph(std::vector<graph::Wanted>{{layer, {}}});
    for (int round = 0; round < 300; ++round) {
      data::Frames flipped = whole;
      flipped.header[random() % flipped.header.size()] = static_cast<char>(random());
      try {
        for (const graph::Wanted& w : graph::decode_graph(flipped, codecs)) {
          for (int64_t i = 0; i < std::min<int64_t>(w.layer->size(), 5); ++i) {
            std::vector<graph::Dependency> dependencies;
            w.layer->dependencies(i, dependencies);
            w.layer->key(i);
          }
        }
      } catch (const base::Error& error) {
        EXPECT_TRUE(error.kind() == base::ErrorKind::kValue ||
                    error.kind() == base::ErrorKind::kNotImplemented)  // a codec's name was damaged
            << error.what();
      }
    }
  }
}

}  // namespace
}  // namespace dusk::pipeline
