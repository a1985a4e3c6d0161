#include "dusk/cluster/worker.h"

#include "dusk/base/check.h"
#include "dusk/cluster/worker_step.h"

namespace dusk::cluster {

void WorkerStep::on(OrdersCame& event) {
  for (WorkerOrder& order : event.orders) {
    std::visit([&](auto& o) { obey(o); }, order);
  }
}

void WorkerStep::on(MemoryPaused& event) {
  bool full = event.paused && event.full;
  if (s_.paused == event.paused && !full) return;
  s_.paused = event.paused;
  WorkerStatus paused = full ? WorkerStatus::kFull : WorkerStatus::kPaused;
  out_.reports.push_back(StatusChanged{s_.paused ? paused : WorkerStatus::kRunning});
}

// Runs that have not started are given back: the scheduler finds another holder, or computes the
// value again.
void WorkerStep::on(ValueLost& event) {
  auto found = s_.data.find(event.task);
  if (found == s_.data.end() || found->second.state != Datum::State::kHeld) return;
  out_.drop.push_back(event.task);
  found->second.gone = {s_.self};
  found->second.ordered = true;
  give_up(event.task);
}

void WorkerStep::on(ValuePut& event) { s_.puts[event.key] = event.nbytes; }

// Numbers are used again: a code that was dropped a moment ago may be followed by another one of
// its number, which must not go with it.
void WorkerStep::obey(DefineCode& order) {
  std::erase(out_.drop_codes, order.code);
  out_.define.push_back(std::move(order));
}
void WorkerStep::obey(DropCode& order) { out_.drop_codes.push_back(order.code); }
void WorkerStep::obey(CloseWorker& order) { out_.close = std::move(order.reason); }

void WorkerStep::obey(Peer& order) { s_.peers[order.worker].address = std::move(order.address); }

void WorkerStep::obey(DropPeer& order) {
  auto found = s_.peers.find(order.worker);
  if (found == s_.peers.end()) return;
  out_.drop_peers.push_back(order.worker);
  std::vector<TaskId> orphans(found->second.queue.begin(), found->second.queue.end());
  orphans.insert(orphans.end(), found->second.asked.begin(), found->second.asked.end());
  end_fetch(order.worker);
  s_.hungry.erase(order.worker);
  s_.peers.erase(order.worker);
  for (TaskId task : orphans) not_from(order.worker, task, false);
}

// What is executing has its own references; what has not started must get the value again.
void WorkerStep::obey(FreeTask& order) {
  auto found = s_.data.find(order.task);
  if (found == s_.data.end()) return;
  if (found->second.state == Datum::State::kHeld) out_.drop.push_back(order.task);
  std::vector<RunName> waiting;
  if (found->second.state == Datum::State::kHeld) waiting = std::move(found->second.waiting);
  bool needed = false;
  for (const RunName& name : found->second.waiting) needed |= pending(name) != nullptr;
  if (needed) {
    found->second.ordered = false;
    return;
  }
  s_.data.erase(found);
  for (const RunName& name : waiting) {
    Run* run = pending(name);
    if (!run) continue;
    run->state = Run::State::kWaiting;
    for (const Input& input : run->order.inputs) {
      if (input.task != order.task) continue;
      need(input, name, *run);
      break;  // the run may be gone
    }
  }
}

void WorkerStep::obey(AdoptTask& order) {
  auto put = s_.puts.find(order.key);
  if (!order.task.valid()) {
    if (put == s_.puts.end()) return;
    out_.adopt.push_back({order.task, order.key});
    out_.drop.push_back(order.task);
    s_.puts.erase(put);
    return;
  }
  if (put == s_.puts.end()) {
    if (!s_.data.count(order.task)) {
      out_.reports.push_back(CopyMissing{order.task, {s_.self}, {}, {}, 0});
    }
    return;
  }
  out_.adopt.push_back({order.task, order.key});
  keep(order.task, put->second);
  s_.puts.erase(put);
  out_.reports.push_back(CopyAdded{order.task});
}

void WorkerStep::finish() {
  start_ready();
  send_fetches();
}

void step(WorkerState& state, WorkerEvent event, WorkerActions& out) {
  WorkerStep step(state, out);
  std::visit([&](auto& e) { step.on(e); }, event);
  step.finish();
  if (state.options.validate) validate(state);
}

void validate(const WorkerState& state) {
  int32_t busy = 0;
  for (const auto& [task, run] : state.runs) {
    busy += run.state == Run::State::kExecuting;
    DUSK_CHECK(run.state != Run::State::kReady || run.missing == 0, "a ready run lacks inputs");
    DUSK_CHECK(run.state != Run::State::kWaiting || run.missing > 0, "a run waits for nothing");
    if (run.state > Run::State::kReady) continue;
    uint32_t missing = 0;
    for (const Input& input : run.order.inputs) {
      auto datum = state.data.find(input.task);
      DUSK_CHECK(datum != state.data.end(), "an input of a run is not on its way");
      missing += datum->second.state != Datum::State::kHeld;
    }
    DUSK_CHECK(missing == run.missing, "a run's missing inputs are miscounted");
  }
  for (const auto& [name, threaded] : state.cancelled) busy += threaded;
  DUSK_CHECK(busy == state.busy, "busy threads are miscounted");
  DUSK_CHECK(state.busy <= state.options.threads || state.options.threads == 0,
             "more runs than threads");
  int32_t fetching = 0;
  int64_t inflight = 0;
  for (const auto& [id, peer] : state.peers) {
    fetching += !peer.asked.empty();
    inflight += peer.inflight;
    DUSK_CHECK(state.hungry.count(id) == (!peer.queue.empty() && peer.asked.empty()),
               "a peer with a queue is not asked");
  }
  DUSK_CHECK(fetching == state.fetching && inflight == state.inflight, "fetches are miscounted");
  for (const auto& [task, datum] : state.data) {
    if (datum.state == Datum::State::kHeld) continue;
    DUSK_CHECK(state.peers.count(datum.asked), "a value is asked of a peer that is gone");
  }
}

std::optional<Priority> next_use(const WorkerState& state, TaskId task) {
  auto datum = state.data.find(task);
  if (datum == state.data.end()) return {};
  std::optional<Priority> first;
  for (const RunName& name : datum->second.waiting) {
    auto run = state.runs.find(name.task);
    if (run == state.runs.end() || run->second.attempt != name.attempt) continue;
    if (run->second.state > Run::State::kReady) continue;
    if (!first || run->second.order.priority < *first) first = run->second.order.priority;
  }
  return first;
}

std::string explain_run(const WorkerState& state, TaskId task) {
  auto found = state.runs.find(task);
  if (found == state.runs.end()) return "this worker does not know it";
  switch (found->second.state) {
    case Run::State::kExecuting: return "it is executing";
    case Run::State::kLongRunning: return "it is executing and has left its thread";
    case Run::State::kReady:
      return state.paused ? "the worker is paused: its memory is full"
                          : "it is ready; all " + std::to_string(state.options.threads) +
                                " threads are busy with tasks of higher priority";
    case Run::State::kWaiting: break;
  }
  std::string text = "it waits for " + std::to_string(found->second.missing) + " inputs";
  for (const Input& input : found->second.order.inputs) {
    auto datum = state.data.find(input.task);
    if (datum == state.data.end() || datum->second.state == Datum::State::kHeld) continue;
    auto peer = state.peers.find(datum->second.asked);
    text += peer == state.peers.end() ? "" : ", one of them from " + peer->second.address;
    text += datum->second.state == Datum::State::kInFlight ? " (on its way)" : " (queued)";
    break;
  }
  return text;
}

}  // namespace dusk::cluster
