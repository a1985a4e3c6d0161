// What is granted, what waits, and what is refused.
#include "dusk/node/memory_budget.h"

#include <gtest/gtest.h>

#include <thread>

#include "dusk/base/error.h"

namespace dusk::node {
namespace {

constexpr int64_t kMiB = 1 << 20;
const std::atomic<bool> kWanted{false};

MemoryBudgetPtr budget(int64_t patience_us = 20'000'000) {
  return std::make_shared<MemoryBudget>(
      BudgetLimits{100 * kMiB, 70 * kMiB, 60 * kMiB, patience_us});
}

TEST(MemoryBudget, WithoutALimitGrantsAll) {
  auto open = std::make_shared<MemoryBudget>(BudgetLimits{});
  MemoryCharge held = open->charge(int64_t{1} << 50);
  EXPECT_TRUE(open->reserve(int64_t{1} << 50, kWanted, "t"));
  EXPECT_TRUE(open->try_reserve(int64_t{1} << 50, true));
  EXPECT_EQ(open->excess(), 0);
}

TEST(MemoryBudget, CountsUntilAChargeGoes) {
  auto b = budget();
  {
    MemoryCharge values = b->charge(10 * kMiB);
    auto result = b->reserve(20 * kMiB, kWanted, "t");
    EXPECT_EQ(b->held(), 10 * kMiB);
    EXPECT_EQ(b->reserved(), 20 * kMiB);
    MemoryCharge moved = std::move(values);
    EXPECT_EQ(b->held(), 10 * kMiB);
  }
  EXPECT_EQ(b->held(), 0);
  EXPECT_EQ(b->reserved(), 0);
}

TEST(MemoryBudget, WhatCanNeverFitIsRefusedAtOnceWithTheArithmetic) {
  auto b = budget();
  try {
    b->reserve(101 * kMiB, kWanted, "('x', 3)");
    FAIL() << "it was granted";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::kMemory);
    std::string text = error.what();
    EXPECT_NE(text.find("('x', 3)"), std::string::npos) << text;
    EXPECT_NE(text.find("101.0 MiB"), std::string::npos) << text;
    EXPECT_NE(text.find("100.0 MiB"), std::string::npos) << text;
  }
}

TEST(MemoryBudget, AReservationWaitsForRoom) {
  auto b = budget();
  auto first = b->reserve(50 * kMiB, kWanted, "first");
  std::atomic<bool> granted{false};
  std::thread other([&] {
    auto second = b->reserve(50 * kMiB, kWanted, "second");
    granted = second.has_value();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(granted);
  first.reset();
  other.join();
  EXPECT_TRUE(granted);
}

TEST(MemoryBudget, AsksForReliefAndGoesOnWhenThereIsNoMore) {
  auto b = budget();
  MemoryCharge values = b->charge(50 * kMiB);
  std::atomic<int> pressed{0};
  b->attach([&] { ++pressed; }, nullptr);
  std::atomic<bool> granted{false};
  std::thread other([&] { granted = b->reserve(40 * kMiB, kWanted, "t").has_value(); });
  while (pressed == 0) std::this_thread::yield();
  EXPECT_EQ(b->excess(), 20 * kMiB);
  EXPECT_FALSE(granted) << "nobody has looked for room yet";
  b->relief_begins();
  b->relief_ends("the disk is full");
  other.join();
  EXPECT_TRUE(granted) << "nobody else has a reservation, and it is under the limit";
  b->detach();
}

TEST(MemoryBudget, NeverGoesBeyondTheLimit) {
  auto b = budget(50'000);
  MemoryCharge values = b->charge(70 * kMiB);
  b->attach(
      [&] {
        std::thread([b] {
          b->relief_begins();
          b->relief_ends("the disk is full");
        }).detach();
      },
      nullptr);
  try {
    b->reserve(40 * kMiB, kWanted, "t");
    FAIL() << "it was granted";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::kMemory);
    EXPECT_NE(std::string(error.what()).find("the disk is full"), std::string::npos);
  }
  b->detach();
}

TEST(MemoryBudget, WhoIsNotWantedStopsWaiting) {
  auto b = budget();
  MemoryCharge values = b->charge(70 * kMiB);
  std::atomic<bool> cancelled{false};
  std::atomic<bool> granted{true};
  std::thread other([&] { granted = b->reserve(40 * kMiB, cancelled, "t").has_value(); });
  cancelled = true;
  b->interrupt();
  other.join();
  EXPECT_FALSE(granted);
  EXPECT_EQ(b->excess(), 10 * kMiB) << "only what is above the target";
}

TEST(MemoryBudget, TellsWhoWasRefusedWhenThereIsRoom) {
  auto b = budget();
  std::atomic<int> told{0};
  b->attach(nullptr, [&] { ++told; });
  {
    MemoryCharge values = b->charge(60 * kMiB);
    EXPECT_FALSE(b->try_reserve(20 * kMiB, false));
    EXPECT_EQ(told, 0);
  }
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(b->try_reserve(20 * kMiB, true)) << "paused";
  EXPECT_TRUE(b->try_reserve(20 * kMiB, false));
  b->detach();
}

}  // namespace
}  // namespace dusk::node
