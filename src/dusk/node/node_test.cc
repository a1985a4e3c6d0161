// A whole cluster in one process over real sockets, without Python: what it computes and survives.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "dusk/data/buffer.h"
#include "dusk/node/client.h"
#include "dusk/node/scheduler.h"
#include "dusk/node/worker.h"

namespace dusk::node {
namespace {

using cluster::FutureStatus;
using cluster::TaskNumber;

// Tasks in this language add their inputs (one int64 each) and their argument.
class Sum : public Code {
 public:
  explicit Sum(std::string name) : name_(std::move(name)) {}
  Outcome run(const Call& call, std::vector<data::Value> inputs) const override {
    int64_t sum = call.arguments ? std::stoll(call.arguments->header) : 0;
    for (const data::Value& input : inputs) {
      sum += *reinterpret_cast<const int64_t*>(input.array().data());
    }
    if (name_ == "sleep") std::this_thread::sleep_for(std::chrono::milliseconds(sum));
    if (name_ == "fail") throw base::value_error("[fail] as it was told to");
    size_t count = name_ == "large" ? 1 << 20 : 1;
    auto buffer = data::Buffer::allocate(count * 8);
    for (size_t i = 0; i < count; ++i) std::memcpy(buffer->data() + 8 * i, &sum, 8);
    data::NdArray array(data::DType::of(data::TypeCode::kInt64), {static_cast<int64_t>(count)}, {8},
                        buffer, buffer->data());
    return {data::Value(std::move(array)), static_cast<int64_t>(count * 8), nullptr};
  }

 private:
  std::string name_;
};

class Sums : public Language {
 public:
  char letter() const override { return 's'; }
  std::shared_ptr<const Code> load(const std::string& name, const data::Frames&) const override {
    return std::make_shared<Sum>(name);
  }
};

class Node : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    SchedulerSettings settings;
    settings.listen = {net::Address::parse(address("s"))};
    settings.options.validate = true;
    scheduler_ = std::make_unique<Scheduler>(settings);
  }
  void TearDown() override {
    client_.reset();
    workers_.clear();
    scheduler_.reset();
  }

  std::string address(const std::string& name) {
    if (GetParam() == "tcp") return "tcp://127.0.0.1:0";
    if (GetParam() == "inproc") return "inproc://" + name + std::to_string(++count_);
    return "unix:///tmp/dusk-node-test-" + std::to_string(getpid()) + "-" + name +
           std::to_string(++count_);
  }
  void add_worker(int threads = 1) {
    WorkerSettings settings;
    settings.scheduler = net::Address::parse(scheduler_->addresses()[0]);
    settings.listen = net::Address::parse(address("w"));
    settings.threads = threads;
    settings.languages['s'] = std::make_shared<Sums>();
    workers_.push_back(std::make_unique<Worker>(settings));
  }
  Client& client() {
    if (!client_) {
      client_ = std::make_unique<Client>(
          ClientSettings{net::Address::parse(scheduler_->addresses()[0]), "test", {}, 5'000'000},
          nullptr);
    }
    return *client_;
  }
  TaskNumber submit(const std::string& name, int64_t argument, std::vector<TaskNumber> inputs = {},
                    std::string key = {}) {
    uint32_t code = client().code(base::Tokenizer("code").add(name).finish(), name, [] {
      return std::make_shared<const data::Frames>(data::Frames{"s", {}});
    });
    cluster::SubmitTask task;
    task.key = key.empty() ? name + std::to_string(++count_) : key;
    task.code = code;
    task.arguments =
        std::make_shared<const data::Frames>(data::Frames{std::to_string(argument), {}});
    task.dependencies = std::move(inputs);
    return client().submit(std::move(task));
  }
  int64_t value(TaskNumber number) {
    auto endings = client().values({number}, 20'000'000, nullptr);
    if (!endings) throw std::runtime_error("no value in time");
    const Ending& ending = (*endings)[0];
    if (ending.fault) throw std::runtime_error(ending.fault->message);
    if (!ending.value) throw std::runtime_error("no value");
    data::Value v = data::from_frames(*ending.value);
    return *reinterpret_cast<const int64_t*>(v.array().data());
  }

  int count_ = 0;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Client> client_;
};

TEST_P(Node, ComputesATree) {
  add_worker();
  add_worker(2);
  std::vector<TaskNumber> level;
  for (int i = 0; i < 64; ++i) level.push_back(submit("add", i));
  while (level.size() > 1) {
    std::vector<TaskNumber> next;
    for (size_t i = 0; i < level.size(); i += 2) {
      next.push_back(submit("add", 0, {level[i], level[i + 1]}));
    }
    level = next;
  }
  EXPECT_EQ(value(level[0]), 63 * 64 / 2);
}

TEST_P(Node, LargeValuesTravel) {
  add_worker();
  add_worker();
  auto a = submit("large", 1);
  auto b = submit("large", 2);
  auto c = submit("large", 10, {a, b});
  EXPECT_EQ(value(c), 13);
  EXPECT_EQ(value(a), 1);
}

TEST_P(Node, FailuresSayWhat) {
  add_worker();
  auto a = submit("fail", 1);
  auto b = submit("add", 1, {a});
  EXPECT_THROW(value(b), std::runtime_error);
  EXPECT_EQ(client().status(b), FutureStatus::kError);
  EXPECT_NE(client().ending(b).fault->message.find("as it was told to"), std::string::npos);
}

TEST_P(Node, AWorkerThatEndsCostsWhatItHeld) {
  add_worker();
  auto a = submit("large", 5);
  EXPECT_TRUE(client().wait({a}, true, 10'000'000, nullptr));
  add_worker();
  workers_.erase(workers_.begin());
  EXPECT_EQ(value(submit("add", 1, {a})), 6);
}

TEST_P(Node, ScatteredDataIsUsedWhereItIs) {
  // One after the other: the first is WorkerId 1.
  for (size_t n = 1; n <= 2; ++n) {
    add_worker();
    auto joined = [&] {
      std::string cores = client().ask("ncores", {}, nullptr);
      return static_cast<size_t>(std::count(cores.begin(), cores.end(), '"')) == 2 * n;
    };
    for (int i = 0; i < 1000 && !joined(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  Outcome made = Sum("large").run({"k", nullptr}, {});
  auto number = client().scatter("data", data::to_frames(made.value),
                                 {{{1}, workers_[0]->address()}}, nullptr);
  EXPECT_EQ(value(submit("add", 4, {number})), 4);
  EXPECT_EQ(value(number), 0);
}

TEST_P(Node, TheSchedulerEnds) {
  add_worker();
  auto a = submit("sleep", 100);
  scheduler_.reset();
  EXPECT_TRUE(client().wait({a}, true, 10'000'000, nullptr));
  EXPECT_EQ(client().status(a), FutureStatus::kCancelled);
  EXPECT_TRUE(client().closed());
}

INSTANTIATE_TEST_SUITE_P(Transports, Node, testing::Values("tcp", "unix", "inproc"));

}  // namespace
}  // namespace dusk::node
