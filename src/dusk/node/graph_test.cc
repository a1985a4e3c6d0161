// Graphs through a whole cluster in one process: what is computed, shared, refused and let go.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "dusk/data/buffer.h"
#include "dusk/graph/remote_layer.h"
#include "dusk/graph/testing.h"
#include "dusk/node/client.h"
#include "dusk/node/graph_expansion.h"
#include "dusk/node/native_language.h"
#include "dusk/node/scheduler.h"
#include "dusk/node/worker.h"

namespace dusk::node {
namespace {

using cluster::FutureStatus;
using cluster::TaskNumber;
using graph::BlockMap;
using graph::LayerPtr;
using graph::testing::number;
using graph::testing::number_of;
using graph::testing::token_of;
using Numbers = std::vector<TaskNumber>;

std::atomic<int> flaky_runs{0};

// An operation that can travel: what it does is its name.
class Named : public graph::Operation {
 public:
  explicit Named(std::string name) : name_(std::move(name)) {}
  std::string name() const override { return name_; }
  bool index_free() const override { return name_ != "index" && name_ != "sleep"; }
  base::Result<data::Value> run(const graph::TaskContext& context,
                                graph::Inputs inputs) const override {
    if (name_ == "index") return number(context.index);
    if (name_ == "sleep") std::this_thread::sleep_for(std::chrono::milliseconds(2));
    if (name_ == "fail") return base::value_error("[fail] as it was told to");
    if (name_ == "flaky" && ++flaky_runs < 3) return base::runtime_error("[flaky] not yet");
    int64_t sum = 7;
    for (size_t k = 0; k < inputs.size(); ++k) {
      sum += number_of(inputs[k]) * static_cast<int64_t>(k + 1);
    }
    return number(sum % 1'000'000'007);
  }
  std::string_view codec() const override { return "test.named"; }
  void encode(graph::Encoder& out) const override { out.text(name_); }

 private:
  std::string name_;
};

graph::OperationPtr decode_named(graph::Decoder& in) {
  return std::make_shared<Named>(std::string(in.text()));
}

// The scheduler does not know this one.
class Unheard : public graph::BlockwiseLayer {
 public:
  using BlockwiseLayer::BlockwiseLayer;
  std::string_view codec() const override { return "test.unheard"; }
};

LayerPtr layer(const std::string& operation, const std::string& name, std::vector<int64_t> grid,
               std::vector<graph::BlockwiseLayer::Input> inputs = {}) {
  return std::make_shared<graph::BlockwiseLayer>(
      name, token_of(name), std::make_shared<Named>(operation), std::move(grid), std::move(inputs));
}
LayerPtr over(const std::string& operation, const std::string& name, const LayerPtr& input) {
  return layer(operation, name, input->grid(), {{input, BlockMap::identity(input->grid())}});
}
LayerPtr annotated(const LayerPtr& made, graph::Annotations annotations) {
  std::const_pointer_cast<graph::Layer>(made)->set_annotations(std::move(annotations));
  return made;
}

class Graphs : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { start(true); }
  void start(bool validate) {
    SchedulerSettings settings;
    settings.listen = {net::Address::parse(address("s"))};
    settings.options.validate = validate;
    scheduler_ = std::make_unique<Scheduler>(settings);
  }
  void TearDown() override {
    client_.reset();
    other_.reset();
    workers_.clear();
    scheduler_.reset();
  }

  std::string address(const std::string& name) {
    if (GetParam() == "tcp") return "tcp://127.0.0.1:0";
    if (GetParam() == "inproc") return "inproc://graphs-" + name + std::to_string(++count_);
    return "unix:///tmp/dusk-graph-test-" + std::to_string(getpid()) + "-" + name +
           std::to_string(++count_);
  }
  void add_worker(const std::string& name = {}, std::map<std::string, double> resources = {}) {
    WorkerSettings settings;
    settings.scheduler = net::Address::parse(scheduler_->addresses()[0]);
    settings.listen = net::Address::parse(address("w"));
    settings.name = name;
    settings.resources = std::move(resources);
    graph::Codecs codecs = native_codecs();
    codecs.operations["test.named"] = &decode_named;
    settings.languages['n'] = native_language(codecs);
    workers_.push_back(std::make_unique<Worker>(settings));
    wait_for("n_workers", static_cast<int64_t>(workers_.size()));
  }
  std::unique_ptr<Client> connect() {
    return std::make_unique<Client>(
        ClientSettings{net::Address::parse(scheduler_->addresses()[0]), "test", {}, 5'000'000},
        nullptr);
  }
  Client& client() {
    if (!client_) client_ = connect();
    return *client_;
  }
  // Until the scheduler's fact `name` is `value`.
  void wait_for(const std::string& name, int64_t value) {
    std::string wanted =
        "\"" + name + "\":" + std::to_string(value) + (name == "tasks" ? "}" : ",");
    std::string info;
    for (int i = 0; i < 2000; ++i) {
      info = client().ask("scheduler_info", {}, nullptr);
      if (info.find(wanted) != std::string::npos) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << wanted << " never came: " << info;
  }
  Numbers submit(const LayerPtr& wanted, graph::Annotations annotations = {}) {
    std::vector<graph::Wanted> all{{wanted, {}}};
    return client().submit_graph(all, {std::move(annotations)}, nullptr);
  }
  std::vector<data::Value> values(const Numbers& numbers) {
    auto endings = client().values(numbers, 60'000'000, nullptr);
    if (!endings) throw std::runtime_error("no values in time");
    std::vector<data::Value> made;
    for (const Ending& ending : *endings) {
      if (ending.fault) throw std::runtime_error(ending.fault->message);
      if (!ending.value) throw std::runtime_error("cancelled");
      made.push_back(data::from_frames(*ending.value));
    }
    return made;
  }
  void release(const Numbers& numbers) {
    for (TaskNumber n : numbers) client().release(n);
  }
  void expect_interpreted(const LayerPtr& wanted, const Numbers& numbers) {
    graph::testing::Interpreter plain;
    auto made = values(numbers);
    ASSERT_EQ(made.size(), static_cast<size_t>(wanted->size()));
    for (size_t i = 0; i < made.size(); ++i) {
      EXPECT_EQ(number_of(made[i]), plain.value(wanted, static_cast<int64_t>(i))) << i;
    }
  }

  int count_ = 0;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Client> other_;
};

LayerPtr reduction() {
  LayerPtr source = layer("index", "source", {6, 5});
  LayerPtr mapped = over("add", "mapped", source);
  LayerPtr both =
      layer("add", "both", {6, 5},
            {{mapped, BlockMap::identity({6, 5})}, {source, BlockMap::identity({6, 5})}});
  return std::make_shared<graph::TreeReduceLayer>(
      "reduce", token_of("reduce"), std::make_shared<Named>("add"), both,
      std::vector<int64_t>{6, 5}, std::vector<int64_t>{4, 5});
}

TEST_P(Graphs, LayersAreExpandedByTheScheduler) {
  add_worker();
  add_worker();
  LayerPtr wanted = reduction();
  Numbers numbers = submit(wanted);
  expect_interpreted(wanted, numbers);
  EXPECT_EQ(client().key(numbers[1]), wanted->key(1));
  release(numbers);
  wait_for("tasks", 0);
}

TEST_P(Graphs, ATaskMayTakeAnInputTwice) {
  add_worker();
  LayerPtr source = layer("index", "source", {3});
  LayerPtr last = layer("index", "last", {3});
  auto same = BlockMap::identity({3});
  LayerPtr wanted = layer("add", "twice", {3}, {{source, same}, {last, same}, {source, same}});
  expect_interpreted(wanted, submit(wanted));
}

TEST_P(Graphs, EqualBlocksAreOneFutureAndOneTask) {
  add_worker();
  LayerPtr wanted = reduction();
  Numbers first = submit(wanted);
  Numbers second = submit(wanted);
  EXPECT_EQ(first, second);
  std::vector<graph::Wanted> twice{{wanted, {1, 0, 1}}};
  Numbers third = client().submit_graph(twice, {}, nullptr);
  EXPECT_EQ(third, (Numbers{first[1], first[0], first[1]}));
  other_ = connect();
  Numbers others = other_->submit_graph(twice, {}, nullptr);
  EXPECT_TRUE(other_->wait(others, true, 20'000'000, nullptr));
  wait_for("in_memory", 2);
  release(first);
  release(second);
  expect_interpreted(wanted, first);
  release(third);
  other_.reset();
  wait_for("tasks", 0);
}

TEST_P(Graphs, OnlyWhatIsWantedIsComputed) {
  add_worker();
  LayerPtr source = layer("index", "source", {100});
  LayerPtr picked = std::make_shared<graph::PickLayer>("pick", token_of("pick"), source,
                                                       std::vector<int64_t>{90, 7});
  Numbers numbers = submit(picked);
  auto made = values(numbers);
  EXPECT_EQ(number_of(made[0]), 90);
  EXPECT_EQ(number_of(made[1]), 7);
  wait_for("in_memory", 2);
}

TEST_P(Graphs, AFailureReachesEverythingThatNeedsIt) {
  add_worker();
  LayerPtr failing = over("fail", "failing", layer("index", "source", {2}));
  LayerPtr wanted = over("add", "wanted", failing);
  Numbers numbers = submit(wanted);
  EXPECT_TRUE(client().wait(numbers, true, 20'000'000, nullptr));
  for (TaskNumber n : numbers) {
    EXPECT_EQ(client().status(n), FutureStatus::kError);
    EXPECT_NE(client().ending(n).fault->message.find("as it was told to"), std::string::npos);
  }
  EXPECT_EQ(client().ending(numbers[1]).fault->task, failing->key(1));
}

TEST_P(Graphs, AGraphThatCannotBeReadFailsOnAllOutputs) {
  add_worker();
  auto unheard = std::make_shared<Unheard>("unheard", token_of("unheard"),
                                           std::make_shared<Named>("add"), std::vector<int64_t>{3},
                                           std::vector<graph::BlockwiseLayer::Input>{});
  Numbers numbers = submit(unheard);
  EXPECT_TRUE(client().wait(numbers, true, 20'000'000, nullptr));
  for (TaskNumber n : numbers) {
    ASSERT_EQ(client().status(n), FutureStatus::kError);
    EXPECT_NE(client().ending(n).fault->message.find("test.unheard"), std::string::npos)
        << client().ending(n).fault->message;
  }
  expect_interpreted(reduction(), submit(reduction()));
}

TEST_P(Graphs, AnnotationsSayWhereAndHowOften) {
  add_worker("plain");
  add_worker("large", {{"GPU", 1}});
  LayerPtr chosen = annotated(layer("index", "chosen", {4}), {{"workers", "[\"plain\"]"}});
  LayerPtr wanted = annotated(over("add", "wanted", chosen), {{"resources", "{\"GPU\": 1}"}});
  Numbers numbers = submit(wanted);
  expect_interpreted(wanted, numbers);
  Numbers sources = submit(chosen);
  values(sources);
  std::string what = client().ask("has_what", {workers_[1]->address()}, nullptr);
  EXPECT_NE(what.find("wanted"), std::string::npos);
  EXPECT_EQ(what.find("chosen"), std::string::npos) << what;

  flaky_runs = 0;
  EXPECT_NO_THROW(values(submit(layer("flaky", "flaky", {1}), {{"retries", "2"}})));
  EXPECT_EQ(flaky_runs, 3);
  EXPECT_THROW(submit(layer("index", "refused", {1}), {{"retries", "\"many\""}}), base::Error);
}

TEST_P(Graphs, LargeValuesGoStraightToWorkers) {
  add_worker();
  add_worker();
  std::vector<data::Value> blocks;
  for (int64_t i = 0; i < 4; ++i) {
    auto buffer = data::Buffer::allocate(1 << 20);
    std::memcpy(buffer->data(), &i, sizeof i);
    blocks.emplace_back(data::NdArray(data::kInt64Type, {1 << 17}, {8}, buffer, buffer->data()));
  }
  LayerPtr source = std::make_shared<graph::ValuesLayer>("held", token_of("held"), blocks);
  LayerPtr wanted = over("add", "wanted", source);
  Numbers numbers = submit(wanted);
  auto made = values(numbers);
  for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(number_of(made[static_cast<size_t>(i)]), 7 + i);
  Numbers persisted = submit(source);
  EXPECT_EQ(number_of(values(persisted)[3]), 3);
  release(persisted);
  release(numbers);
  wait_for("tasks", 0);
}

TEST_P(Graphs, SmallValuesTravelWithTheGraph) {
  add_worker();
  LayerPtr source = std::make_shared<graph::ValuesLayer>(
      "held", token_of("held"), std::vector<data::Value>{number(3), number(5)});
  LayerPtr wanted = over("add", "wanted", source);
  expect_interpreted(wanted, submit(wanted));
}

TEST_P(Graphs, BlocksOnTheClusterAreUsedThere) {
  add_worker();
  LayerPtr first = reduction();
  Numbers persisted = submit(first);
  std::vector<std::string> keys;
  for (TaskNumber n : persisted) keys.push_back(client().key(n));
  LayerPtr remote =
      std::make_shared<graph::RemoteLayer>(first->prefix(), first->token(), keys, first->grid());
  LayerPtr wanted = over("add", "wanted", remote);
  Numbers numbers = submit(wanted);
  release(persisted);
  expect_interpreted(over("add", "wanted", first), numbers);
  wait_for("in_memory", 2);
  release(numbers);
  wait_for("tasks", 0);

  Numbers late = submit(over("add", "late", remote));
  EXPECT_TRUE(client().wait(late, true, 20'000'000, nullptr));
  EXPECT_EQ(client().status(late[0]), FutureStatus::kError);
  EXPECT_NE(client().ending(late[0]).fault->message.find(keys[0]), std::string::npos)
      << client().ending(late[0]).fault->message;
}

TEST_P(Graphs, ATaskSubmittedNextCanTakeItsOutputs) {
  add_worker();
  LayerPtr source = layer("index", "source", {5000});
  std::vector<graph::Wanted> last{{source, {}}};
  Numbers numbers = client().submit_graph(last, {}, nullptr);
  cluster::Body code = native_code(Named("add"));
  cluster::SubmitTask task;
  task.key = "next";
  task.code = client().code(token_of("next"), "add", [&] { return code; });
  task.dependencies = {numbers[4999]};
  TaskNumber next = client().submit(std::move(task));
  release(numbers);
  EXPECT_EQ(number_of(values({next})[0]), 7 + 4999);
}

TEST_P(Graphs, WhatIsTakenBackComesToAnEnd) {
  add_worker();
  LayerPtr wanted = over("sleep", "wanted", layer("sleep", "source", {3000}));
  Numbers numbers = submit(wanted);
  Numbers behind = submit(over("sleep", "behind", wanted));
  for (TaskNumber n : numbers) client().cancel(n, false);
  EXPECT_EQ(client().status(numbers[2999]), FutureStatus::kCancelled);
  release(numbers);
  release(behind);
  wait_for("tasks", 0);
}

TEST_P(Graphs, ARestartEndsThem) {
  add_worker();
  Numbers numbers = submit(layer("sleep", "source", {3000}));
  Numbers behind = submit(layer("sleep", "behind", {3000}));
  client().restart(20'000'000, nullptr);
  EXPECT_TRUE(client().wait(numbers, true, 20'000'000, nullptr));
  EXPECT_TRUE(client().wait(behind, true, 20'000'000, nullptr));
  EXPECT_EQ(client().status(behind[2999]), FutureStatus::kCancelled);
  wait_for("tasks", 0);
}

TEST_P(Graphs, AClientThatLeavesTakesItsGraphAlong) {
  add_worker();
  other_ = connect();
  std::vector<graph::Wanted> all{{layer("sleep", "source", {5000}), {}}};
  other_->submit_graph(all, {}, nullptr);
  other_.reset();
  wait_for("tasks", 0);
}

TEST_P(Graphs, AHundredThousandTasksEachWithAnOperationOfItsOwn) {
  TearDown();
  start(false);  // every invariant after every step would take minutes
  add_worker();
  std::vector<graph::ListLayer::Task> tasks;
  for (int64_t i = 0; i < 100'000; ++i) {
    graph::ListLayer::Task task{
        "t" + std::to_string(i), std::make_shared<Named>("n" + std::to_string(i)), {}};
    if (i >= 10) task.dependencies.push_back({0, i - 10});
    tasks.push_back(std::move(task));
  }
  auto all = std::make_shared<graph::ListLayer>("list", token_of("list"), std::vector<LayerPtr>{},
                                                std::move(tasks));
  std::vector<graph::Wanted> wanted{{all, {99'999}}};
  Numbers numbers = client().submit_graph(wanted, {}, nullptr);
  EXPECT_EQ(number_of(values(numbers)[0]), 7 * 10'000);
  release(numbers);
  wait_for("tasks", 0);
}

INSTANTIATE_TEST_SUITE_P(Transports, Graphs, testing::Values("tcp", "unix", "inproc"));

TEST(GraphExpansion, RefusesWhatIsNoGraph) {
  graph::Codecs codecs = native_codecs();
  std::vector<graph::Wanted> wanted{{reduction(), {}}};
  SubmitGraph good{graph::encode_graph(wanted), {1, 2}, {}};
  codecs.keep_unknown = true;
  EXPECT_EQ(GraphExpansion(good, codecs).size(), 92u);
  SubmitGraph fewer = good;
  fewer.outputs = {1};
  EXPECT_THROW(GraphExpansion(fewer, codecs), base::Error);
  for (size_t i = 0; i < good.graph.header.size(); ++i) {
    SubmitGraph damaged = good;
    damaged.graph.header.resize(i);
    EXPECT_THROW(GraphExpansion(damaged, codecs), base::Error) << i;
  }
}

}  // namespace
}  // namespace dusk::node
