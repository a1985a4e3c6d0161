#include "dusk/runtime/executor.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "dusk/base/clock.h"
#include "dusk/data/ledger.h"
#include "dusk/graph/testing.h"

namespace dusk::runtime {
namespace {

using graph::LayerPtr;
using graph::ListLayer;
using graph::TaskGraph;
using graph::Wanted;
using graph::testing::Numeric;

RunOptions threads(int n) {
  RunOptions options;
  options.num_threads = n;
  return options;
}
RunOptions synchronous() {
  RunOptions options;
  options.synchronous = true;
  return options;
}

graph::OperationPtr function(graph::testing::Function f) {
  return std::make_shared<Numeric>("function", std::move(f));
}

LayerPtr list(std::vector<ListLayer::Task> tasks) {
  return std::make_shared<ListLayer>("list", graph::testing::token_of("list"),
                                     std::vector<LayerPtr>{}, std::move(tasks));
}

TaskGraph all_of(const LayerPtr& layer, std::vector<int64_t> indexes = {}) {
  return graph::expand(std::vector<Wanted>{{layer, std::move(indexes)}});
}

// n sources 0..n-1 and their sum last.
LayerPtr fan_in(int64_t n, graph::testing::Function source) {
  std::vector<ListLayer::Task> tasks;
  auto operation = function(std::move(source));
  ListLayer::Task sum{"sum",
                      function([](const graph::TaskContext&, const std::vector<int64_t>& in) {
                        int64_t total = 0;
                        for (int64_t v : in) total += v;
                        return total;
                      }),
                      {}};
  for (int64_t i = 0; i < n; ++i) {
    tasks.push_back({"source-" + std::to_string(i), operation, {}});
    sum.dependencies.push_back({0, i});
  }
  tasks.push_back(sum);
  return list(std::move(tasks));
}

int64_t own_index(const graph::TaskContext& c, const std::vector<int64_t>&) { return c.index; }

class Executors : public ::testing::TestWithParam<int> {
 protected:
  RunOptions options() const { return GetParam() == 0 ? synchronous() : threads(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(ThreadCounts, Executors, ::testing::Values(0, 1, 2, 5));

TEST_P(Executors, RunsEveryTaskOnceAndReturnsWhatWasAskedFor) {
  std::vector<std::atomic<int>> runs(1000);
  LayerPtr layer = fan_in(1000, [&](const graph::TaskContext& c, const std::vector<int64_t>&) {
    ++runs[static_cast<size_t>(c.index)];
    return c.index;
  });
  auto values = run(all_of(layer, {1000, 3, 1000}), options()).or_throw();
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(graph::testing::number_of(values[0]), 499'500);
  EXPECT_EQ(graph::testing::number_of(values[1]), 3);
  EXPECT_EQ(graph::testing::number_of(values[2]), 499'500);
  for (auto& n : runs) EXPECT_EQ(n, 1);
}

TEST_P(Executors, RunsAnEmptyGraph) {
  LayerPtr layer = list({});
  auto result = run(all_of(layer), options());
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.value().empty());
}

TEST_P(Executors, AgreesWithPlainInterpretationOnRandomGraphs) {
  std::mt19937_64 random(static_cast<uint64_t>(GetParam()) + 1);
  int rounds = GetParam() == 0 ? 20'000 : 3'000;
  for (int round = 0; round < rounds; ++round) {
    int64_t n = 1 + static_cast<int64_t>(random() % 40);
    std::vector<ListLayer::Task> tasks;
    auto operation = graph::testing::weighted("w");
    for (int64_t i = 0; i < n; ++i) {
      tasks.push_back({"t", operation, {}});
      for (uint64_t k = random() % 4; i > 0 && k > 0; --k) {
        tasks.back().dependencies.push_back(
            {0, static_cast<int64_t>(random() % static_cast<uint64_t>(i))});
      }
    }
    LayerPtr layer = list(std::move(tasks));
    std::vector<int64_t> wanted = {n - 1,
                                   static_cast<int64_t>(random() % static_cast<uint64_t>(n))};
    auto values = run(all_of(layer, wanted), options()).or_throw();
    graph::testing::Interpreter plain;
    for (size_t i = 0; i < wanted.size(); ++i) {
      ASSERT_EQ(graph::testing::number_of(values[i]), plain.value(layer, wanted[i]))
          << "round " << round;
    }
  }
}

TEST_P(Executors, ReportsTheFirstErrorWithTheTaskAndStops) {
  std::atomic<int> started{0};
  LayerPtr layer = fan_in(100'000, [&](const graph::TaskContext& c, const std::vector<int64_t>&) {
    ++started;
    if (c.index == 50) throw base::key_error("no such thing");
    return c.index;
  });
  int64_t live = data::Ledger::process().live_bytes();
  {
    auto result = run(all_of(layer, {100'000}), options());
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind(), base::ErrorKind::kKey);
    EXPECT_STREQ(result.error().what(), "no such thing");
    EXPECT_EQ(result.error().task(), "source-50");
  }
  EXPECT_LT(started, 100'000);
  EXPECT_EQ(data::Ledger::process().live_bytes(), live) << "nothing is held after a failure";
}

TEST_P(Executors, TurnsWhateverIsThrownIntoAnError) {
  LayerPtr layer = fan_in(1, [](const graph::TaskContext&, const std::vector<int64_t>&) -> int64_t {
    throw std::out_of_range("far out");
  });
  auto result = run(all_of(layer), options());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), base::ErrorKind::kRuntime);
  EXPECT_STREQ(result.error().what(), "far out");
}

TEST_P(Executors, LetsResultsGoAtTheirLastUse) {
  // A chain of 1 MB results: never more than a few at once.
  auto operation =
      function([](const graph::TaskContext&, const std::vector<int64_t>&) { return 0; });
  class Megabyte : public graph::Operation {
   public:
    std::string name() const override { return "megabyte"; }
    base::Result<data::Value> run(const graph::TaskContext&, graph::Inputs) const override {
      return data::Value(data::NdArray::zeros(data::kFloat64Type, {131072}));
    }
  };
  std::vector<ListLayer::Task> tasks;
  auto megabyte = std::make_shared<Megabyte>();
  for (int64_t i = 0; i < 200; ++i) {
    tasks.push_back({"m", megabyte, {}});
    if (i > 0) tasks.back().dependencies = {{0, i - 1}};
  }
  data::Ledger& ledger = data::Ledger::process();
  ledger.reset_peak();
  int64_t before = ledger.live_bytes();
  { ASSERT_TRUE(run(all_of(list(std::move(tasks)), {199}), options()).ok()); }
  EXPECT_LT(ledger.peak_bytes() - before, 5 << 20);
  EXPECT_EQ(ledger.live_bytes(), before);
}

TEST_P(Executors, IsCancelledByPoll) {
  RunOptions o = options();
  o.poll = [] { return std::make_unique<base::Error>(base::ErrorKind::kCancelled, "enough"); };
  LayerPtr layer = fan_in(10'000, [](const graph::TaskContext& c, const std::vector<int64_t>&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return c.index;
  });
  int64_t start = base::now_ns();
  auto result = run(all_of(layer, {10'000}), o);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), base::ErrorKind::kCancelled);
  EXPECT_LT(base::now_ns() - start, 2'000'000'000);
}

TEST_P(Executors, RunInsideOfTasks) {
  RunOptions o = options();
  LayerPtr inner = fan_in(20, own_index);
  LayerPtr outer = fan_in(50, [&](const graph::TaskContext&, const std::vector<int64_t>&) {
    auto values = run(all_of(inner, {20}), o).or_throw();
    return graph::testing::number_of(values[0]);
  });
  auto values = run(all_of(outer, {50}), o).or_throw();
  EXPECT_EQ(graph::testing::number_of(values[0]), 50 * 190);
}

TEST_P(Executors, EndRunsInsideOfTasksWithTheOuterRun) {
  RunOptions o = options();
  std::atomic<int64_t> done{0};
  LayerPtr inner = fan_in(1'000'000, [&](const graph::TaskContext& c, const auto&) {
    std::this_thread::sleep_for(std::chrono::microseconds(100));
    ++done;
    return c.index;
  });
  TaskGraph inner_graph = all_of(inner, {1'000'000});
  std::vector<ListLayer::Task> tasks = {
      {"nested",
       function([&](const graph::TaskContext&, const std::vector<int64_t>&) {
         return graph::testing::number_of(run(inner_graph, o).or_throw()[0]);
       }),
       {}},
      {"bad",
       function([&](const graph::TaskContext&, const std::vector<int64_t>&) -> int64_t {
         while (done < 10) std::this_thread::yield();
         throw base::value_error("bad");
       }),
       {}}};
  if (GetParam() < 2) GTEST_SKIP() << "needs two threads";
  auto result = run(all_of(list(std::move(tasks))), o);
  ASSERT_FALSE(result.ok());
  EXPECT_STREQ(result.error().what(), "bad");
  EXPECT_LT(done, 100'000);
}

TEST_P(Executors, RefuseATaskThatCanNeverFit) {
  auto operation = std::make_shared<Numeric>("big", own_index);
  operation->bound_ = 1000;
  RunOptions o = options();
  o.memory_limit = 999;
  auto result = run(all_of(list({{"big-task", operation, {}}})), o);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), base::ErrorKind::kMemory);
  std::string text = result.error().what();
  EXPECT_NE(text.find("big-task"), std::string::npos) << text;
  EXPECT_NE(text.find("1000 bytes"), std::string::npos) << text;
  EXPECT_NE(text.find("999 bytes"), std::string::npos) << text;
  o.memory_limit = 1000;
  EXPECT_TRUE(run(all_of(list({{"big-task", operation, {}}})), o).ok());
}

TEST(Threads, StayWithinTheMemoryLimit) {
  // 64 sources of 100 bytes each feed pairwise sums of 8; at most 3 sources fit at a time.
  std::atomic<int> running{0}, most{0};
  auto source = std::make_shared<Numeric>("source", [&](const graph::TaskContext& c, const auto&) {
    most = std::max<int>(most, ++running);
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    --running;
    return c.index;
  });
  source->bound_ = 100;
  LayerPtr sources = std::make_shared<graph::BlockwiseLayer>(
      "source", graph::testing::token_of("s"), source, std::vector<int64_t>{64},
      std::vector<graph::BlockwiseLayer::Input>{});
  LayerPtr sum = std::make_shared<graph::TreeReduceLayer>(
      "sum", graph::testing::token_of("sum"), graph::testing::weighted("sum"), sources,
      std::vector<int64_t>{64}, std::vector<int64_t>{2});
  RunOptions o = threads(8);
  o.memory_limit = 399;
  auto values = run(all_of(sum), o).or_throw();
  EXPECT_EQ(values.size(), 32u);
  EXPECT_LE(most, 3);
}

TEST(Threads, GoOnUnderALimitThatNoPlanKeeps) {
  // The fan-in needs all 100 results at once, far beyond the limit: it must still end.
  auto source = std::make_shared<Numeric>("source", own_index);
  source->bound_ = 100;
  std::vector<ListLayer::Task> tasks;
  ListLayer::Task sum{"sum", graph::testing::weighted("sum"), {}};
  for (int64_t i = 0; i < 100; ++i) {
    tasks.push_back({"s", source, {}});
    sum.dependencies.push_back({0, i});
  }
  tasks.push_back(sum);
  RunOptions o = threads(4);
  o.memory_limit = 250;
  EXPECT_TRUE(run(all_of(list(std::move(tasks)), {100}), o).ok());
}

TEST(Threads, AreKeptFromRunToRun) {
  std::mutex mutex;
  std::set<std::thread::id> ids;
  LayerPtr layer = fan_in(64, [&](const graph::TaskContext& c, const std::vector<int64_t>&) {
    std::lock_guard lock(mutex);
    ids.insert(std::this_thread::get_id());
    return c.index;
  });
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(run(all_of(layer), threads(1)).ok());
  stop_threads();
  size_t before_stop = ids.size();
  ASSERT_TRUE(run(all_of(layer), threads(1)).ok());
  EXPECT_LE(before_stop, 20u);
  EXPECT_FALSE(ids.contains(std::this_thread::get_id()));
}

TEST(Threads, ServeSeveralCallersAtOnce) {
  LayerPtr layer = fan_in(2000, own_index);
  std::vector<std::thread> callers;
  std::atomic<int> right{0};
  for (int c = 0; c < 6; ++c) {
    callers.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        auto values = run(all_of(layer, {2000}), threads(3)).or_throw();
        right += graph::testing::number_of(values[0]) == 1'999'000;
      }
    });
  }
  for (auto& c : callers) c.join();
  EXPECT_EQ(right, 60);
}

TEST(Threads, GiveAnInterruptedRunBackBeforeItsTasksEnd) {
  struct Shared {
    std::atomic<bool> release{false};
    std::atomic<bool> ended{false};
    TaskGraph graph;
  };
  auto shared = std::make_shared<Shared>();
  LayerPtr layer = fan_in(1, [s = shared.get()](const graph::TaskContext&, const auto&) -> int64_t {
    while (!s->release) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    s->ended = true;
    return 1;
  });
  shared->graph = all_of(layer);
  RunOptions o = threads(1);
  o.keep = shared;
  o.poll = [] { return std::make_unique<base::Error>(base::ErrorKind::kCancelled, "enough"); };
  auto result = run(shared->graph, o);
  o.keep.reset();
  ASSERT_FALSE(result.ok());
  EXPECT_FALSE(shared->ended);
  shared->release = true;
  stop_threads();
  EXPECT_TRUE(shared->ended);
  shared->graph = {};
}

TEST(Threads, AreStartedAgainInAForkedChild) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the sanitizer does not follow a fork of a threaded process";
#endif
  LayerPtr layer = fan_in(100, own_index);
  ASSERT_TRUE(run(all_of(layer), threads(2)).ok());
  pid_t child = fork();
  if (child == 0) {
    auto values = run(all_of(layer, {100}), threads(2));
    _exit(values.ok() && graph::testing::number_of(values.value()[0]) == 4950 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

class Counting : public Observer {
 public:
  void run_started(const TaskGraph& graph) override { all = graph.size(); }
  void task_started(graph::TaskId, int, int64_t) override { ++started; }
  void task_finished(graph::TaskId, int, int64_t start, int64_t end, int64_t b) override {
    ++finished;
    bytes += b;
    ordered = ordered && end >= start;
  }
  void run_finished(bool succeeded) override { ok = succeeded; }
  size_t all = 0;
  std::atomic<size_t> started{0}, finished{0};
  std::atomic<int64_t> bytes{0};
  std::atomic<bool> ordered{true};
  bool ok = false;
};

TEST_P(Executors, TellAnObserverEverything) {
  Counting counting;
  RunOptions o = options();
  o.observer = &counting;
  ASSERT_TRUE(run(all_of(fan_in(500, own_index), {500}), o).ok());
  EXPECT_EQ(counting.all, 501u);
  EXPECT_EQ(counting.started, 501u);
  EXPECT_EQ(counting.finished, 501u);
  EXPECT_EQ(counting.bytes, 501 * 8);
  EXPECT_TRUE(counting.ordered);
  EXPECT_TRUE(counting.ok);
}

}  // namespace
}  // namespace dusk::runtime
