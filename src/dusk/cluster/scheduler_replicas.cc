// Copies of results: who has them, making more, and letting a worker leave without loss.
#include <algorithm>

#include "dusk/base/check.h"
#include "dusk/cluster/scheduler_step.h"

namespace dusk::cluster {

void Step::add_holder(Task& task, WorkerRecord& worker) {
  InMemory& state = task.as<InMemory>();
  auto& holders = state.holders;
  if (std::find(holders.begin(), holders.end(), worker.info.id) != holders.end()) return;
  holders.push_back(worker.info.id);
  worker.holds.push_back(task.id);
  ++worker.held;
  worker.nbytes += state.nbytes;
}

// False when it was not one.
bool Step::remove_holder(Task& task, WorkerRecord& worker) {
  InMemory& state = task.as<InMemory>();
  auto& holders = state.holders;
  auto found = std::find(holders.begin(), holders.end(), worker.info.id);
  if (found == holders.end()) return false;
  holders.erase(static_cast<size_t>(found - holders.begin()));
  --worker.held;
  worker.nbytes -= state.nbytes;
  if (worker.holds.size() > 2 * worker.held + 64) compact_holds(worker);
  return true;
}

void Step::compact_holds(WorkerRecord& worker) {
  std::sort(worker.holds.begin(), worker.holds.end());
  worker.holds.erase(std::unique(worker.holds.begin(), worker.holds.end()), worker.holds.end());
  std::erase_if(worker.holds, [&](TaskId id) {
    const Task* task = find(id);
    if (!task || task->kind() != TaskState::kMemory) return true;
    const auto& holders = task->as<InMemory>().holders;
    return std::find(holders.begin(), holders.end(), worker.info.id) == holders.end();
  });
}

void Step::free_on(TaskId task, WorkerRecord& worker) {
  out_.orders.to(worker.info.id).push_back(FreeTask{task});
}

Input Step::input_of(const Task& task) const {
  const InMemory& state = task.as<InMemory>();
  return {task.id, state.nbytes, state.holders};
}

// Tells a worker the addresses of others before it first hears of them.
void Step::introduce(WorkerRecord& to, std::span<const WorkerId> whom) {
  for (WorkerId id : whom) {
    if (id == to.info.id) continue;
    if (to.peers.size() <= id.value) to.peers.resize(id.value + 1);
    if (to.peers[id.value]) continue;
    to.peers[id.value] = true;
    out_.orders.to(to.info.id).push_back(Peer{id, find(id)->info.address});
  }
}

void Step::introduce(ClientId to, WorkerId whom) {
  ClientRecord& client = s_.clients.at(to);
  if (client.peers.size() <= whom.value) client.peers.resize(whom.value + 1);
  if (client.peers[whom.value]) return;
  client.peers[whom.value] = true;
  out_.news.to(to).push_back(HolderAddress{whom, find(whom)->info.address});
}

void Step::order_copy(const Task& task, WorkerRecord& worker) {
  Input input = input_of(task);
  introduce(worker, input.holders);
  out_.orders.to(worker.info.id).push_back(FetchTask{std::move(input)});
}

// What only a leaving worker has goes to the others; when nothing is left, it closes. Copies are
// ordered again now and then, in case that the one who should fetch them has gone.
void Step::retire_step(WorkerRecord& worker, bool order_copies) {
  if (worker.status != WorkerStatus::kRetiring || worker.closing) return;
  compact_holds(worker);
  bool waiting = !worker.processing.empty();
  for (TaskId id : worker.holds) {
    Task& task = *find(id);
    if (task.as<InMemory>().holders.size() > 1) continue;
    waiting = true;
    if (s_.load.empty() || !order_copies) continue;
    WorkerRecord* best = nullptr;
    for (auto& [other_id, other] : s_.workers) {
      if (takes_tasks(other) && (!best || other.nbytes < best->nbytes)) best = &other;
    }
    if (best) order_copy(task, *best);
  }
  if (waiting) return;
  worker.closing = true;
  out_.orders.to(worker.info.id).push_back(CloseWorker{"retired"});
  for (auto& [id, client] : s_.clients) out_.news.to(id).push_back(WorkerRetired{worker.info.id});
}

void Step::ask(ClientRecord& client, ReplicateTask& request) {
  Task* task = task_of(client, request.number);
  if (!task || task->kind() != TaskState::kMemory) return;
  std::vector<WorkerId> targets = request.workers;
  if (targets.empty()) {
    for (auto& [id, worker] : s_.workers) targets.push_back(id);
  }
  std::sort(targets.begin(), targets.end(), [&](WorkerId a, WorkerId b) {
    const WorkerRecord* x = find(a);
    const WorkerRecord* y = find(b);
    return std::pair(x ? x->nbytes : 0, a) < std::pair(y ? y->nbytes : 0, b);
  });
  const auto& holders = task->as<InMemory>().holders;
  auto wanted = request.copies > 0 ? static_cast<size_t>(request.copies) : targets.size();
  size_t have = 0;
  for (WorkerId id : targets) {
    have += std::find(holders.begin(), holders.end(), id) != holders.end();
  }
  for (WorkerId id : targets) {
    if (have >= wanted) return;
    WorkerRecord* worker = find(id);
    if (!worker || !takes_tasks(*worker)) continue;
    if (std::find(holders.begin(), holders.end(), id) != holders.end()) continue;
    order_copy(*task, *worker);
    ++have;
  }
}

// Copies from the fullest workers to the emptiest until nobody is 10 % above the mean. The copy at
// the source goes when the new one is there (see CopyAdded).
void Step::ask(ClientRecord& client, RebalanceTasks& request) {
  std::vector<WorkerId> ids = request.workers;
  if (ids.empty()) {
    for (auto& [id, worker] : s_.workers) ids.push_back(id);
  }
  std::erase_if(ids, [&](WorkerId id) { return !find(id) || !takes_tasks(*find(id)); });
  if (ids.size() < 2) return;
  std::map<WorkerId, int64_t> bytes;
  int64_t total = 0;
  for (WorkerId id : ids) total += bytes[id] = find(id)->nbytes;
  auto mean = total / static_cast<int64_t>(ids.size());
  std::vector<TaskId> only;
  for (TaskNumber number : request.numbers) {
    if (Task* task = task_of(client, number)) only.push_back(task->id);
  }
  std::sort(only.begin(), only.end());
  for (WorkerId id : ids) {
    WorkerRecord& source = *find(id);
    compact_holds(source);
    for (TaskId held : source.holds) {
      if (bytes[id] <= mean + mean / 10) break;
      if (!only.empty() && !std::binary_search(only.begin(), only.end(), held)) continue;
      Task& task = *find(held);
      const InMemory& state = task.as<InMemory>();
      if (state.holders.size() != 1) continue;
      auto target = std::min_element(ids.begin(), ids.end(),
                                     [&](WorkerId a, WorkerId b) { return bytes[a] < bytes[b]; });
      if (*target == id || bytes[*target] + state.nbytes > bytes[id]) continue;
      order_copy(task, *find(*target));
      s_.moves[held] = id;
      bytes[id] -= state.nbytes;
      bytes[*target] += state.nbytes;
    }
  }
}

}  // namespace dusk::cluster
