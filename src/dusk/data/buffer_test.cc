#include "dusk/data/buffer.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "dusk/base/error.h"
#include "dusk/data/ledger.h"
#include "dusk/data/table.h"

namespace dusk::data {
namespace {

TEST(Buffer, IsAlignedWritableAndCounted) {
  int64_t live = Ledger::process().live_bytes();
  for (size_t size : {1, 63, 64, 65, 1000, 4097, 1 << 20, (2 << 20) + 1}) {
    BufferPtr buffer = Buffer::allocate(size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % kBufferAlignment, 0u);
    EXPECT_EQ(buffer->size(), size);
    std::memset(buffer->data(), 0xAB, size);
    int64_t held = Ledger::process().live_bytes() - live;
    EXPECT_GE(held, static_cast<int64_t>(size));
    EXPECT_LE(held, static_cast<int64_t>(std::max<size_t>(size + size / 4, 64) + 64));
  }
  EXPECT_EQ(Ledger::process().live_bytes(), live);
}

TEST(Buffer, ComesBackFromThePool) {
  pool::trim();
  const std::byte* block = nullptr;
  {
    BufferPtr buffer = Buffer::allocate(100'000);
    block = buffer->data();
  }
  EXPECT_GE(pool::free_bytes(), 100'000u);
  EXPECT_EQ(Buffer::allocate(100'000)->data(), block);
  pool::trim();
  EXPECT_EQ(pool::free_bytes(), 0u);
}

TEST(Buffer, OfNoBytesIsFine) {
  int64_t live = Ledger::process().live_bytes();
  BufferPtr buffer = Buffer::allocate(0);
  EXPECT_EQ(buffer->size(), 0u);
  EXPECT_FALSE(buffer->foreign());
  EXPECT_EQ(Ledger::process().live_bytes(), live);
}

TEST(Buffer, KeepsForeignMemoryAliveWithoutCountingIt) {
  auto owner = std::make_shared<std::vector<char>>(1000, 'x');
  std::weak_ptr<std::vector<char>> watch = owner;
  int64_t live = Ledger::process().live_bytes();
  BufferPtr buffer = Buffer::wrap(owner->data(), owner->size(), owner);
  owner.reset();
  EXPECT_FALSE(watch.expired());
  EXPECT_TRUE(buffer->foreign());
  EXPECT_EQ(Ledger::process().live_bytes(), live);
  buffer.reset();
  EXPECT_TRUE(watch.expired());
}

TEST(Buffer, RefusesWhatTheSystemDoesNotHave) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "sanitizers end the process on such requests";
#endif
  int64_t live = Ledger::process().live_bytes();
  size_t pooled = pool::free_bytes();
  for (size_t size : {size_t{1} << 46, size_t{1} << 48, SIZE_MAX}) {
    EXPECT_THROW(Buffer::allocate(size), base::Error);
    EXPECT_EQ(Ledger::process().live_bytes(), live) << "what was refused is counted";
    EXPECT_EQ(pool::free_bytes(), pooled) << "what was refused went to the pool";
  }
}

TEST(Pool, KeepsNoMoreThanItsLimit) {
  pool::trim();
  pool::set_free_limit(1 << 20);
  {
    std::vector<BufferPtr> many;
    for (int i = 0; i < 100; ++i) many.push_back(Buffer::allocate(100'000));
  }
  EXPECT_LE(pool::free_bytes(), size_t{1} << 20);
  pool::set_free_limit(size_t{2} << 30);
  pool::trim();
}

TEST(Pool, ServesManyThreads) {
  int64_t live = Ledger::process().live_bytes();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      std::vector<BufferPtr> held;
      for (int i = 0; i < 2000; ++i) {
        BufferPtr b = Buffer::allocate(static_cast<size_t>(64 + (i * 37 + t) % 5000));
        std::memset(b->data(), t, b->size());
        if (i % 3 == 0) held.push_back(b);
        for (size_t k = 0; k < b->size(); ++k) {
          ASSERT_EQ(b->data()[k], std::byte(t)) << "a block was handed out twice";
        }
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(Ledger::process().live_bytes(), live);
}

TEST(ArrowPool, CountsInTheLedgerAndGivesAllBack) {
  int64_t live = Ledger::process().live_bytes();
  {
    arrow::Int64Builder builder(arrow_pool());
    for (int64_t i = 0; i < 100'000; ++i) ASSERT_TRUE(builder.Append(i).ok());
    auto array = builder.Finish().ValueOrDie();
    EXPECT_GE(Ledger::process().live_bytes() - live, 800'000);
    EXPECT_EQ(static_cast<const arrow::Int64Array&>(*array).Value(99'999), 99'999);
    EXPECT_TRUE(array->ValidateFull().ok());
  }
  EXPECT_EQ(Ledger::process().live_bytes(), live);
  EXPECT_EQ(arrow_pool()->bytes_allocated(), 0);
}

TEST(ArrowBuffer, IsTheSameMemoryBothWays) {
  BufferPtr buffer = Buffer::allocate(100);
  auto arrow = to_arrow_buffer(buffer);
  EXPECT_EQ(reinterpret_cast<const std::byte*>(arrow->data()), buffer->data());
  EXPECT_EQ(from_arrow_buffer(arrow), buffer);
  std::shared_ptr<arrow::Buffer> other = arrow::Buffer::FromString("hello");
  const uint8_t* data = other->data();
  BufferPtr wrapped = from_arrow_buffer(std::move(other));
  EXPECT_EQ(reinterpret_cast<const uint8_t*>(wrapped->data()), data);
  EXPECT_EQ(std::memcmp(wrapped->data(), "hello", 5), 0);
}

}  // namespace
}  // namespace dusk::data
