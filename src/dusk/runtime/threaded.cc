#include "dusk/runtime/threaded.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "dusk/base/clock.h"
#include "dusk/base/cpu.h"
#include "dusk/runtime/memory_gate.h"
#include "dusk/runtime/task_deque.h"
#include "dusk/runtime/task_state.h"
#include "dusk/runtime/worker_pool.h"

namespace dusk::runtime {
namespace {

using graph::TaskId;
using std::chrono::milliseconds;

constexpr TaskId kNone = UINT32_MAX;
constexpr milliseconds kPollPeriod{20};
constexpr milliseconds kGatePeriod{5};
constexpr milliseconds kPatience{50};
constexpr int kSpins = 64;

// One seat's own things.
struct alignas(64) Seat {
  TaskDeque deque;
  std::vector<data::Value> inputs;
  std::vector<TaskId> ready;
  uint64_t finished = 0;  // not yet told to remaining_
};

class Run : public Crew {
 public:
  Run(const graph::TaskGraph& graph, const RunOptions& options, int seats)
      : graph_(graph),
        observer_(options.observer),
        states_(graph),
        gate_(graph, options.memory_limit),
        seats_(static_cast<size_t>(seats)),
        keep_(options.keep),
        surrounding_(surrounding_cancellation()),
        remaining_(graph.size()) {
    for (TaskId t = 0; t < graph.size(); ++t) {
      if (graph.inputs_of(t).empty()) roots_.push_back(t);
    }
    auto earlier = [&](TaskId a, TaskId b) { return graph.priority[a] < graph.priority[b]; };
    if (!std::is_sorted(roots_.begin(), roots_.end(), earlier)) {
      std::sort(roots_.begin(), roots_.end(), earlier);
    }
  }

  void work(int seat) override {
    Seat& own = seats_[static_cast<size_t>(seat)];
    TaskId t = kNone;
    while (find(own, seat, &t)) {
      while (t != kNone) t = execute(own, seat, t);
    }
  }

  // Returns when all tasks are done or the run was stopped.
  void wait(const std::function<std::unique_ptr<base::Error>()>& poll) {
    std::unique_lock lock(mutex_);
    while (!over()) {
      if (!poll) {
        over_.wait(lock, [&] { return over(); });
        continue;
      }
      if (over_.wait_for(lock, kPollPeriod, [&] { return over(); })) break;
      lock.unlock();
      if (auto error = poll()) {
        interrupted_ = true;
        stop(*error);
      }
      lock.lock();
    }
  }

  bool interrupted() const { return interrupted_; }

  // REQUIRES: nobody works here any more, or interrupted().
  base::Result<std::vector<data::Value>> result() {
    std::lock_guard lock(mutex_);
    if (error_) return *error_;
    return states_.take_outputs();
  }

 private:
  bool over() const { return remaining_.load() == 0 || stopped_.load(); }

  // The next task for a seat, by who it helps most: what it made ready itself, what another did,
  // then a new root. Waits while there may be something later; false when the run is over.
  bool find(Seat& own, int seat, TaskId* t) {
    for (int spins = 0;; ++spins) {
      if (stopped_.load(std::memory_order_relaxed)) return false;
      if (own.deque.pop(t) || steal(seat, t)) {
        if (gate_.on()) gate_.start(*t);
        return true;
      }
      if (take_root(t)) return true;
      if (report(own)) return false;
      if (spins < kSpins) {
        __builtin_ia32_pause();
        continue;
      }
      if (!sleep()) return false;
    }
  }

  bool steal(int seat, TaskId* t) {
    size_t n = seats_.size();
    for (size_t i = 1; i < n; ++i) {
      TaskDeque& deque = seats_[(static_cast<size_t>(seat) + i) % n].deque;
      while (!deque.maybe_empty()) {
        if (deque.steal(t)) return true;
      }
    }
    return false;
  }

  bool take_root(TaskId* t) {
    if (next_root_.load(std::memory_order_relaxed) >= roots_.size()) return false;
    if (!gate_.on()) {
      size_t at = next_root_.fetch_add(1, std::memory_order_relaxed);
      if (at >= roots_.size()) return false;
      *t = roots_[at];
      return true;
    }
    std::lock_guard lock(gate_mutex_);
    size_t at = next_root_.load(std::memory_order_relaxed);
    if (at >= roots_.size() || !gate_.admit(roots_[at])) return false;
    next_root_.store(at + 1, std::memory_order_relaxed);
    *t = roots_[at];
    return true;
  }

  // True when that was the last of all tasks.
  bool report(Seat& own) {
    if (own.finished == 0) return remaining_.load(std::memory_order_acquire) == 0;
    uint64_t mine = own.finished;
    own.finished = 0;
    if (remaining_.fetch_sub(mine, std::memory_order_acq_rel) != mine) return false;
    announce_end();
    return true;
  }

  bool work_in_sight() const {
    for (const Seat& s : seats_) {
      if (!s.deque.maybe_empty()) return true;
    }
    return !gate_.on() && next_root_.load() < roots_.size();
  }

  // Until somebody pushed work or the run is over; false for the latter.
  bool sleep() {
    std::unique_lock lock(mutex_);
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
    if (!over() && !work_in_sight()) {
      if (gate_.on()) {
        work_.wait_for(lock, kGatePeriod);
      } else {
        work_.wait(lock, [&] { return over() || work_in_sight(); });
      }
    }
    sleepers_.fetch_sub(1, std::memory_order_seq_cst);
    return !over();
  }

  void wake() {
    if (sleepers_.load(std::memory_order_seq_cst) == 0) return;
    std::lock_guard lock(mutex_);
    work_.notify_all();
  }

  void announce_end() {
    std::lock_guard lock(mutex_);
    work_.notify_all();
    over_.notify_all();
  }

  void stop(const base::Error& error) {
    std::lock_guard lock(mutex_);
    if (!error_) error_.emplace(error);
    stopped_.store(true);
    work_.notify_all();
    over_.notify_all();
  }

  // Runs `t`; returns the task to run next, if its end made one ready.
  TaskId execute(Seat& own, int seat, TaskId t) {
    if (surrounding_ && surrounding_->load(std::memory_order_relaxed)) {
      stop({base::ErrorKind::kCancelled, "the surrounding run has ended"});
    }
    if (stopped_.load(std::memory_order_relaxed)) return kNone;
    own.inputs.clear();
    states_.gather(t, own.inputs, [&](TaskId input) {
      if (gate_.on()) gate_.release(input);
    });
    int64_t start = 0;
    if (observer_) {
      start = base::now_ns();
      observer_->task_started(t, seat, start);
    }
    // Nested runs work on this thread too, with seats of their own.
    auto result = run_task(graph_, t, own.inputs, &stopped_);
    own.inputs.clear();
    if (!result.ok()) {
      stop(result.error());
      return kNone;
    }
    keep(own, seat, t, start, std::move(result).value());
    return next_of(own, t);
  }

  void keep(Seat& own, int seat, TaskId t, int64_t start, data::Value value) {
    int64_t bytes = observer_ || gate_.on() ? value.nbytes() : 0;
    bool used = states_[t].uses.load(std::memory_order_relaxed) > 0;
    if (used) states_[t].value = std::move(value);
    if (gate_.on()) {
      gate_.finish(t, used ? bytes : 0);
      wake();
    }
    ++own.finished;
    if (observer_) observer_->task_finished(t, seat, start, base::now_ns(), bytes);
  }

  TaskId next_of(Seat& own, TaskId t) {
    TaskId next = kNone;
    own.ready.clear();
    for (TaskId consumer : graph_.consumers_of(t)) {
      std::atomic<uint32_t>& missing = states_[consumer].missing;
      // The last input to come need not tell anybody else.
      if (missing.load(std::memory_order_acquire) != 1 &&
          missing.fetch_sub(1, std::memory_order_acq_rel) != 1) {
        continue;
      }
      if (next == kNone) {
        next = consumer;
      } else {
        own.ready.push_back(consumer);
      }
    }
    if (!own.ready.empty()) next = push_ready(own, next);
    if (next != kNone && gate_.on()) gate_.start(next);
    return next;
  }

  TaskId push_ready(Seat& own, TaskId next) {
    auto later = [&](TaskId a, TaskId b) { return graph_.priority[a] > graph_.priority[b]; };
    own.ready.push_back(next);
    if (!std::is_sorted(own.ready.begin(), own.ready.end(), later)) {
      std::sort(own.ready.begin(), own.ready.end(), later);
    }
    next = own.ready.back();
    own.ready.pop_back();
    for (TaskId t : own.ready) own.deque.push(t);
    wake();
    return next;
  }

  const graph::TaskGraph& graph_;
  Observer* const observer_;
  TaskStates states_;
  MemoryGate gate_;
  std::vector<Seat> seats_;
  const std::shared_ptr<const void> keep_;
  const std::atomic<bool>* const surrounding_;  // of the task that this run is part of, or null
  std::vector<TaskId> roots_;                   // by priority
  std::atomic<size_t> next_root_{0};
  std::mutex gate_mutex_;  // taking a root while the gate is on

  std::atomic<uint64_t> remaining_;  // tasks that no seat has reported
  std::atomic<bool> stopped_{false};
  std::atomic<int> sleepers_{0};
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable over_;
  std::optional<base::Error> error_;  // guarded by mutex_
  bool interrupted_ = false;          // by poll; the waiting thread's own
};

}  // namespace

base::Result<std::vector<data::Value>> run_threaded(const graph::TaskGraph& graph,
                                                    const RunOptions& options) {
  int seats = options.num_threads > 0 ? options.num_threads : base::cpu_count();
  auto run = std::make_shared<Run>(graph, options, seats);
  WorkerPool& pool = WorkerPool::process();
  if (WorkerPool::on_pool_thread()) {
    pool.offer(run, 1, seats, false);
    run->work(0);
  } else {
    pool.offer(run, 0, seats, true);
    run->wait(options.poll);
  }
  bool abandon = run->interrupted() && options.keep;
  pool.dismiss(*run, abandon ? kPatience : milliseconds(-1));
  return run->result();
}

}  // namespace dusk::runtime
