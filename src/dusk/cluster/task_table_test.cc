// The scheduler's tables against the standard library's maps, step by step from a seed.
#include "dusk/cluster/task_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "dusk/cluster/load_index.h"
#include "dusk/cluster/number_table.h"
#include "dusk/cluster/task_set.h"

namespace dusk::cluster {
namespace {

TEST(TaskTable, BehavesLikeAMap) {
  std::mt19937 random(3);
  TaskTable table;
  std::map<std::string, TaskId> expected;
  std::vector<TaskId> forgotten;
  for (int step = 0; step < 50'000; ++step) {
    // Grows for a while, shrinks for a while.
    bool add = random() % 100 < (step / 5000 % 2 ? 30u : 70u);
    std::string key = "key-" + std::to_string(random() % 4000);
    auto known = expected.find(key);
    if (add && known == expected.end()) {
      Task& task = table.create(key);
      EXPECT_EQ(task.kind(), TaskState::kReleased);
      expected.emplace(key, task.id);
    } else if (!add && known != expected.end()) {
      forgotten.push_back(known->second);
      table.erase(known->second);
      expected.erase(known);
    }
    ASSERT_EQ(table.size(), expected.size());
    const Task* found = table.find(key);
    known = expected.find(key);
    ASSERT_EQ(found != nullptr, known != expected.end());
    if (found) {
      ASSERT_EQ(found->key, key);
      ASSERT_EQ(table.find(known->second), found);
    }
  }
  for (TaskId id : forgotten) EXPECT_EQ(table.find(id), nullptr);
  size_t visited = 0;
  table.for_each([&](const Task& task) { visited += expected.at(task.key) == task.id; });
  EXPECT_EQ(visited, expected.size());
  EXPECT_EQ(table.find(TaskId{}), nullptr);
}

TEST(TaskTable, RecordsDoNotMove) {
  TaskTable table;
  Task* first = &table.create("first");
  for (int i = 0; i < 10'000; ++i) table.create(std::to_string(i));
  EXPECT_EQ(table.find("first"), first);
}

TEST(NumberTable, FindsVisitsAndForgets) {
  NumberTable table;
  std::map<TaskNumber, TaskId> expected;
  std::mt19937 random(4);
  for (uint32_t step = 0; step < 20'000; ++step) {
    auto number = static_cast<TaskNumber>(random() % 3 ? random() % 1000 : random());
    if (expected.emplace(number, TaskId{step, 0}).second) {
      EXPECT_FALSE(table.contains(number));
      table.insert(number, {step, 0});
    } else {
      EXPECT_EQ(table.find(number), expected.at(number));
      table.erase(number);
      table.erase(number);  // once more does nothing
      expected.erase(number);
    }
  }
  std::vector<std::pair<TaskNumber, TaskId>> visited;
  table.for_each([&](TaskNumber number, TaskId id) { visited.emplace_back(number, id); });
  EXPECT_EQ(visited,
            (std::vector<std::pair<TaskNumber, TaskId>>(expected.begin(), expected.end())));
  for (auto [number, id] : visited) table.erase(number);
  EXPECT_TRUE(table.empty());
}

TEST(TaskSet, KnowsGenerations) {
  TaskSet set;
  set.insert({5, 1});
  set.insert({5, 1});
  EXPECT_EQ(set.size(), 1u);
  EXPECT_FALSE(set.contains({5, 0}));
  EXPECT_FALSE(set.contains({9, 0}));
  set.erase({5, 0});
  EXPECT_TRUE(set.contains({5, 1}));
  set.insert({5, 2});  // the slot's new tenant
  EXPECT_EQ(set.size(), 1u);
  set.erase({5, 2});
  EXPECT_TRUE(set.empty());
}

TEST(LoadIndex, NamesTheLeastLoaded) {
  LoadIndex index;
  std::map<WorkerId, double> loads;
  std::mt19937 random(5);
  for (int step = 0; step < 20'000; ++step) {
    WorkerId worker{static_cast<uint32_t>(1 + random() % 50)};
    if (random() % 10 == 0) {
      index.remove(worker);
      loads.erase(worker);
    } else {
      auto load = static_cast<double>(random() % 20);
      index.set(worker, load);
      loads[worker] = load;
    }
    ASSERT_EQ(index.size(), loads.size());
    EXPECT_EQ(index.contains(worker), loads.count(worker) == 1);
    if (loads.empty()) continue;
    auto least = std::min_element(loads.begin(), loads.end(),
                                  [](const auto& a, const auto& b) { return a.second < b.second; });
    ASSERT_EQ(index.least(), least->first);
  }
}

}  // namespace
}  // namespace dusk::cluster
