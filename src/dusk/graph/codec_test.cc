#include "dusk/graph/codec.h"

#include <gtest/gtest.h>

#include <random>

#include "dusk/graph/fuse.h"
#include "dusk/graph/remote_layer.h"
#include "dusk/graph/testing.h"

namespace dusk::graph {
namespace {

using testing::Interpreter;
using testing::number;
using testing::number_of;
using testing::token_of;

// index * a + the weighted sum of the inputs; `shared` stands for an object of another language.
class Affine : public Operation {
 public:
  explicit Affine(int64_t a, const int* shared = nullptr) : a_(a), shared_(shared) {}
  std::string name() const override { return "affine"; }
  bool native() const override { return shared_ == nullptr; }
  bool index_free() const override { return false; }
  base::Result<data::Value> run(const TaskContext& context, Inputs inputs) const override {
    int64_t sum = context.index * a_;
    int64_t weight = 1;
    for (const data::Value& v : inputs) sum += number_of(v) * weight++;
    return number(sum);
  }
  std::string_view codec() const override { return shared_ ? "test.foreign" : "test.affine"; }
  void encode(Encoder& out) const override {
    out.integer(a_);
    if (!shared_) return;
    out.object(shared_, [this] {
      ++serialised;
      return data::to_frames(number(*shared_));
    });
  }
  static int serialised;

 private:
  int64_t a_;
  const int* shared_;
};
int Affine::serialised = 0;

OperationPtr decode_affine(Decoder& in) { return std::make_shared<Affine>(in.integer()); }
OperationPtr decode_foreign(Decoder& in) {
  int64_t a = in.integer();
  return std::make_shared<Affine>(a + number_of(in.object()));
}

Codecs codecs() {
  Codecs codecs;
  add_codecs(codecs);
  codecs.operations["test.affine"] = &decode_affine;
  codecs.operations["test.foreign"] = &decode_foreign;
  codecs.foreign = [](const data::Frames& frames) { return data::from_frames(frames); };
  return codecs;
}

LayerPtr over(const std::string& name, std::vector<int64_t> grid,
              std::vector<BlockwiseLayer::Input> inputs, int64_t a = 3) {
  return std::make_shared<BlockwiseLayer>(name, token_of(name), std::make_shared<Affine>(a),
                                          std::move(grid), std::move(inputs));
}

LayerPtr values(int64_t count) {
  std::vector<data::Value> numbers;
  for (int64_t i = 0; i < count; ++i) numbers.push_back(number(100 + i));
  return std::make_shared<ValuesLayer>("values", token_of("values"), std::move(numbers));
}

// Every kind of layer that can run, in one graph.
LayerPtr every_kind() {
  LayerPtr start = over("start", {4, 3}, {});
  LayerPtr transposed =
      over("transposed", {3, 4},
           {{start, BlockMap{{3, 4}, {1, 3}, 0}}, {values(1), {{3, 4}, {0, 0}, 0}}});
  transposed = fuse_blockwise(std::vector<LayerPtr>{
      over("fused", {3, 4}, {{transposed, BlockMap::identity({3, 4})}}, 5)})[0];
  auto tree = std::make_shared<TreeReduceLayer>(
      "tree", token_of("tree"), std::make_shared<Affine>(2), transposed, std::vector<int64_t>{3, 4},
      std::vector<int64_t>{2, 3});
  auto pick =
      std::make_shared<PickLayer>("pick", token_of("pick"), tree, std::vector<int64_t>{3, 0, 3});
  auto one = std::make_shared<Affine>(7);
  std::vector<ListLayer::Task> tasks{{"first", one, {{0, 2}, {1, 4}}},
                                     {"second", one, {{2, 0}, {0, 1}, {2, 0}}}};
  return std::make_shared<ListLayer>("list", token_of("list"),
                                     std::vector<LayerPtr>{pick, values(5)}, std::move(tasks));
}

Wanted round_trip(const LayerPtr& layer, const Codecs& with) {
  return decode_graph(encode_graph(std::vector<Wanted>{{layer, {}}}), with)[0];
}

void expect_same(const LayerPtr& found, const LayerPtr& wanted) {
  ASSERT_EQ(found->size(), wanted->size());
  EXPECT_EQ(found->kind(), wanted->kind());
  EXPECT_EQ(found->name(), wanted->name());
  EXPECT_EQ(found->grid(), wanted->grid());
  EXPECT_EQ(found->annotations(), wanted->annotations());
  Interpreter ours, theirs;
  for (int64_t i = 0; i < wanted->size(); ++i) {
    EXPECT_EQ(theirs.value(found, i), ours.value(wanted, i)) << i;
    EXPECT_EQ(found->key(i), wanted->key(i));
    EXPECT_EQ(found->task_name(i), wanted->task_name(i));
  }
}

TEST(Codec, EveryKindOfLayerComesBackAndComputesTheSame) {
  for (LayerPtr layer = every_kind(); layer;) {
    expect_same(round_trip(layer, codecs()).layer, layer);
    layer = layer->inputs().empty() ? nullptr : layer->inputs()[0];
  }
}

TEST(Codec, FusedAndRewiredLayersComeBack) {
  LayerPtr start = over("start", {6}, {});
  LayerPtr next = over("next", {6}, {{start, BlockMap::identity({6})}}, 5);
  auto tree =
      std::make_shared<TreeReduceLayer>("tree", token_of("tree"), std::make_shared<Affine>(2), next,
                                        std::vector<int64_t>{6}, std::vector<int64_t>{4});
  LayerPtr fused = fuse_blockwise(std::vector<LayerPtr>{tree})[0];
  ASSERT_NE(fused, tree);
  expect_same(round_trip(fused, codecs()).layer, fused);
}

TEST(Codec, AnnotationsAndWantedBlocksTravel) {
  LayerPtr start = over("start", {6}, {});
  std::const_pointer_cast<Layer>(start)->set_annotations({{"priority", "3"}, {"resources", "{}"}});
  auto wanted =
      decode_graph(encode_graph(std::vector<Wanted>{{start, {5, 1}}, {start, {}}}), codecs());
  ASSERT_EQ(wanted.size(), 2U);
  EXPECT_EQ(wanted[0].indexes, (std::vector<int64_t>{5, 1}));
  EXPECT_EQ(wanted[0].layer, wanted[1].layer);
  expect_same(wanted[0].layer, start);
}

TEST(Codec, InputsThatAreSharedStayShared) {
  LayerPtr a = over("a", {2}, {});
  LayerPtr b = over("b", {2}, {{a, BlockMap::identity({2})}});
  LayerPtr c = over("c", {2}, {{a, BlockMap::identity({2})}, {b, BlockMap::identity({2})}});
  LayerPtr found = round_trip(c, codecs()).layer;
  EXPECT_EQ(found->inputs()[0], found->inputs()[1]->inputs()[0]);
}

TEST(Codec, ChainsOfAnyLengthTravel) {
  LayerPtr layer = over("start", {1}, {});
  for (int i = 0; i < 50'000; ++i) {
    layer = over("step", {1}, {{layer, BlockMap::identity({1})}});
  }
  LayerPtr found = round_trip(layer, codecs()).layer;
  size_t length = 0;
  for (const Layer* l = found.get(); !l->inputs().empty(); l = l->inputs()[0].get()) ++length;
  EXPECT_EQ(length, 50'000U);
}

TEST(Codec, AnObjectThatManyOperationsShareIsSerialisedOnce) {
  int object = 20;
  std::vector<ListLayer::Task> tasks;
  for (int64_t i = 0; i < 100; ++i) {
    tasks.push_back({std::to_string(i), std::make_shared<Affine>(i, &object), {}});
  }
  auto layer =
      std::make_shared<ListLayer>("list", token_of("list"), std::vector<LayerPtr>{}, tasks);
  Affine::serialised = 0;
  data::Frames frames = encode_graph(std::vector<Wanted>{{layer, {}}});
  EXPECT_EQ(Affine::serialised, 1);
  LayerPtr found = decode_graph(frames, codecs())[0].layer;
  Interpreter interpreter;
  EXPECT_EQ(interpreter.value(found, 7), 7 * (7 + 20));
}

TEST(Codec, UnknownOperationsAreKeptAndPassedOn) {
  int object = 20;
  auto operation = std::make_shared<Affine>(5, &object);
  LayerPtr layer = std::make_shared<BlockwiseLayer>(
      "foreign", token_of("foreign"),
      make_fused({{operation, BlockMap::identity({4}), {}},
                  {std::make_shared<Affine>(1), BlockMap::identity({4}), {0}}}),
      std::vector<int64_t>{4}, std::vector<BlockwiseLayer::Input>{});
  Codecs scheduler;
  add_codecs(scheduler);
  EXPECT_THROW(round_trip(layer, scheduler), base::Error);
  scheduler.keep_unknown = true;
  LayerPtr kept = round_trip(layer, scheduler).layer;
  EXPECT_EQ(kept->operation(0).name(), "affine");
  EXPECT_FALSE(kept->operation(0).native());
  EXPECT_FALSE(kept->operation(0).run({0, nullptr}, {}).ok());
  expect_same(round_trip(kept, codecs()).layer, round_trip(layer, codecs()).layer);
  OperationPtr alone = decode_operation(encode_operation(kept->operation(0)), codecs());
  EXPECT_EQ(number_of(alone->run({3, nullptr}, {}).value()), 3 * 1 + 3 * 25);
}

TEST(Codec, WhatOnlyThisProcessHasIsRefusedByName) {
  LayerPtr layer = testing::source("local", {2});
  try {
    encode_graph(std::vector<Wanted>{{layer, {}}});
    FAIL() << "it was encoded";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::kType);
    EXPECT_NE(std::string(error.what()).find("'local'"), std::string::npos) << error.what();
  }
}

TEST(Codec, BlocksThatLiveElsewhereKeepTheirKeysAndDoNotRun) {
  auto remote =
      std::make_shared<RemoteLayer>("x", token_of("x"), std::vector<std::string>{"k0", "k1"});
  auto found = std::dynamic_pointer_cast<const RemoteLayer>(round_trip(remote, codecs()).layer);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->keys(), remote->keys());
  EXPECT_EQ(found->key(1), "k1");
  auto result = found->operation(0).run({0, nullptr}, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), base::ErrorKind::kRuntime);
}

// A ValueError, or something that can be described.
void read_damaged(const data::Frames& frames) {
  try {
    for (const Wanted& w : decode_graph(frames, codecs())) {
      for (int64_t i = 0; i < std::min<int64_t>(w.layer->size(), 5); ++i) {
        std::vector<Dependency> dependencies;
        w.layer->dependencies(i, dependencies);
        w.layer->operation(i).detail();
        w.layer->key(i);
      }
    }
  } catch (const base::Error& error) {
    EXPECT_TRUE(error.kind() == base::ErrorKind::kValue ||
                error.kind() == base::ErrorKind::kNotImplemented)  // a codec's name was damaged
        << error.what();
  }
}

TEST(Codec, DamagedBytesAreAValueError) {
  data::Frames whole = encode_graph(std::vector<Wanted>{{every_kind(), {}}});
  for (size_t size = 0; size < whole.header.size(); ++size) {
    data::Frames cut{whole.header.substr(0, size), whole.buffers};
    EXPECT_THROW(decode_graph(cut, codecs()), base::Error) << size;
  }
  data::Frames without{whole.header, {}};
  EXPECT_THROW(decode_graph(without, codecs()), base::Error);
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    data::Frames flipped = whole;
    for (unsigned flips = random() % 3 + 1; flips > 0; --flips) {
      flipped.header[random() % flipped.header.size()] = static_cast<char>(random());
    }
    read_damaged(flipped);
  }
}

TEST(Codec, NestingHasALimit) {
  OperationPtr operation = std::make_shared<Affine>(1);
  for (int i = 0; i < 150; ++i) operation = make_fused({{operation, BlockMap::identity({1}), {}}});
  EXPECT_EQ(decode_operation(encode_operation(*operation), codecs())->name(), "affine");
  for (int i = 0; i < 150; ++i) operation = make_fused({{operation, BlockMap::identity({1}), {}}});
  EXPECT_THROW(encode_operation(*operation), base::Error);
}

}  // namespace
}  // namespace dusk::graph
