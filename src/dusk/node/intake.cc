#include "dusk/node/intake.h"

#include <algorithm>
#include <vector>

#include "dusk/base/clock.h"

namespace dusk::node {
namespace {

constexpr int64_t kFree = 64 << 10;  // bytes of a message that is not worth the question

int64_t now_us() { return base::now_ns() / 1000; }

}  // namespace

bool Intake::ask(const net::ConnectionPtr& connection, int64_t bytes) {
  if (bytes < kFree) return true;
  std::optional<MemoryCharge> granted = budget_->try_reserve(bytes, paused_);
  Entry& entry = entries_[connection.get()];
  entry.connection = connection;
  if (granted) {
    entry.granted = std::move(*granted);
    entry.refused = 0;
    return true;
  }
  if (entry.refused == 0) entry.since = now_us();
  entry.refused = bytes;
  return false;
}

MemoryCharge Intake::arrived(const net::ConnectionPtr& connection) {
  auto found = entries_.find(connection.get());
  if (found == entries_.end()) return {};
  MemoryCharge granted = std::move(found->second.granted);
  entries_.erase(found);
  return granted;
}

void Intake::gone(const net::Connection* connection) {
  entries_.erase(connection);
  bool waiting = std::any_of(entries_.begin(), entries_.end(),
                             [](const auto& entry) { return entry.second.refused > 0; });
  if (!waiting) budget_->withdraw();
}

void Intake::retry() {
  for (auto& [key, entry] : entries_) {
    if (entry.refused > 0) entry.connection->resume();
  }
}

void Intake::give_up(int64_t patience_us) {
  int64_t now = now_us();
  int64_t freed_at = budget_->freed_at();
  std::vector<std::pair<net::ConnectionPtr, int64_t>> hopeless;
  for (auto& [key, entry] : entries_) {
    if (entry.refused > 0 && now - std::max(entry.since, freed_at) >= patience_us) {
      hopeless.emplace_back(entry.connection, entry.refused);
    }
  }
  for (auto& [connection, bytes] : hopeless) {
    connection->close("the worker's memory is full: there is no room for " +
                      std::to_string(bytes >> 20) + " MiB more, and nothing that could make some");
  }
}

}  // namespace dusk::node
