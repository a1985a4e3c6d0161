#include "sim/mutants.h"

#include <algorithm>
#include <set>

namespace dusk::sim {
namespace {

using namespace cluster;

// ---- the scheduler's

template <class Order>
class LosesOrders : public Mutator {
  void after(SchedulerState&, SchedulerActions& out) override {
    for (auto& [to, orders] : out.orders.letters()) {
      std::erase_if(orders, [](const WorkerOrder& o) { return std::holds_alternative<Order>(o); });
    }
  }
};

template <class News>
class LosesNews : public Mutator {
  void after(SchedulerState&, SchedulerActions& out) override {
    for (auto& [to, news] : out.news.letters()) {
      std::erase_if(news, [](const ClientNews& n) { return std::holds_alternative<News>(n); });
    }
  }
};

// Tasks without inputs go to the first worker as well.
class GivesTwice : public Mutator {
  void after(SchedulerState& state, SchedulerActions& out) override {
    if (state.workers.size() < 2) return;
    WorkerId other = state.workers.begin()->first;
    std::vector<WorkerOrder> copies;
    for (auto& [to, orders] : out.orders.letters()) {
      if (to == other) continue;
      for (const WorkerOrder& order : orders) {
        const auto* run = std::get_if<RunTask>(&order);
        if (run && run->inputs.empty()) copies.push_back(order);
      }
    }
    for (WorkerOrder& order : copies) out.orders.to(other).push_back(std::move(order));
  }
};

class ForgetsAReplica : public Mutator {
  void after(SchedulerState& state, SchedulerActions&) override {
    state.tasks.for_each([&](Task& task) {
      if (task.kind() != TaskState::kMemory) return;
      auto& memory = task.as<InMemory>();
      if (memory.holders.size() < 2) return;
      WorkerRecord& worker = state.workers.at(memory.holders.back());
      memory.holders.pop_back();
      --worker.held;
      worker.nbytes -= memory.nbytes;
    });
  }
};

class MiscountsInputs : public Mutator {
  void after(SchedulerState& state, SchedulerActions&) override {
    state.tasks.for_each([](Task& task) {
      if (task.kind() == TaskState::kWaiting && task.dependencies.size() > 2) {
        ++task.as<Waiting>().missing;
      }
    });
  }
};

class CountsNoRetries : public Mutator {
  void before(SchedulerState& state, SchedulerEvent&) override {
    state.tasks.for_each([](Task& task) { task.retries_left = 0; });
  }
};

class BlamesBystanders : public Mutator {
  void before(SchedulerState& state, SchedulerEvent& event) override {
    const auto* left = std::get_if<WorkerLeft>(&event);
    if (!left || !state.workers.contains(left->worker)) return;
    for (TaskId id : state.workers.at(left->worker).processing) {
      state.killed_under[id].emplace_back("somebody");
    }
  }
};

template <class Report>
class IgnoresReports : public Mutator {
  void before(SchedulerState&, SchedulerEvent& event) override {
    auto* reported = std::get_if<WorkerReported>(&event);
    if (!reported) return;
    std::erase_if(reported->reports,
                  [](const WorkerReport& r) { return std::holds_alternative<Report>(r); });
  }
};

// What a worker says of its own condition, heard as something else.
template <WorkerStatus said, WorkerStatus heard>
class HearsAs : public Mutator {
  void before(SchedulerState&, SchedulerEvent& event) override {
    auto* reported = std::get_if<WorkerReported>(&event);
    if (!reported) return;
    for (WorkerReport& report : reported->reports) {
      auto* changed = std::get_if<StatusChanged>(&report);
      if (changed && changed->status == said) changed->status = heard;
    }
  }
};

class IgnoresRoom : public Mutator {
  void before(SchedulerState&, SchedulerEvent& event) override {
    auto* reported = std::get_if<WorkerReported>(&event);
    if (!reported) return;
    std::erase_if(reported->reports, [](const WorkerReport& r) {
      const auto* changed = std::get_if<StatusChanged>(&r);
      return changed && changed->status == WorkerStatus::kRunning;
    });
  }
};

// What a worker says it has lost, without being asked for it by a run.
class IgnoresLostValues : public Mutator {
  void before(SchedulerState&, SchedulerEvent& event) override {
    auto* reported = std::get_if<WorkerReported>(&event);
    if (!reported) return;
    for (WorkerReport& report : reported->reports) {
      auto* missing = std::get_if<CopyMissing>(&report);
      if (missing) std::erase(missing->gone, reported->worker);
    }
  }
};

// One worker's word on what it lacks is taken for all.
class TakesAllForUnable : public Mutator {
  void before(SchedulerState& state, SchedulerEvent& event) override {
    auto* reported = std::get_if<WorkerReported>(&event);
    if (!reported) return;
    for (const WorkerReport& report : reported->reports) {
      const auto* failed = std::get_if<RunFailed>(&report);
      if (!failed || failed->fault->cause != FaultCause::kUnable) continue;
      const Task* task = state.tasks.find(failed->task);
      if (!task) continue;
      Code& code = state.codes[task->code.value];
      for (const auto& [id, worker] : state.workers) {
        if (!code.unable_on(id)) code.unable.push_back(id);
      }
    }
  }
};

// What a worker lacks is heard as a failure of the task.
class FailsWhereItCannotRun : public Mutator {
  void before(SchedulerState&, SchedulerEvent& event) override {
    auto* reported = std::get_if<WorkerReported>(&event);
    if (!reported) return;
    for (WorkerReport& report : reported->reports) {
      auto* failed = std::get_if<RunFailed>(&report);
      if (!failed || failed->fault->cause != FaultCause::kUnable) continue;
      auto fault = std::make_shared<Fault>(*failed->fault);
      fault->cause = FaultCause::kTask;
      failed->fault = std::move(fault);
    }
  }
};

// A worker's tasks stay with it when it goes.
class ForgetsToPlaceAgain : public Mutator {
  void before(SchedulerState& state, SchedulerEvent& event) override {
    auto* left = std::get_if<WorkerLeft>(&event);
    if (left && state.workers.contains(left->worker)) event = Tick{};
  }
};

class CopiesNothingBeforeAWorkerRetires : public Mutator {
  void after(SchedulerState& state, SchedulerActions& out) override {
    for (auto& [id, worker] : state.workers) {
      if (worker.status != WorkerStatus::kRetiring || worker.closing) continue;
      if (!worker.processing.empty()) continue;
      worker.closing = true;
      out.orders.to(id).push_back(CloseWorker{"retired"});
    }
  }
};

// ---- the worker's

template <class Report>
class WorkerForgetsToSay : public Mutator {
  void after(WorkerState&, WorkerActions& out) override {
    std::erase_if(out.reports,
                  [](const WorkerReport& r) { return std::holds_alternative<Report>(r); });
  }
};

class IgnoresResources : public Mutator {
  void before(WorkerState& state, WorkerEvent&) override {
    for (auto& [name, used] : state.used) used = 0;
  }
};

class StartsWhilePaused : public Mutator {
  void before(WorkerState& state, WorkerEvent& event) override {
    if (std::holds_alternative<OrdersCame>(event)) state.paused = false;
  }
};

class KeepsWhatItShouldFree : public Mutator {
  void before(WorkerState&, WorkerEvent& event) override {
    auto* came = std::get_if<OrdersCame>(&event);
    if (!came) return;
    std::erase_if(came->orders,
                  [](const WorkerOrder& o) { return std::holds_alternative<FreeTask>(o); });
  }
};

class SwapsInputs : public Mutator {
  void after(WorkerState&, WorkerActions& out) override {
    for (StartRun& run : out.start) std::reverse(run.order.inputs.begin(), run.order.inputs.end());
  }
};

class ForgetsAThread : public Mutator {
  void before(WorkerState& state, WorkerEvent& event) override {
    if (std::holds_alternative<RunEnded>(event) && state.busy > 0) --state.busy;
  }
};

class GivesUpFetchesSilently : public Mutator {
  void before(WorkerState& state, WorkerEvent& event) override {
    if (std::holds_alternative<FetchFailed>(event)) event = MemoryPaused{state.paused};
  }
};

class IgnoresDamage : public Mutator {
  void before(WorkerState& state, WorkerEvent& event) override {
    if (std::holds_alternative<ValueLost>(event)) event = MemoryPaused{state.paused};
  }
};

class KeepsDamageToItself : public Mutator {
  void after(WorkerState& state, WorkerActions& out) override {
    std::erase_if(out.reports, [&](const WorkerReport& r) {
      const auto* missing = std::get_if<CopyMissing>(&r);
      return missing && missing->gone == std::vector{state.self} && !missing->needed_by.valid();
    });
  }
};

class HopesForRoom : public Mutator {
  void before(WorkerState&, WorkerEvent& event) override {
    if (auto* paused = std::get_if<MemoryPaused>(&event)) paused->full = false;
  }
};

// The first time is enough.
class SaysOnceThatItIsFull : public Mutator {
  void before(WorkerState& state, WorkerEvent& event) override {
    auto* paused = std::get_if<MemoryPaused>(&event);
    if (!paused) return;
    bool again = paused->full && said_.count(state.self) != 0;
    if (paused->full) said_.insert(state.self);
    if (!paused->paused) said_.erase(state.self);
    if (again) paused->full = false;
  }
  std::set<WorkerId> said_;
};

// ---- the client's

class ForgetsToRelease : public Mutator {
  void after(ClientState&, ClientActions& out) override {
    std::erase_if(out.requests,
                  [](const ClientRequest& r) { return std::holds_alternative<ReleaseTask>(r); });
  }
};

class GivesUpOnAMissingValue : public Mutator {
  void after(ClientState&, ClientActions& out) override {
    std::erase_if(out.requests,
                  [](const ClientRequest& r) { return std::holds_alternative<MissingTask>(r); });
  }
};

template <class M>
Mutant mutant(const char* what) {
  return {what, [] { return std::make_unique<M>(); }};
}

}  // namespace

const std::vector<Mutant>& mutants() {
  static const std::vector<Mutant> all = {
      mutant<LosesOrders<FreeTask>>("the scheduler does not free results"),
      mutant<LosesOrders<CancelRun>>("the scheduler does not cancel runs"),
      mutant<LosesOrders<AdoptTask>>("scattered data is not named"),
      mutant<LosesNews<TaskFailed>>("clients are not told of failures"),
      mutant<LosesNews<TaskCancelled>>("clients are not told of cancellations"),
      mutant<GivesTwice>("a task is given to two workers"),
      mutant<ForgetsAReplica>("a replica is forgotten"),
      mutant<MiscountsInputs>("missing inputs are miscounted"),
      mutant<CountsNoRetries>("retries are not made"),
      mutant<BlamesBystanders>("tasks are blamed for a death that they had no part in"),
      mutant<IgnoresReports<RunReturned>>("a task that was given back is not placed again"),
      mutant<IgnoresReports<CopyMissing>>("a missing input is ignored"),
      mutant<ForgetsToPlaceAgain>("tasks of a lost worker are not placed again"),
      mutant<CopiesNothingBeforeAWorkerRetires>("a retired worker takes results along"),
      mutant<LosesOrders<RetractTask>>("the scheduler asks nothing back"),
      mutant<IgnoresReports<StatusChanged>>("a full worker is given tasks"),
      mutant<HearsAs<WorkerStatus::kFull, WorkerStatus::kPaused>>("tasks wait for full workers"),
      mutant<HearsAs<WorkerStatus::kPaused, WorkerStatus::kFull>>("tasks do not wait for a pause"),
      mutant<IgnoresRoom>("a worker that has room again gets nothing"),
      mutant<IgnoresLostValues>("a result that is lost where it lay is counted on"),
      mutant<TakesAllForUnable>("what one worker lacks, all are taken to lack"),
      mutant<FailsWhereItCannotRun>("a task fails where another worker could run it"),
      mutant<IgnoresDamage>("a worker keeps what it cannot read"),
      mutant<KeepsDamageToItself>("a worker does not say what it cannot read"),
      mutant<HopesForRoom>("a worker does not say that it stays full"),
      mutant<SaysOnceThatItIsFull>("a worker says only once that it stays full"),
      mutant<WorkerForgetsToSay<CopyMissing>>("a worker does not say that an input is missing"),
      mutant<IgnoresResources>("a worker gives resources twice"),
      mutant<StartsWhilePaused>("a worker starts tasks while it is paused"),
      mutant<KeepsWhatItShouldFree>("a worker keeps what it should free"),
      mutant<SwapsInputs>("a worker swaps inputs"),
      mutant<ForgetsAThread>("a worker forgets a busy thread"),
      mutant<GivesUpFetchesSilently>("a worker does not notice a lost peer"),
      mutant<ForgetsToRelease>("a client does not release"),
      mutant<GivesUpOnAMissingValue>("a client does not say that a value is missing"),
  };
  return all;
}

}  // namespace dusk::sim
