// What a client's numbers stand for.
//
// Numbers count up and live for about as long as their neighbours: pages of them, 8 bytes a task.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include "dusk/cluster/ids.h"

namespace dusk::cluster {

class NumberTable {
 public:
  // Invalid when the number stands for nothing.
  TaskId find(TaskNumber number) const {
    auto page = pages_.find(number / kPage);
    return page == pages_.end() ? TaskId{} : page->second->ids[number % kPage];
  }
  bool contains(TaskNumber number) const { return find(number).valid(); }
  // REQUIRES: task.valid(), and the number is not here.
  void insert(TaskNumber number, TaskId task) {
    std::unique_ptr<Page>& page = pages_[number / kPage];
    if (!page) page = std::make_unique<Page>();
    page->ids[number % kPage] = task;
    ++page->used;
  }
  // Does nothing when the number is not here.
  void erase(TaskNumber number) {
    auto page = pages_.find(number / kPage);
    if (page == pages_.end()) return;
    TaskId& id = page->second->ids[number % kPage];
    if (!id.valid()) return;
    id = {};
    if (--page->second->used == 0) pages_.erase(page);
  }
  bool empty() const { return pages_.empty(); }

  // In rising order of the numbers.
  template <class Visit>
  void for_each(Visit&& visit) const {
    std::vector<uint32_t> order;
    for (const auto& [at, page] : pages_) order.push_back(at);
    std::sort(order.begin(), order.end());
    for (uint32_t at : order) {
      const Page& page = *pages_.at(at);
      for (uint32_t i = 0; i < kPage; ++i) {
        if (page.ids[i].valid()) visit(TaskNumber{at * kPage + i}, page.ids[i]);
      }
    }
  }

 private:
  static constexpr uint32_t kPage = 128;
  struct Page {
    std::array<TaskId, kPage> ids;
    uint32_t used = 0;
  };
  std::unordered_map<uint32_t, std::unique_ptr<Page>> pages_;  // by number / kPage
};

}  // namespace dusk::cluster
