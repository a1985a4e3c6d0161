// Tasks a second through the scheduler alone: workers that answer "finished" at once and pretend
// that data moved. Everything is in one thread, without encoding or sockets.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cmath>

#include "dusk/cluster/scheduler.h"

namespace dusk::cluster {
namespace {

class ZeroWorkers {
 public:
  explicit ZeroWorkers(uint32_t workers) : state_(SchedulerOptions{}) {
    perform(ClientJoined{{1}, "bench"});
    for (uint32_t id = 1; id <= workers; ++id) {
      WorkerJoined joined;
      joined.info.id = {id};
      joined.info.address = "w" + std::to_string(id);
      perform(std::move(joined));
    }
    ClientAsked code{{1}, {}};
    code.requests.push_back(SubmitCode{1, {1, 1}, "inc", nullptr});
    perform(std::move(code));
  }

  // Batches of a thousand, as a client streams them; then answers until nothing is left.
  void run(std::vector<SubmitTask> tasks) {
    submit(std::move(tasks));
    while (!letters_.empty()) answer();
  }
  void submit(std::vector<SubmitTask> tasks) {
    ClientAsked asked{{1}, {}};
    for (SubmitTask& task : tasks) {
      asked.requests.push_back(std::move(task));
      if (asked.requests.size() == 1000) {
        perform(std::move(asked));
        asked = {{1}, {}};
      }
    }
    asked.requests.push_back(SubmitEnd{});
    perform(std::move(asked));
  }
  size_t unfinished() const { return state_.unfinished; }

 private:
  void perform(SchedulerEvent event) {
    actions_.clear();
    step(state_, now_ += 10, std::move(event), actions_);
    for (auto& letter : actions_.orders.letters()) letters_.push_back(std::move(letter));
  }

  void answer() {
    auto letters = std::move(letters_);
    letters_.clear();
    for (auto& [worker, orders] : letters) {
      WorkerReported reported{worker, {}};
      for (WorkerOrder& order : orders) {
        if (auto* run = std::get_if<RunTask>(&order)) {
          for (const Input& input : run->inputs) reported.reports.push_back(CopyAdded{input.task});
          reported.reports.push_back(RunFinished{run->task, run->attempt, 64, 1, nullptr});
        } else if (auto* retract = std::get_if<RetractTask>(&order)) {
          reported.reports.push_back(RunKept{retract->task, retract->attempt});
        }
      }
      if (!reported.reports.empty()) perform(std::move(reported));
    }
  }

  SchedulerState state_;
  SchedulerActions actions_;
  std::vector<std::pair<WorkerId, std::vector<WorkerOrder>>> letters_;
  Time now_ = 0;
};

SubmitTask task_of(TaskNumber number, std::vector<TaskNumber> inputs, bool wanted) {
  SubmitTask task;
  task.number = number;
  task.key = "inc-" + std::to_string(number);
  task.code = 1;
  task.dependencies = std::move(inputs);
  task.wanted = wanted;
  return task;
}

// n independent tasks and one that takes all.
std::vector<SubmitTask> merge(int64_t n) {
  std::vector<SubmitTask> tasks;
  std::vector<TaskNumber> all;
  for (TaskNumber i = 1; i <= static_cast<TaskNumber>(n); ++i) {
    tasks.push_back(task_of(i, {}, false));
    all.push_back(i);
  }
  tasks.push_back(task_of(static_cast<TaskNumber>(n) + 1, std::move(all), true));
  return tasks;
}

// Pairs are joined until one is left.
std::vector<SubmitTask> tree(int64_t n) {
  std::vector<SubmitTask> tasks;
  std::vector<TaskNumber> level;
  TaskNumber number = 0;
  for (int64_t i = 0; i < n / 2; ++i) {
    tasks.push_back(task_of(++number, {}, false));
    level.push_back(number);
  }
  while (level.size() > 1) {
    std::vector<TaskNumber> next;
    for (size_t i = 0; i + 1 < level.size(); i += 2) {
      tasks.push_back(task_of(++number, {level[i], level[i + 1]}, level.size() == 2));
      next.push_back(number);
    }
    if (level.size() % 2) next.push_back(level.back());
    level = std::move(next);
  }
  return tasks;
}

// Tasks of a graph being made.
struct Maker {
  std::vector<SubmitTask> tasks;
  TaskNumber add(std::vector<TaskNumber> inputs, bool wanted = false) {
    auto number = static_cast<TaskNumber>(tasks.size() + 1);
    tasks.push_back(task_of(number, std::move(inputs), wanted));
    return number;
  }
};

// x + x.T over square chunks, and one sum of them.
std::vector<SubmitTask> transpose(int64_t n) {
  auto side = static_cast<size_t>(std::sqrt(static_cast<double>(n) / 2));
  Maker maker;
  std::vector<TaskNumber> chunks, sums;
  for (size_t i = 0; i < side * side; ++i) chunks.push_back(maker.add({}));
  for (size_t i = 0; i < side; ++i) {
    for (size_t j = 0; j < side; ++j) {
      sums.push_back(maker.add({chunks[i * side + j], chunks[j * side + i]}));
    }
  }
  maker.add(std::move(sums), true);
  return std::move(maker.tasks);
}

// Partitions are read, aggregated and split into 16 groups, which are put together.
std::vector<SubmitTask> groupby(int64_t n) {
  constexpr size_t kGroups = 16;
  Maker maker;
  std::vector<std::vector<TaskNumber>> groups(kGroups);
  for (int64_t i = 0; i < n / static_cast<int64_t>(kGroups + 2); ++i) {
    TaskNumber aggregated = maker.add({maker.add({})});
    for (auto& group : groups) group.push_back(maker.add({aggregated}));
  }
  for (auto& group : groups) maker.add(std::move(group), true);
  return std::move(maker.tasks);
}

// Two frames of p partitions are split p ways each; p joins take their parts of all.
std::vector<SubmitTask> join(int64_t n) {
  auto partitions = static_cast<size_t>(std::sqrt(static_cast<double>(n) / 2));
  Maker maker;
  std::vector<std::vector<TaskNumber>> parts(partitions);
  for (size_t i = 0; i < 2 * partitions; ++i) {
    TaskNumber read = maker.add({});
    for (auto& part : parts) part.push_back(maker.add({read}));
  }
  for (auto& part : parts) maker.add(std::move(part), true);
  return std::move(maker.tasks);
}

// What the scheduler's state takes when everything has been submitted and nothing has run.
double bytes_a_task(std::vector<SubmitTask> (*graph)(int64_t), int64_t n) {
  size_t before = mallinfo2().uordblks;
  ZeroWorkers cluster(24);
  size_t workers = mallinfo2().uordblks - before;
  cluster.submit(graph(n));
  return static_cast<double>(mallinfo2().uordblks - before - workers) / static_cast<double>(n);
}

template <std::vector<SubmitTask> (*graph)(int64_t)>
void zero_workers(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    ZeroWorkers cluster(static_cast<uint32_t>(state.range(1)));
    auto tasks = graph(state.range(0));
    state.ResumeTiming();
    cluster.run(std::move(tasks));
    if (cluster.unfinished() != 0) state.SkipWithError("tasks are left");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes_a_task"] = bytes_a_task(graph, state.range(0));
}
BENCHMARK(zero_workers<merge>)
    ->ArgsProduct({{10'000, 100'000, 1'000'000}, {24, 168, 512}})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(zero_workers<tree>)
    ->ArgsProduct({{10'000, 100'000, 1'000'000}, {24, 168, 512}})
    ->Unit(benchmark::kMillisecond);

BENCHMARK(zero_workers<transpose>)
    ->ArgsProduct({{10'000, 100'000, 1'000'000}, {24, 168, 512}})
    ->Unit(benchmark::kMillisecond);

BENCHMARK(zero_workers<groupby>)
    ->ArgsProduct({{10'000, 100'000, 1'000'000}, {24, 168, 512}})
    ->Unit(benchmark::kMillisecond);

BENCHMARK(zero_workers<join>)
    ->ArgsProduct({{10'000, 100'000, 1'000'000}, {24, 168, 512}})
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dusk::cluster
