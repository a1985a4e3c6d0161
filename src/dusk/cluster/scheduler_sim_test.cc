// The scheduler under scripted workers, a slow network and faults, from seeds.
//
// Workers here keep to the protocol and nothing else: they start, finish, fail, give back, fetch,
// pause, die and join at random. Messages of one connection arrive in order, after any delay. What
// is checked: every invariant after every step, every result that a client wants arrives with its
// right value, failures only of tasks that fail, and nothing is stuck once faults have ended.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <random>
#include <set>

#include "dusk/cluster/scheduler.h"

namespace dusk::cluster {
namespace {

std::vector<WorkerId> listed(std::span<const WorkerId> ids) { return {ids.begin(), ids.end()}; }

struct Faults {
  double death = 0;     // of a worker, a second
  double missing = 0;   // of a fetch that finds nobody
  double failure = 0;   // of a task's first attempt (tasks have retries)
  double pause = 0;     // of a worker, a second
  double delay_ms = 1;  // of a message, at most
};

// What a task computes: a number made of its key and its inputs' numbers.
uint64_t mix(uint64_t a, uint64_t b) {
  a ^= b + 0x9E3779B97F4A7C15ull + (a << 6) + (a >> 2);
  return a * 0xBF58476D1CE4E5B9ull;
}

class Simulation {
 public:
  Simulation(uint64_t seed, Faults faults) : random_(seed), faults_(faults), state_(options()) {}

  void add_worker(bool gpu = false) {
    WorkerId id{++last_worker_};
    Worker& worker = workers_[id];
    worker.threads = 1 + static_cast<int>(below(3));
    WorkerJoined joined;
    joined.info.id = id;
    joined.info.threads = worker.threads;
    joined.info.address = "w" + std::to_string(id.value);
    if (gpu || below(3) == 0) joined.info.resources["GPU"] = 1;
    to_scheduler(id.value, joined);
  }

  // A random graph of one client; `wanted` of its last tasks are futures.
  void submit(int tasks, int wanted) {
    ClientAsked asked;
    asked.client = {1};
    if (numbers_ == 0) to_scheduler(0, ClientJoined{{1}, "client"});
    for (uint32_t code = 1; code <= 3; ++code) {
      asked.requests.push_back(SubmitCode{code, {0, code}, "f" + std::to_string(code), nullptr});
    }
    for (int i = 0; i < tasks; ++i) {
      SubmitTask task;
      task.number = ++numbers_;
      task.key = "task-" + std::to_string(task.number);
      task.code = 1 + static_cast<uint32_t>(below(3));
      task.wanted = i >= tasks - wanted;
      uint64_t value = task.number;
      std::set<TaskNumber> inputs;
      for (size_t n = i == 0 ? 0 : below(4); n > 0; --n) {
        size_t back = 1 + below(std::min<size_t>(static_cast<size_t>(i), 20));
        inputs.insert(task.number - static_cast<TaskNumber>(back));
      }
      task.dependencies.assign(inputs.begin(), inputs.end());
      for (TaskNumber n : inputs) value ^= oracle_.at(n);
      oracle_[task.number] = mix(value, task.number);
      auto needs = std::make_shared<Requirements>();
      needs->retries = 100;
      if (below(20) == 0) needs->resources["GPU"] = 1;
      task.requirements = needs;
      if (task.wanted) open_.insert(task.number);
      asked.requests.push_back(std::move(task));
    }
    asked.requests.push_back(SubmitEnd{});
    to_scheduler(0, std::move(asked));
  }

  void run_for(double seconds) {
    Time end = now_ + static_cast<Time>(seconds * kSecond);
    while (now_ < end) {
      Time next = events_.empty() ? end : events_.top().when;
      if (next > end) next = end;
      faults(next - now_);
      now_ = next;
      while (!events_.empty() && events_.top().when <= now_) {
        auto action = std::move(const_cast<Event&>(events_.top()).action);
        events_.pop();
        action();
      }
    }
  }
  void end_faults() {
    faults_ = {0, 0, 0, 0, faults_.delay_ms};
    for (auto& [id, worker] : workers_) {
      if (worker.paused) set_paused(id, worker, false);
    }
  }
  void kill_one() {
    if (workers_.size() < 2) return;
    auto victim = workers_.begin();
    std::advance(victim, static_cast<long>(below(workers_.size())));
    kill(victim->first);
    add_worker();
  }
  void retire(WorkerId worker) {
    ClientAsked asked{{1}, {}};
    asked.requests.push_back(RetireWorker{worker});
    to_scheduler(0, std::move(asked));
  }
  void release_finished() {
    ClientAsked asked{{1}, {}};
    for (TaskNumber number : done_) asked.requests.push_back(ReleaseTask{number});
    done_.clear();
    to_scheduler(0, std::move(asked));
  }

  const std::set<TaskNumber>& open() const { return open_; }
  const SchedulerState& state() const { return state_; }
  size_t workers() const { return workers_.size(); }
  uint64_t trace() const { return trace_; }
  WorkerId first_worker() const { return workers_.begin()->first; }
  std::string stuck() const {
    std::string text;
    state_.tasks.for_each([&](const Task& task) {
      if (task.wanted()) text += task.key + ": " + explain_task(state_, task) + "\n";
    });
    return text;
  }

 private:
  struct Run {
    RunTask order;
    bool started = false;
    std::vector<uint64_t> inputs = {};  // of a started one: what it uses stays whatever is freed
  };
  struct Worker {
    int threads = 1;
    bool paused = false;
    std::map<TaskId, uint64_t> held;
    std::map<TaskId, Run> runs;
    int running = 0;
  };
  struct Event {
    Time when;
    uint64_t order;
    std::function<void()> action;
    bool operator<(const Event& other) const {
      return when != other.when ? when > other.when : order > other.order;
    }
  };

  SchedulerOptions options() const {
    SchedulerOptions options;
    options.validate = true;
    options.allowed_failures = 1'000'000;
    options.story_lines = 20'000;
    return options;
  }

  size_t below(size_t n) { return random_() % n; }
  bool chance(double p) { return std::uniform_real_distribution<double>(0, 1)(random_) < p; }

  void at(Time when, std::function<void()> action) {
    events_.push({when, ++order_, std::move(action)});
  }
  // After a delay, and after everything that was sent on this link before.
  Time arrival(uint32_t link, bool up) {
    Time delay = 1 + static_cast<Time>(below(static_cast<size_t>(faults_.delay_ms * 1000) + 1));
    Time& last = links_[{link, up}];
    last = std::max(last, now_ + delay);
    return last;
  }

  void to_scheduler(uint32_t from, SchedulerEvent event) {
    auto shared = std::make_shared<SchedulerEvent>(std::move(event));
    at(arrival(from, true), [this, shared, from] {
      if (from != 0 && dead_.count(from)) return;
      step_scheduler(std::move(*shared));
    });
  }

  void step_scheduler(SchedulerEvent event) {
    trace_ = mix(trace_, event.index());
    SchedulerActions actions;
    step(state_, now_, std::move(event), actions);
    for (auto& [id, orders] : actions.orders.letters()) {
      auto shared = std::make_shared<std::vector<WorkerOrder>>(std::move(orders));
      at(arrival(id.value, false), [this, id = id, shared] {
        for (WorkerOrder& order : *shared) {
          auto found = workers_.find(id);
          if (found == workers_.end()) return;
          std::visit([&](auto& o) { obey(id, found->second, o); }, order);
        }
      });
    }
    for (auto& [id, news] : actions.news.letters()) {
      for (ClientNews& item : news) hear(item);
    }
  }

  // ---- the client

  void hear(const ClientNews& news) {
    if (const auto* finished = std::get_if<TaskFinished>(&news)) {
      open_.erase(finished->number);
      done_.insert(finished->number);
      trace_ = mix(trace_, finished->number);
    } else if (const auto* lost = std::get_if<TaskLost>(&news)) {
      open_.insert(lost->number);
      done_.erase(lost->number);
    } else if (const auto* failed = std::get_if<TaskFailed>(&news)) {
      ADD_FAILURE() << failed->fault->message;
    }
  }

  // ---- workers

  template <class Order>
  void obey(WorkerId, Worker&, Order&) {}  // codes and addresses: nothing to do

  void obey(WorkerId id, Worker& worker, RunTask& order) {
    TaskId task = order.task;
    worker.runs[task] = {std::move(order), false};
    fetch_inputs(id, worker, task);
  }
  void obey(WorkerId id, Worker& worker, RetractTask& order) {
    auto found = worker.runs.find(order.task);
    if (found == worker.runs.end() || found->second.order.attempt != order.attempt) return;
    if (found->second.started) {
      report(id, RunKept{order.task, order.attempt});
      return;
    }
    worker.runs.erase(found);
    report(id, RunReturned{order.task, order.attempt});
  }
  void obey(WorkerId id, Worker& worker, CancelRun& order) {
    auto found = worker.runs.find(order.task);
    if (found == worker.runs.end() || found->second.order.attempt != order.attempt) return;
    if (found->second.started) --worker.running;
    worker.runs.erase(found);
    start_some(id, worker);
  }
  void obey(WorkerId, Worker& worker, FreeTask& order) { worker.held.erase(order.task); }
  void obey(WorkerId id, Worker& worker, FetchTask& order) {
    std::optional<uint64_t> value = find_copy(worker, order.input);
    if (value) {
      worker.held[order.input.task] = *value;
      report(id, CopyAdded{order.input.task});
    } else {
      report(id, CopyMissing{order.input.task, listed(order.input.holders), {}, {}, 0});
    }
  }
  void obey(WorkerId id, Worker&, CloseWorker&) { kill(id); }

  std::optional<uint64_t> find_copy(Worker& worker, const Input& input) {
    auto mine = worker.held.find(input.task);
    if (mine != worker.held.end()) return mine->second;
    for (WorkerId holder : input.holders) {
      auto peer = workers_.find(holder);
      if (peer == workers_.end()) continue;
      auto held = peer->second.held.find(input.task);
      if (held != peer->second.held.end()) return held->second;
    }
    return {};
  }

  void fetch_inputs(WorkerId id, Worker& worker, TaskId task) {
    RunTask& order = worker.runs.at(task).order;
    for (const Input& input : order.inputs) {
      bool here = worker.held.count(input.task) != 0;
      bool unreachable = !here && chance(faults_.missing);
      std::optional<uint64_t> value;
      if (!unreachable) value = find_copy(worker, input);
      if (!value) {
        CopyMissing missing;
        missing.task = input.task;
        (unreachable ? missing.unreachable : missing.gone) = listed(input.holders);
        missing.needed_by = task;
        missing.attempt = order.attempt;
        worker.runs.erase(task);
        report(id, std::move(missing));
        return;
      }
      if (!here) {
        worker.held[input.task] = *value;
        report(id, CopyAdded{input.task});
      }
    }
    start_some(id, worker);
  }

  static bool take_inputs(const Worker& worker, Run& run) {
    run.inputs.clear();
    for (const Input& input : run.order.inputs) {
      auto held = worker.held.find(input.task);
      if (held == worker.held.end()) return false;
      run.inputs.push_back(held->second);
    }
    return true;
  }

  void start_some(WorkerId id, Worker& worker) {
    while (!worker.paused && worker.running < worker.threads) {
      Run* best = nullptr;
      for (auto& [task, run] : worker.runs) {
        if (!run.started && (!best || run.order.priority < best->order.priority)) best = &run;
      }
      if (!best) return;
      if (!take_inputs(worker, *best)) {  // freed since they were fetched
        fetch_inputs(id, worker, best->order.task);
        return;
      }
      best->started = true;
      ++worker.running;
      report(id, RunStarted{best->order.task, best->order.attempt});
      TaskId task = best->order.task;
      uint32_t attempt = best->order.attempt;
      auto duration = static_cast<Time>(1 + below(3000));
      at(now_ + duration,
         [this, id, task, attempt, duration] { end(id, task, attempt, duration); });
    }
  }

  void end(WorkerId id, TaskId task, uint32_t attempt, Time duration) {
    auto found = workers_.find(id);
    if (found == workers_.end()) return;
    Worker& worker = found->second;
    auto run = worker.runs.find(task);
    if (run == worker.runs.end() || run->second.order.attempt != attempt) return;
    RunTask order = std::move(run->second.order);
    std::vector<uint64_t> inputs = std::move(run->second.inputs);
    worker.runs.erase(run);
    --worker.running;
    auto number = static_cast<TaskNumber>(std::stoul(order.key.substr(5)));
    if (chance(faults_.failure)) {
      auto fault = std::make_shared<Fault>();
      fault->message = order.key + " fails";
      report(id, RunFailed{task, attempt, duration, fault});
    } else {
      uint64_t value = number;
      for (uint64_t input : inputs) value ^= input;
      value = mix(value, number);
      ASSERT_EQ(value, oracle_.at(number));
      worker.held[task] = value;
      report(id, RunFinished{task, attempt, 8, duration, nullptr});
    }
    start_some(id, worker);
  }

  void report(WorkerId id, WorkerReport entry) {
    WorkerReported reported{id, {}};
    reported.reports.push_back(std::move(entry));
    to_scheduler(id.value, std::move(reported));
  }

  // ---- faults

  void kill(WorkerId id) {
    workers_.erase(id);
    // What it had sent may still arrive; then the connection ends.
    auto when = arrival(id.value, true);
    at(when, [this, id] {
      dead_.insert(id.value);
      step_scheduler(WorkerLeft{id, "killed", ""});
    });
  }
  void set_paused(WorkerId id, Worker& worker, bool paused) {
    worker.paused = paused;
    report(id, StatusChanged{paused ? WorkerStatus::kPaused : WorkerStatus::kRunning});
    if (!paused) start_some(id, worker);
  }
  void faults(Time passed) {
    double seconds = static_cast<double>(passed) / kSecond;
    if (chance(faults_.death * seconds)) kill_one();
    if (!workers_.empty() && chance(faults_.pause * seconds)) {
      auto worker = workers_.begin();
      std::advance(worker, static_cast<long>(below(workers_.size())));
      set_paused(worker->first, worker->second, !worker->second.paused);
    }
  }

  std::mt19937_64 random_;
  Faults faults_;
  SchedulerState state_;
  Time now_ = 0;
  uint64_t order_ = 0;
  uint64_t trace_ = 0;
  std::priority_queue<Event> events_;
  std::map<std::pair<uint32_t, bool>, Time> links_;
  std::map<WorkerId, Worker> workers_;
  std::set<uint32_t> dead_;
  uint32_t last_worker_ = 0;
  TaskNumber numbers_ = 0;
  std::map<TaskNumber, uint64_t> oracle_;
  std::set<TaskNumber> open_, done_;
};

void run_to_the_end(Simulation& simulation) {
  simulation.end_faults();
  for (int i = 0; i < 8; ++i) simulation.add_worker(i == 0);
  for (int i = 0; i < 100 && !simulation.open().empty(); ++i) simulation.run_for(0.2);
  EXPECT_TRUE(simulation.open().empty()) << simulation.stuck();
  simulation.release_finished();
  simulation.run_for(1);
  EXPECT_EQ(simulation.state().tasks.size(), 0u);
  for (const auto& [id, worker] : simulation.state().workers) {
    EXPECT_EQ(worker.held, 0u);
    EXPECT_TRUE(worker.processing.empty());
  }
}

class SchedulerSimulation : public testing::TestWithParam<uint64_t> {};

TEST_P(SchedulerSimulation, EverythingIsDeliveredWithoutFaults) {
  Simulation simulation(GetParam(), {});
  for (int i = 0; i < 4; ++i) simulation.add_worker();
  simulation.submit(300, 20);
  simulation.run_for(0.5);
  run_to_the_end(simulation);
}

TEST_P(SchedulerSimulation, DeadAndPausedWorkersAndMissingCopiesLoseNothing) {
  Simulation simulation(GetParam(), {4, 0.02, 0.01, 4, 5});
  for (int i = 0; i < 5; ++i) simulation.add_worker();
  for (int wave = 0; wave < 3; ++wave) {
    simulation.submit(120, 15);
    simulation.run_for(0.3);
  }
  run_to_the_end(simulation);
}

TEST_P(SchedulerSimulation, RetiredWorkersTakeNothingWithThem) {
  Simulation simulation(GetParam(), {0, 0, 0, 0, 2});
  for (int i = 0; i < 3; ++i) simulation.add_worker();
  simulation.submit(200, 100);
  simulation.run_for(0.1);
  simulation.retire(simulation.first_worker());
  simulation.run_for(0.5);
  run_to_the_end(simulation);
}

TEST_P(SchedulerSimulation, OneSeedIsOneTrace) {
  auto trace = [&] {
    Simulation simulation(GetParam(), {4, 0.02, 0.01, 4, 5});
    for (int i = 0; i < 5; ++i) simulation.add_worker();
    simulation.submit(100, 10);
    simulation.run_for(0.5);
    return simulation.trace();
  };
  EXPECT_EQ(trace(), trace());
}

INSTANTIATE_TEST_SUITE_P(Seeds, SchedulerSimulation, testing::Range<uint64_t>(1, 101));

}  // namespace
}  // namespace dusk::cluster
