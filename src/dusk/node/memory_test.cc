// More data than memory: what goes through workers with a limit, and what happens when the disk is
// full too. Whole clusters in this process, over real sockets.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "dusk/data/buffer.h"
#include "dusk/node/client.h"
#include "dusk/node/scheduler.h"
#include "dusk/node/testing_directory.h"
#include "dusk/node/worker.h"

namespace dusk::node {
namespace {

using cluster::TaskNumber;

constexpr int64_t kMiB = 1 << 20;

data::Value block(int64_t seed, int64_t mebibytes) {
  int64_t count = mebibytes * kMiB / 8;
  auto buffer = data::Buffer::allocate(static_cast<size_t>(count) * 8);
  auto* at = reinterpret_cast<int64_t*>(buffer->data());
  for (int64_t i = 0; i < count; ++i) at[i] = seed + i;
  return data::NdArray(data::DType::of(data::TypeCode::kInt64), {count}, {8}, buffer,
                       buffer->data());
}

// The seed of a block, once all of it was looked at.
int64_t seed_of(const data::Value& value) {
  auto* at = reinterpret_cast<const int64_t*>(value.array().data());
  for (int64_t i = 0; i < value.array().size(); ++i) {
    if (at[i] != at[0] + i) throw base::value_error("a block is damaged");
  }
  return at[0];
}

// "make" gives a block of so many MiB as its argument says; "bounded" does, and says so before;
// "sum" adds the seeds of its inputs.
class BlockCode : public Code {
 public:
  explicit BlockCode(std::string name) : name_(std::move(name)) {}
  Outcome run(const Call& call, std::vector<data::Value> inputs) const override {
    auto [seed, mebibytes] = read(call);
    if (name_ != "sum") return outcome(block(seed, mebibytes));
    for (const data::Value& input : inputs) seed += seed_of(input);
    auto buffer = data::Buffer::allocate(8);
    std::memcpy(buffer->data(), &seed, 8);
    return outcome(
        data::NdArray(data::DType::of(data::TypeCode::kInt64), {1}, {8}, buffer, buffer->data()));
  }
  int64_t bound(const Call& call) const override {
    return name_ == "bounded" ? read(call).second * kMiB : -1;
  }

 private:
  static std::pair<int64_t, int64_t> read(const Call& call) {
    const std::string& text = call.arguments->header;
    return {std::stoll(text), std::stoll(text.substr(text.find(' ')))};
  }
  static Outcome outcome(data::Value value) {
    int64_t nbytes = value.nbytes();
    return {std::move(value), nbytes, nullptr};
  }
  std::string name_;
};

class Blocks : public Language {
 public:
  char letter() const override { return 'b'; }
  std::shared_ptr<const Code> load(const std::string& name, const data::Frames&) const override {
    return std::make_shared<BlockCode>(name);
  }
};

class Memory : public ::testing::Test {
 protected:
  Memory() {
    SchedulerSettings settings;
    settings.listen = {net::Address::parse("tcp://127.0.0.1:0")};
    settings.options.validate = true;
    scheduler_ = std::make_unique<Scheduler>(settings);
    client_ = std::make_unique<Client>(
        ClientSettings{net::Address::parse(scheduler_->addresses()[0]), "test", {}, 5'000'000},
        nullptr);
  }
  ~Memory() override {
    client_.reset();
    workers_.clear();
    scheduler_.reset();
  }
  WorkerSettings settings(const std::string& name, int64_t limit) {
    WorkerSettings s;
    s.scheduler = net::Address::parse(scheduler_->addresses()[0]);
    s.listen = net::Address::parse("tcp://127.0.0.1:0");
    s.name = name;
    s.threads = 2;
    s.memory_limit = limit;
    s.memory_interval_us = 10'000;
    s.local_directory = directory_.path();
    s.languages['b'] = std::make_shared<Blocks>();
    return s;
  }
  void add_worker(WorkerSettings s) { workers_.push_back(std::make_unique<Worker>(std::move(s))); }

  TaskNumber submit(const std::string& name, int64_t seed, int64_t mebibytes,
                    std::vector<TaskNumber> inputs = {}, const std::string& worker = {}) {
    uint32_t code = client_->code(base::Tokenizer("code").add(name).finish(), name, [] {
      return std::make_shared<const data::Frames>(data::Frames{"b", {}});
    });
    cluster::SubmitTask task;
    task.key = name + std::to_string(++count_);
    task.code = code;
    task.arguments = std::make_shared<const data::Frames>(
        data::Frames{std::to_string(seed) + " " + std::to_string(mebibytes), {}});
    task.dependencies = std::move(inputs);
    if (!worker.empty()) {
      auto requirements = std::make_shared<cluster::Requirements>();
      requirements->workers = {worker};
      task.requirements = requirements;
    }
    return client_->submit(std::move(task));
  }
  Ending ending(TaskNumber number) {
    auto endings = client_->values({number}, 60'000'000, nullptr);
    return endings ? (*endings)[0] : Ending{};
  }
  int64_t value(TaskNumber number) {
    Ending end = ending(number);
    if (end.fault) throw std::runtime_error(end.fault->message);
    if (!end.value) throw std::runtime_error("no value in time");
    return seed_of(data::from_frames(*end.value));
  }
  bool done(const std::vector<TaskNumber>& numbers) {
    return client_->wait(numbers, true, 60'000'000, nullptr);
  }

  testing::Directory directory_;
  int count_ = 0;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Client> client_;
};

TEST_F(Memory, MoreThanTheLimitGoesThroughOneWorker) {
  for (const char* kind : {"make", "bounded"}) {
    add_worker(settings("w", 64 * kMiB));
    std::vector<TaskNumber> blocks;
    for (int64_t i = 0; i < 24; ++i) blocks.push_back(submit(kind, i * 1000, 8));
    ASSERT_TRUE(done(blocks));
    for (int i = 0; i < 1000 && directory_.spilled() < 128 * kMiB; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_GE(directory_.spilled(), 128 * kMiB) << "of 192 MiB 64 may be in memory";
    EXPECT_EQ(value(submit("sum", 0, 0, {blocks[0], blocks[11], blocks[23]})), 34'000);
    for (int64_t i = 0; i < 24; ++i) EXPECT_EQ(value(blocks[static_cast<size_t>(i)]), i * 1000);
    for (TaskNumber number : blocks) client_->release(number);
    workers_.clear();
    EXPECT_EQ(directory_.segments().size(), 0u) << "its files go with the worker";
  }
}

TEST_F(Memory, ATaskThatIsTooBigFailsWithTheArithmetic) {
  add_worker(settings("w", 64 * kMiB));
  Ending end = ending(submit("bounded", 1, 100));
  ASSERT_TRUE(end.fault);
  EXPECT_EQ(end.fault->kind, base::ErrorKind::kMemory);
  EXPECT_NE(end.fault->message.find("100.0 MiB"), std::string::npos) << end.fault->message;
  EXPECT_NE(end.fault->message.find("64.0 MiB"), std::string::npos) << end.fault->message;
  EXPECT_EQ(value(submit("bounded", 1, 40)), 1) << "the worker goes on";
}

TEST_F(Memory, AFullDiskPausesThenIsAnErrorAndNothingIsLost) {
  for (const char* kind : {"make", "bounded"}) {
    WorkerSettings s = settings(std::string("w-") + kind, 64 * kMiB);
    s.spill_bytes_max = 32 * kMiB;
    s.memory_patience_us = 200'000;
    add_worker(s);
    std::vector<TaskNumber> blocks;
    for (int64_t i = 0; i < 30; ++i) blocks.push_back(submit(kind, i * 1000, 8));
    ASSERT_TRUE(done(blocks)) << "some must be told that they cannot be kept";
    int kept = 0;
    int failed = 0;
    for (int64_t i = 0; i < 30; ++i) {
      TaskNumber number = blocks[static_cast<size_t>(i)];
      if (client_->status(number) == cluster::FutureStatus::kFinished) {
        ++kept;
        EXPECT_EQ(value(number), i * 1000);
      } else {
        ++failed;
        Ending end = client_->ending(number);
        ASSERT_TRUE(end.fault);
        EXPECT_EQ(end.fault->kind, base::ErrorKind::kMemory) << end.fault->message;
        EXPECT_NE(end.fault->message.find("disk"), std::string::npos) << end.fault->message;
      }
    }
    EXPECT_GE(kept, 8) << "what fits into memory and onto the disk is kept";
    EXPECT_GE(failed, 10);
    for (TaskNumber number : blocks) client_->release(number);
    EXPECT_EQ(value(submit(kind, 7, 8)), 7) << "with room there is work again";
    workers_.clear();
  }
}

TEST_F(Memory, DamagedValuesAreComputedAgain) {
  add_worker(settings("w", 32 * kMiB));
  std::vector<TaskNumber> blocks;
  for (int64_t i = 0; i < 12; ++i) blocks.push_back(submit("make", i * 1000, 8));
  ASSERT_TRUE(done(blocks));
  while (directory_.spilled() < 70 * kMiB) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (const std::string& file : directory_.segments()) {
    int descriptor = open(file.c_str(), O_RDWR);
    ASSERT_GE(descriptor, 0);
    off_t end = lseek(descriptor, 0, SEEK_END);
    for (off_t at = 4096 + 100; at < end; at += kMiB) {
      ASSERT_EQ(pwrite(descriptor, "damaged", 7, at), 7);
    }
    close(descriptor);
  }
  // Half of them are needed by tasks here, half are asked for by the client.
  EXPECT_EQ(value(submit("sum", 0, 0, {blocks[0], blocks[1]})), 1'000);
  EXPECT_EQ(value(submit("sum", 0, 0, {blocks[2], blocks[3]})), 5'000);
  EXPECT_EQ(value(submit("sum", 0, 0, {blocks[4], blocks[5]})), 9'000);
  for (int64_t i = 6; i < 12; ++i) EXPECT_EQ(value(blocks[static_cast<size_t>(i)]), i * 1000);
}

TEST_F(Memory, InputsFromAnotherWorkerComeAsThereIsRoom) {
  add_worker(settings("large", 0));
  add_worker(settings("small", 48 * kMiB));
  std::vector<TaskNumber> blocks;
  for (int64_t i = 0; i < 20; ++i) blocks.push_back(submit("make", i * 1000, 8, {}, "large"));
  std::vector<TaskNumber> sums;
  for (size_t i = 0; i < 20; ++i) {
    sums.push_back(submit("sum", 0, 0, {blocks[i], blocks[(i + 7) % 20]}, "small"));
  }
  for (int64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(value(sums[static_cast<size_t>(i)]), (i + (i + 7) % 20) * 1000);
  }
}

TEST_F(Memory, DataThatAClientSendsWaitsOrIsRefused) {
  WorkerSettings s = settings("w", 64 * kMiB);
  s.spill_bytes_max = 16 * kMiB;
  s.memory_patience_us = 200'000;
  add_worker(s);
  EXPECT_EQ(value(submit("make", 1, 1)), 1);
  std::pair<cluster::WorkerId, std::string> place{{1}, workers_[0]->address()};
  TaskNumber fits = client_->scatter("fits", data::to_frames(block(5, 20)), {place}, nullptr);
  EXPECT_EQ(value(submit("sum", 0, 0, {fits})), 5);
  data::Frames large = data::to_frames(block(6, 100));
  EXPECT_THROW(client_->scatter("never", large, {place}, nullptr), base::Error);
  EXPECT_EQ(value(submit("sum", 1, 0, {fits})), 6) << "the worker goes on";
}

}  // namespace
}  // namespace dusk::node
