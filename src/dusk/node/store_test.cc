// Values that leave memory for segment files and come back.
#include "dusk/node/store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "dusk/base/error.h"
#include "dusk/data/buffer.h"
#include "dusk/data/ledger.h"
#include "dusk/node/spill_record.h"
#include "dusk/node/spiller.h"
#include "dusk/node/testing_directory.h"

namespace dusk::node {
namespace {

using Leave = StoredValue::Leave;
constexpr int64_t kMiB = 1 << 20;

data::Value numbers(int64_t seed, int64_t count) {
  auto buffer = data::Buffer::allocate(static_cast<size_t>(count) * 8);
  auto* at = reinterpret_cast<int64_t*>(buffer->data());
  for (int64_t i = 0; i < count; ++i) at[i] = seed * 1'000'003 + i;
  return data::NdArray(data::DType::of(data::TypeCode::kInt64), {count}, {8}, buffer,
                       buffer->data());
}

bool is_numbers(const data::Value& value, int64_t seed, int64_t count) {
  if (!value.is_array() || value.array().size() != count) return false;
  auto* at = reinterpret_cast<const int64_t*>(value.array().data());
  for (int64_t i = 0; i < count; ++i) {
    if (at[i] != seed * 1'000'003 + i) return false;
  }
  return true;
}

StoredPtr stored(int64_t seed, int64_t count) {
  data::Value value = numbers(seed, count);
  int64_t nbytes = value.nbytes();
  return std::make_shared<StoredValue>(std::move(value), nullptr, nbytes);
}

cluster::TaskId task(uint32_t slot) { return {slot, 1}; }

TEST(SpillFiles, KeepValuesOfEverySize) {
  testing::Directory directory;
  SpillFiles files({directory.path()});
  for (int64_t count : {0, 1, 511, 512, 513, 100'000, 300'001}) {
    StoredPtr value = stored(count, count);
    EXPECT_EQ(value->leave_memory(files).how, Leave::kGone);
    EXPECT_FALSE(value->in_memory());
    EXPECT_EQ(value->way(), StoredValue::Way::kDisk);
    EXPECT_TRUE(is_numbers(data::from_frames(*value->frames()), count, count));
    EXPECT_FALSE(value->in_memory()) << "whoever sends it does not bring it back";
    EXPECT_TRUE(is_numbers(value->value(nullptr), count, count));
    EXPECT_TRUE(value->in_memory());
  }
}

TEST(SpillFiles, KeepManyBuffersAndOddOnes) {
  testing::Directory directory;
  SpillFiles files({directory.path()});
  data::ValueList list;
  for (int64_t i = 0; i < 100; ++i) list.push_back(numbers(i, i * 7));
  StoredValue value{data::Value(list), nullptr, 1000};
  EXPECT_EQ(value.leave_memory(files).how, Leave::kGone);
  data::Value back = value.value(nullptr);
  ASSERT_TRUE(back.is_list());
  for (int64_t i = 0; i < 100; ++i) {
    EXPECT_TRUE(is_numbers(back.list()[static_cast<size_t>(i)], i, i * 7));
  }
}

TEST(SpillFiles, GiveSpaceBackWhenValuesGo) {
  testing::Directory directory;
  SpillFiles files({directory.path(), 0, 4 * kMiB});
  std::vector<StoredPtr> values;
  for (int64_t i = 0; i < 16; ++i) {
    values.push_back(stored(i, kMiB / 8));
    EXPECT_EQ(values.back()->leave_memory(files).how, Leave::kGone);
  }
  EXPECT_GE(files.bytes(), 16 * kMiB);
  EXPECT_GE(directory.spilled(), 16 * kMiB);
  size_t segments = directory.segments().size();
  EXPECT_GE(segments, 4u);
  values.erase(values.begin(), values.begin() + 12);
  EXPECT_LT(files.bytes(), 5 * kMiB);
  EXPECT_LT(directory.segments().size(), segments) << "files in which nothing is needed go";
  for (int64_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(is_numbers(values[static_cast<size_t>(i)]->value(nullptr), 12 + i, kMiB / 8));
  }
  values.clear();
  EXPECT_EQ(files.bytes(), 0);
}

TEST(SpillFiles, SayThatTheyAreFullAndLoseNothing) {
  testing::Directory directory;
  SpillFiles files({directory.path(), 4 * kMiB});
  std::vector<StoredPtr> values;
  int gone = 0;
  for (int64_t i = 0; i < 8; ++i) {
    values.push_back(stored(i, kMiB / 8));
    StoredValue::Left left = values.back()->leave_memory(files);
    gone += left.how == Leave::kGone;
    if (left.how != Leave::kGone) {
      EXPECT_EQ(left.how, Leave::kFull);
      EXPECT_NE(left.error.find("4 MiB"), std::string::npos) << left.error;
      EXPECT_TRUE(values.back()->in_memory());
    }
  }
  EXPECT_EQ(gone, 3);
  for (int64_t i = 0; i < 8; ++i) {
    EXPECT_TRUE(is_numbers(values[static_cast<size_t>(i)]->value(nullptr), i, kMiB / 8));
  }
}

TEST(SpillFiles, SayWhatTheSystemRefuses) {
  SpillFiles files({"/nowhere/at/all"});
  StoredPtr value = stored(1, 1000);
  StoredValue::Left left = value->leave_memory(files);
  EXPECT_EQ(left.how, Leave::kFailed);
  EXPECT_NE(left.error.find("/nowhere/at/all"), std::string::npos) << left.error;
  EXPECT_TRUE(is_numbers(value->value(nullptr), 1, 1000));
}

// Turns one bit of a file over.
void damage(const std::string& file, off_t offset) {
  int descriptor = open(file.c_str(), O_RDWR);
  ASSERT_GE(descriptor, 0);
  char byte = 0;
  ASSERT_EQ(pread(descriptor, &byte, 1, offset), 1);
  byte ^= 0x10;
  ASSERT_EQ(pwrite(descriptor, &byte, 1, offset), 1);
  close(descriptor);
}

TEST(SpillFiles, NoticeDamageAnywhere) {
  for (off_t offset : {0, 9, 13, 20, 30, 40, 60, 4096, 4096 + 4000}) {
    testing::Directory directory;
    SpillFiles files({directory.path()});
    StoredPtr value = stored(1, 1000);
    ASSERT_EQ(value->leave_memory(files).how, Leave::kGone);
    damage(directory.segments().at(0), offset);
    EXPECT_THROW(value->frames(), ValueLost) << offset;
    EXPECT_THROW(value->value(nullptr), ValueLost) << offset;
  }
}

TEST(SpillFiles, NoticeThatAFileIsCutOff) {
  testing::Directory directory;
  SpillFiles files({directory.path()});
  StoredPtr value = stored(1, 100'000);
  ASSERT_EQ(value->leave_memory(files).how, Leave::kGone);
  ASSERT_EQ(truncate(directory.segments().at(0).c_str(), 8192), 0);
  EXPECT_THROW(value->value(nullptr), ValueLost);
}

TEST(SpillRecord, IsReadAsItWasWritten) {
  data::Frames frames{"a header", {data::Buffer::zeroed(10), data::Buffer::allocate(0)}};
  SpillHead head = spill_head(7, frames);
  std::string bytes = encode_spill_head(head);
  EXPECT_EQ(bytes.size(), kSpillBlock);
  SpillHead back = decode_spill_head(bytes.data(), bytes.size()).or_throw();
  EXPECT_EQ(back.number, 7u);
  EXPECT_EQ(back.header, "a header");
  ASSERT_EQ(back.parts.size(), 2u);
  EXPECT_EQ(back.parts[0].bytes, 10u);
  EXPECT_EQ(back.record_bytes(), 2 * kSpillBlock);
}

TEST(StoredValue, StaysWhileItIsPinned) {
  testing::Directory directory;
  SpillFiles files({directory.path()});
  StoredPtr value = stored(1, 1000);
  {
    PinnedValue pin(value);
    EXPECT_EQ(value->leave_memory(files).how, Leave::kKept);
    EXPECT_TRUE(value->in_memory());
  }
  EXPECT_EQ(value->leave_memory(files).how, Leave::kGone);
}

TEST(StoredValue, IsWrittenOnceHoweverOftenItLeaves) {
  testing::Directory directory;
  SpillFiles files({directory.path()});
  StoredPtr value = stored(1, 10'000);
  ASSERT_EQ(value->leave_memory(files).how, Leave::kGone);
  int64_t bytes = files.bytes();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(is_numbers(value->value(nullptr), 1, 10'000));
    EXPECT_EQ(value->leave_memory(files).how, Leave::kGone);
    EXPECT_EQ(files.bytes(), bytes);
  }
}

class Stubborn : public data::ForeignObject {
 public:
  int64_t nbytes() const override { return 1 << 20; }
  std::string type_name() const override { return "stubborn"; }
  data::Frames to_frames() const override { throw base::type_error("it does not pickle"); }
};

TEST(StoredValue, OfAnotherLanguageIsNotTouchedOnTheWayOut) {
  testing::Directory directory;
  SpillFiles files({directory.path()});
  std::shared_ptr<const data::ForeignObject> object = std::make_shared<Stubborn>();
  StoredValue value{data::Value(object), nullptr, 1 << 20};
  EXPECT_EQ(value.leave_memory(files).how, Leave::kForeign);
  EXPECT_THROW(value.frames(true), base::Error);
  EXPECT_EQ(value.leave_memory(files).how, Leave::kFailed) << "it is not asked again";
  EXPECT_TRUE(value.in_memory());
}

TEST(Store, CountsWhatIsInMemory) {
  testing::Directory directory;
  SpillFiles files({directory.path()});
  auto budget = std::make_shared<MemoryBudget>(BudgetLimits{100 * kMiB, 70 * kMiB, 60 * kMiB, 0});
  Store store(budget);
  store.put(task(1), stored(1, kMiB / 8));
  store.put(task(2), stored(2, 2 * kMiB / 8));
  EXPECT_EQ(budget->held(), 3 * kMiB);
  EXPECT_EQ(store.in_memory(2 * kMiB).size(), 1u);
  store.find(task(2))->leave_memory(files);
  EXPECT_EQ(budget->held(), kMiB);
  EXPECT_EQ(store.nbytes(), 3 * kMiB);
  FramesPtr sent = store.find(task(2))->frames();
  EXPECT_EQ(budget->held(), 3 * kMiB) << "what is read to be sent counts while it is there";
  sent = nullptr;
  EXPECT_EQ(budget->held(), kMiB);
  store.find(task(2))->value(nullptr);
  EXPECT_EQ(budget->held(), 3 * kMiB);
  store.take(task(1));
  store.take(task(2));
  EXPECT_EQ(budget->held(), 0);
}

struct Spilling {
  explicit Spilling(int64_t limit, int64_t bytes_max = 0)
      : budget(std::make_shared<MemoryBudget>(
            BudgetLimits{limit, limit * 7 / 10, limit * 6 / 10, 20'000'000})),
        store(budget),
        spiller(
            store, budget, {directory.path(), bytes_max},
            {[this](auto& entries) { order(entries); }, nullptr, [](std::shared_ptr<void>) {}}) {
    budget->attach([this] { spiller.wake(); }, nullptr);
  }
  ~Spilling() {
    budget->detach();
    spiller.stop();
  }
  // Lowest slot first.
  static void order(std::vector<Store::Entry>& entries) {
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  bool settles(int64_t held_max) {
    for (int i = 0; i < 4000 && budget->held() > held_max; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return budget->held() <= held_max;
  }

  testing::Directory directory;
  MemoryBudgetPtr budget;
  Store store;
  Spiller spiller;
};

TEST(Spiller, KeepsMemoryAtTheTargetInTheOrderThatItIsTold) {
  Spilling s(20 * kMiB);
  for (uint32_t i = 0; i < 30; ++i) s.store.put(task(i), stored(i, kMiB / 8));
  ASSERT_TRUE(s.settles(12 * kMiB));
  EXPECT_FALSE(s.store.find(task(0))->in_memory());
  EXPECT_TRUE(s.store.find(task(29))->in_memory());
  EXPECT_GE(s.spiller.facts().bytes, 18 * kMiB);
  for (uint32_t i = 0; i < 30; ++i) {
    EXPECT_TRUE(is_numbers(s.store.find(task(i))->value(nullptr), i, kMiB / 8));
  }
}

TEST(Spiller, MakesRoomForWhatIsReserved) {
  Spilling s(20 * kMiB);
  for (uint32_t i = 0; i < 10; ++i) s.store.put(task(i), stored(i, kMiB / 8));
  std::atomic<bool> cancelled{false};
  EXPECT_TRUE(s.budget->reserve(10 * kMiB, cancelled, "t"));
  EXPECT_LE(s.budget->held(), 4 * kMiB);
}

TEST(Spiller, SaysThatTheDiskIsFull) {
  Spilling s(20 * kMiB, 4 * kMiB);
  for (uint32_t i = 0; i < 20; ++i) s.store.put(task(i), stored(i, kMiB / 8));
  for (int i = 0; i < 4000 && s.spiller.facts().failure.empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_NE(s.spiller.facts().failure.find("limit of 4 MiB"), std::string::npos);
  for (uint32_t i = 0; i < 20; ++i) {
    EXPECT_TRUE(is_numbers(s.store.find(task(i))->value(nullptr), i, kMiB / 8));
  }
}

TEST(Spiller, ServesManyThreads) {
  Spilling s(8 * kMiB);
  constexpr uint32_t kEach = 60;
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (uint32_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (uint32_t i = 0; i < kEach; ++i) {
        uint32_t slot = t * kEach + i;
        int64_t count = 20'000 + 100 * slot;
        s.store.put(task(slot), stored(slot, count));
        uint32_t earlier = t * kEach + i / 2;
        StoredPtr value = s.store.find(task(earlier));
        int64_t size = 20'000 + 100 * earlier;
        if (!value) continue;
        if (i % 3 == 0) wrong += !is_numbers(value->value(nullptr), earlier, size);
        if (i % 3 == 1) wrong += !is_numbers(data::from_frames(*value->frames()), earlier, size);
        if (i % 7 == 6) s.store.take(task(earlier));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(s.settles(8 * kMiB * 6 / 10));
}

}  // namespace
}  // namespace dusk::node
