// Values that other workers hold.
#include <algorithm>

#include "dusk/cluster/worker_step.h"

namespace dusk::cluster {
namespace {

bool contains(const std::vector<WorkerId>& ids, WorkerId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

void WorkerStep::obey(FetchTask& order) {
  auto known = s_.data.find(order.input.task);
  if (known != s_.data.end() && known->second.state == Datum::State::kHeld) {
    out_.reports.push_back(CopyAdded{order.input.task});
    return;
  }
  want(order.input).ordered = true;
  if (!s_.data.at(order.input.task).asked.valid()) ask_next(order.input.task);
}

// Makes `run` wait for the input, or note that it uses a value which is here.
void WorkerStep::need(const Input& input, RunName name, Run& run) {
  Datum& datum = want(input);
  if (datum.waiting.size() >= 64 && (datum.waiting.size() & (datum.waiting.size() - 1)) == 0) {
    std::erase_if(datum.waiting, [&](const RunName& other) { return !pending(other); });
  }
  datum.waiting.push_back(name);
  if (datum.state == Datum::State::kHeld) return;
  ++run.missing;
  if (!datum.asked.valid()) ask_next(input.task);
}

// The record of a value, with whoever may have it.
Datum& WorkerStep::want(const Input& input) {
  Datum& datum = s_.data[input.task];
  if (datum.state == Datum::State::kHeld) return datum;
  datum.nbytes = std::max(datum.nbytes, input.nbytes);
  for (WorkerId holder : input.holders) {
    if (holder == datum.asked || contains(datum.untried, holder) || contains(datum.gone, holder) ||
        contains(datum.unreachable, holder)) {
      continue;
    }
    datum.untried.push_back(holder);
  }
  return datum;
}

bool WorkerStep::wanted(const Datum& datum) const {
  if (datum.ordered) return true;
  return std::any_of(datum.waiting.begin(), datum.waiting.end(),
                     [&](const RunName& name) { return pending(name) != nullptr; });
}

// Queues the value at the holder with the least to send; without any, gives up.
void WorkerStep::ask_next(TaskId task) {
  Datum& datum = s_.data.at(task);
  datum.asked = {};
  datum.state = Datum::State::kQueued;
  WorkerState::PeerRecord* best = nullptr;
  for (WorkerId holder : std::exchange(datum.untried, {})) {
    auto peer = s_.peers.find(holder);
    if (peer == s_.peers.end()) {
      datum.unreachable.push_back(holder);
      continue;
    }
    datum.untried.push_back(holder);
    int64_t load = peer->second.queued + peer->second.inflight;
    if (!best || load < best->queued + best->inflight) {
      best = &peer->second;
      datum.asked = holder;
    }
  }
  if (!best) return give_up(task);
  std::erase(datum.untried, datum.asked);
  best->queue.push_back(task);
  best->queued += datum.nbytes;
  if (best->asked.empty()) s_.hungry.insert(datum.asked);
}

// Nobody can give the value: who needs it is given back to the scheduler, which knows more.
void WorkerStep::give_up(TaskId task) {
  Datum datum = std::move(s_.data.at(task));
  s_.data.erase(task);
  CopyMissing missing{task, std::move(datum.gone), std::move(datum.unreachable), {}, 0};
  bool told = false;
  for (const RunName& name : datum.waiting) {
    if (!pending(name)) continue;
    s_.runs.erase(name.task);
    missing.needed_by = name.task;
    missing.attempt = name.attempt;
    out_.reports.push_back(missing);
    told = true;
  }
  if (!datum.ordered || told) return;
  out_.reports.push_back(missing);
}

// The value is here, from wherever.
void WorkerStep::keep(TaskId task, int64_t nbytes) {
  Datum& datum = s_.data[task];
  if (datum.state == Datum::State::kHeld) return;
  datum.state = Datum::State::kHeld;
  datum.nbytes = nbytes;
  datum.asked = {};
  datum.ordered = false;
  datum.untried.clear();
  datum.gone.clear();
  datum.unreachable.clear();
  std::erase_if(datum.waiting, [&](const RunName& name) { return !pending(name); });
  for (const RunName& name : datum.waiting) {
    Run& run = *find(name);
    if (--run.missing == 0) become_ready(name.task, run);
  }
}

void WorkerStep::not_from(WorkerId peer, TaskId task, bool gone) {
  auto found = s_.data.find(task);
  if (found == s_.data.end() || found->second.state == Datum::State::kHeld) return;
  if (found->second.asked != peer) return;
  if (!wanted(found->second)) {
    s_.data.erase(found);
    return;
  }
  (gone ? found->second.gone : found->second.unreachable).push_back(peer);
  ask_next(task);
}

void WorkerStep::end_fetch(WorkerId peer) {
  auto found = s_.peers.find(peer);
  if (found == s_.peers.end() || found->second.asked.empty()) return;
  s_.inflight -= found->second.inflight;
  found->second.inflight = 0;
  found->second.asked.clear();
  --s_.fetching;
  if (!found->second.queue.empty()) s_.hungry.insert(peer);
}

void WorkerStep::on(Fetched& event) {
  end_fetch(event.from);
  for (const auto& [task, nbytes] : event.values) {
    auto found = s_.data.find(task);
    if (found == s_.data.end() || !wanted(found->second)) {
      bool held = found != s_.data.end() && found->second.state == Datum::State::kHeld;
      if (held) continue;
      if (found != s_.data.end()) s_.data.erase(found);
      out_.drop.push_back(task);
      continue;
    }
    if (found->second.state == Datum::State::kHeld) continue;
    keep(task, nbytes);
    out_.reports.push_back(CopyAdded{task});
  }
  for (TaskId task : event.gone) not_from(event.from, task, true);
}

void WorkerStep::on(FetchFailed& event) {
  auto found = s_.peers.find(event.from);
  if (found == s_.peers.end()) return;
  std::vector<TaskId> asked = found->second.asked;
  end_fetch(event.from);
  for (TaskId task : asked) not_from(event.from, task, false);
}

void WorkerStep::send_fetches() {
  const WorkerOptions& limits = s_.options;
  for (auto next = s_.hungry.begin(); next != s_.hungry.end() && !s_.paused;) {
    if (s_.fetching >= limits.fetches_max) return;
    if (s_.fetching > 0 && s_.inflight >= limits.fetch_inflight) return;
    WorkerId id = *next;
    next = s_.hungry.erase(next);
    WorkerState::PeerRecord& peer = s_.peers.at(id);
    Fetch fetch{id, peer.address, {}, 0};
    while (!peer.queue.empty()) {
      TaskId task = peer.queue.front();
      auto found = s_.data.find(task);
      bool ours = found != s_.data.end() && found->second.asked == id &&
                  found->second.state == Datum::State::kQueued;
      if (ours && !fetch.tasks.empty() && fetch.nbytes + found->second.nbytes > limits.fetch_batch)
        break;
      peer.queue.pop_front();
      if (!ours) continue;
      if (!wanted(found->second)) {
        s_.data.erase(found);
        continue;
      }
      found->second.state = Datum::State::kInFlight;
      fetch.tasks.push_back(task);
      fetch.nbytes += found->second.nbytes;
    }
    peer.queued = 0;
    for (TaskId task : peer.queue) {
      auto found = s_.data.find(task);
      if (found != s_.data.end()) peer.queued += found->second.nbytes;
    }
    if (fetch.tasks.empty()) continue;
    peer.asked = fetch.tasks;
    peer.inflight = fetch.nbytes;
    s_.inflight += fetch.nbytes;
    ++s_.fetching;
    out_.fetch.push_back(std::move(fetch));
  }
}

}  // namespace dusk::cluster
