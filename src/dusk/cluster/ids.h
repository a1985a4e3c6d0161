// Names of the things that scheduler, workers and clients talk about.
//
// A TaskId is a place in the scheduler's table and a generation, so that finding a task is an index
// and a late message about a forgotten task is recognised. Workers and clients are numbered once:
// one that comes back after a lost connection is another one.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>

namespace dusk::cluster {

struct TaskId {
  uint32_t slot = std::numeric_limits<uint32_t>::max();
  uint32_t generation = 0;
  auto operator<=>(const TaskId&) const = default;
  bool valid() const { return slot != std::numeric_limits<uint32_t>::max(); }
  uint64_t packed() const { return (uint64_t{generation} << 32) | slot; }
  static TaskId unpacked(uint64_t bits) {
    return {static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)};
  }
};

struct WorkerId {
  uint32_t value = 0;  // 0 is nobody
  auto operator<=>(const WorkerId&) const = default;
  bool valid() const { return value != 0; }
};

struct ClientId {
  uint32_t value = 0;
  auto operator<=>(const ClientId&) const = default;
};

// What several tasks have in common (a pickled function, an encoded operation), sent to a worker
// once.
struct CodeId {
  uint32_t value = 0;  // 0 is none: the task is data that a client sent
  auto operator<=>(const CodeId&) const = default;
  bool valid() const { return value != 0; }
};

// A client's own name for a task: it counts up from 1 and is never used again, so that a client
// can name a task before the scheduler has heard of it.
using TaskNumber = uint32_t;

// Microseconds of a clock that never goes back. It arrives with every event.
using Time = int64_t;
inline constexpr Time kSecond = 1'000'000;

// What runs first: the user's priority (higher first), then the order of submission, which within
// a graph is the static order.
struct Priority {
  double user = 0;
  uint64_t sequence = 0;
  bool operator==(const Priority&) const = default;
  bool operator<(const Priority& other) const {  // "runs before"
    return user != other.user ? user > other.user : sequence < other.sequence;
  }
};

}  // namespace dusk::cluster

template <>
struct std::hash<dusk::cluster::TaskId> {
  size_t operator()(const dusk::cluster::TaskId& id) const noexcept {
    return id.packed() * 0x9E3779B97F4A7C15ull;
  }
};
template <>
struct std::hash<dusk::cluster::WorkerId> {
  size_t operator()(const dusk::cluster::WorkerId& id) const noexcept { return id.value; }
};
