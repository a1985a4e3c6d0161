// What happens in a simulated world: tasks, and what users and fate do, as plain data.
//
// A plan is made from a seed (workload.h, faults.h), can be made smaller (shrink.h) and is text, so
// that a test can hold it. Everything else in a world (delays, durations) follows from the plan's
// seed and from who does what for the how many-th time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/event_queue.h"

namespace dusk::sim {

// What a task does wherever it runs. Counts are of executions of the task, in order; -1: all.
struct TaskSpec {
  std::vector<uint32_t> inputs;  // earlier tasks
  int64_t nbytes = 8;            // of its result
  Time duration = 1000;
  int64_t priority = 0;
  int64_t retries = 0;
  int64_t failures = 0;     // that raise
  int64_t kills = 0;        // that end the worker's process
  int64_t reschedules = 0;  // that ask for another worker
  int64_t secedes = 0;      // 1: leaves its thread, 2: and comes back
  int64_t unsendable = 0;   // 1: its result cannot be serialised
  int64_t gpus = 0;         // of the resource "GPU"
  int64_t only = -1;        // the slot whose worker may run it
  int64_t others = 0;       // 1: other workers as well, when that one is not there
  int64_t foreign = 0;      // 1: in a language that workers of odd slots do not have
};

// Tasks that are foreign have a code of their own, which half of the slots cannot run.
inline constexpr uint32_t kForeignCode = 4;
inline bool knows_foreign(uint32_t slot) { return slot % 2 == 0; }

enum class OpKind : uint8_t {
  kStart,      // slot who: a worker of `what` threads and `amount` GPUs
  kKill,       // slot who: its process dies; started again after `amount` (0: never)
  kCut,        // slot who: its connection breaks; the process ends (what 0) or comes back with its
               // results (what 1) after `amount`
  kCutPeers,   // slots who and what: connections between them break
  kFreeze,     // slot who: stopped for `amount`
  kPause,      // slot who: memory is full for `amount`
  kPartition,  // slots from who, `what` of them: cut off for |amount|; < 0: connections break
  kFillDisk,   // slot who: results cannot be kept for `amount`
  kFull,       // slots from who, `what` of them: memory and disk are full for |amount|; < 0: or
               // until half of what they hold is let go
  kDamage,     // slot who: one in `what` of the values that it keeps cannot be read any more
  kSlow,       // slot who: tasks take `amount` percent
  kSkew,       // slot who: says that tasks took `amount` percent
  kConnect,    // client who: comes
  kSubmit,     // client who: task `what` and everything below it; amount 1: wants its value
  kRelease,    // client who: its future of `what`
  kCancel,     // client who: its future of `what`; amount 1: force
  kRetry,      // client who: its future of `what`
  kGather,     // client who: the value of `what`
  kScatter,    // client who: data `what` to `amount` workers
  kWhole,      // client who: a joined future of what it holds, `amount` parts from `what`
  kReplicate,  // client who: its future of `what` to `amount` workers
  kRebalance,  // client who
  kRetire,     // client who: the worker of slot `what`
  kRestart,    // client who
  kLeave,      // client who: goes away without a word
};
inline constexpr size_t kOpKinds = 25;
std::string_view to_string(OpKind kind);

struct Op {
  Time at = 0;
  OpKind kind = OpKind::kStart;
  uint32_t who = 0;
  uint32_t what = 0;
  int64_t amount = 0;
};

struct Config {
  uint64_t seed = 0;
  int64_t delay = 1000;   // microseconds that a message takes, at most
  int64_t spike = 0;      // of one in fifty: this much more
  int64_t nanny = 50000;  // microseconds until a process that died by itself is there again
  int64_t allowed_failures = 3;
  int64_t worker_ttl = 300 * kSecond;
  int64_t prefill_max = 1024;
  int64_t saturation = 110;  // percent
  int64_t inline_max = 4096;
  int64_t fetch_batch = int64_t{64} << 20;
  int64_t fetches_max = 16;
  int64_t memory_limit = int64_t{1} << 30;  // bytes of one result that a worker takes
  int64_t validate_every = 1;               // steps
};

struct Plan {
  Config config;
  std::vector<TaskSpec> tasks;
  std::vector<Op> ops;  // in the order of `at`
};

// One line an entry; fields that have their usual value are left out, and plain tasks before
// others.
std::string to_text(const Plan& plan);
// Throws base::Error for what to_text() does not write.
Plan parse_plan(std::string_view text);

std::string key_of(uint32_t task);
uint32_t task_of_key(std::string_view key);

// The value of a task: a number made of its place and its inputs' values.
uint64_t combine(uint32_t task, const std::vector<uint64_t>& inputs);
std::vector<uint64_t> values_of(const Plan& plan);

// [task][other]: other is the task itself or something that it is made from.
std::vector<std::vector<bool>> makings_of(const Plan& plan);

}  // namespace dusk::sim
