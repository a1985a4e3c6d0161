// Workers come, fall silent, and go.
#include <algorithm>

#include "dusk/base/check.h"
#include "dusk/cluster/scheduler_step.h"

namespace dusk::cluster {

void Step::on(WorkerJoined& event) {
  WorkerId id = event.info.id;
  DUSK_CHECK(id.valid() && !s_.workers.contains(id), "a worker's number is used twice");
  WorkerRecord& worker = s_.workers.add(id);
  worker.info = std::move(event.info);
  worker.info.threads = std::max(worker.info.threads, 1);
  worker.heard = now_;
  s_.threads += worker.info.threads;
  update_load(worker);
  for (auto& [key, nbytes] : event.holds) adopt(worker, key, nbytes);
  retry_no_worker();
}

// A worker brings a result along, by key: its numbers are those of a connection that is gone. What
// nobody asks for, it is told to drop.
void Step::adopt(WorkerRecord& worker, const std::string& key, int64_t nbytes) {
  Task* task = s_.tasks.find(key);
  bool welcome = task && task->kind() != TaskState::kReleased && task->kind() != TaskState::kErred;
  if (welcome && task->kind() == TaskState::kMemory) {
    add_holder(*task, worker);
  } else if (welcome) {
    Detail detail;
    detail.worker = worker.info.id;
    detail.nbytes = nbytes;
    transition(*task, TaskState::kMemory, std::move(detail));
  }
  out_.orders.to(worker.info.id).push_back(AdoptTask{welcome ? task->id : TaskId{}, key});
}

// The tasks that a worker may have died of: those that it had begun, and as many of the next ones
// as it had threads left (it may have begun them without living to tell).
std::vector<TaskId> Step::blamed(const WorkerRecord& worker) {
  std::vector<TaskId> suspects = worker.processing;
  std::sort(suspects.begin(), suspects.end(), [&](TaskId a, TaskId b) {
    const Task& x = *find(a);
    const Task& y = *find(b);
    bool started = x.as<Processing>().started;
    if (started != y.as<Processing>().started) return started;
    return x.priority < y.priority;
  });
  auto begun = static_cast<size_t>(std::count_if(suspects.begin(), suspects.end(), [&](TaskId id) {
    return find(id)->as<Processing>().started;
  }));
  size_t count = std::max(begun, static_cast<size_t>(worker.info.threads));
  if (suspects.size() > count) suspects.resize(count);
  return suspects;
}

// One more worker died under the task; too many, and it fails.
void Step::blame(Task& task, const WorkerRecord& worker, const WorkerLeft& event) {
  std::vector<std::string>& killed = s_.killed_under[task.id];
  killed.push_back(worker.info.address);
  if (static_cast<int32_t>(killed.size()) <= s_.options.allowed_failures) return;
  auto fault = std::make_shared<Fault>();
  fault->task = task.key;
  fault->worker = worker.info.address;
  fault->log_tail = event.log_tail;
  fault->cause = FaultCause::kWorkersDied;
  fault->message = "Attempted to run task '" + task.key + "' on " + std::to_string(killed.size()) +
                   " different workers, but all those workers died while running it: ";
  for (size_t i = 0; i < killed.size(); ++i) {
    fault->message += (i ? ", " : "") + killed[i];
  }
  fault->message += ". The last one ended with: " + event.reason;
  if (!event.log_tail.empty()) fault->message += "\nIts last lines:\n" + event.log_tail;
  Detail detail;
  detail.tell = task.kind() == TaskState::kProcessing;  // given to another one meanwhile
  detail.fault = std::move(fault);
  transition(task, TaskState::kErred, std::move(detail));
}

void Step::on(WorkerLeft& event) {
  WorkerRecord* worker = find(event.worker);
  if (!worker) return;
  bool accident = !worker->closing;
  worker->closing = true;
  update_load(*worker);
  s_.queue.forget(event.worker);
  s_.threads -= worker->info.threads;
  std::vector<TaskId> suspects = accident ? blamed(*worker) : std::vector<TaskId>{};
  compact_holds(*worker);
  std::vector<TaskId> held = worker->holds;
  std::vector<TaskId> running = worker->processing;
  // First the results, so that tasks which are placed anew see what is left.
  std::vector<TaskId> gone;
  for (TaskId id : held) {
    Task& task = *find(id);
    remove_holder(task, *worker);
    if (task.as<InMemory>().holders.empty()) gone.push_back(id);
  }
  for (TaskId id : running) {
    Task* task = find(id);
    if (!task || task->kind() != TaskState::kProcessing) continue;
    if (task->as<Processing>().worker != event.worker) continue;
    Detail detail;
    detail.tell = false;
    transition(*task, TaskState::kReleased, std::move(detail));
  }
  for (TaskId id : gone) {
    Task* task = find(id);
    if (task && task->kind() == TaskState::kMemory && task->as<InMemory>().holders.empty()) {
      lost(*task);
    }
  }
  // After what is lost has asked for its inputs: those of a task that fails must not go before.
  if (!suspects.empty()) follow_up();
  for (TaskId id : suspects) {
    Task* task = find(id);
    if (!task || task->kind() == TaskState::kReleased || task->kind() > TaskState::kProcessing) {
      continue;  // nobody needs it any more, or it has an outcome
    }
    blame(*task, *worker, event);
  }
  s_.tasks.for_each([&](Task& task) {
    if (task.kind() == TaskState::kProcessing && task.as<Processing>().thief == event.worker) {
      task.as<Processing>().thief = task.as<Processing>().worker;
    }
  });
  for (auto& [id, other] : s_.workers) {
    if (event.worker.value < other.peers.size() && other.peers[event.worker.value]) {
      other.peers[event.worker.value] = false;
      out_.orders.to(id).push_back(DropPeer{event.worker});
    }
  }
  s_.overfull.erase(event.worker);
  s_.retiring.erase(event.worker);
  s_.workers.erase(event.worker);
  follow_up();
  retry_unable();
}

void Step::on(Heartbeat& event) {
  WorkerRecord* worker = find(event.worker);
  if (!worker) return;
  worker->heard = now_;
  worker->memory = event.memory;
  if (event.bandwidth > 0) s_.bandwidth += 0.1 * (event.bandwidth - s_.bandwidth);
}

void Step::on(Tick&) {
  for (auto& [id, worker] : s_.workers) {
    if (s_.options.worker_ttl > 0 && now_ - worker.heard > s_.options.worker_ttl) {
      out_.disconnect.push_back(id);
    }
    retire_step(worker, true);
  }
  std::erase_if(s_.no_worker, [&](TaskId id) {
    const Task* task = find(id);
    return !task || task->kind() != TaskState::kNoWorker;
  });
  if (s_.options.no_workers_timeout > 0) {
    for (TaskId id : std::vector<TaskId>(s_.no_worker)) {
      Task* task = find(id);  // it may stand there twice
      if (!task || task->kind() != TaskState::kNoWorker) continue;
      if (now_ - task->as<NoWorker>().since < s_.options.no_workers_timeout) continue;
      auto fault = std::make_shared<Fault>();
      fault->task = task->key;
      fault->cause = FaultCause::kNoWorker;
      fault->message =
          "Attempted to run task '" + task->key +
          "' but timed out while waiting for a worker that may run it: " + explain_task(s_, *task);
      Detail detail;
      detail.fault = std::move(fault);
      transition(*task, TaskState::kErred, std::move(detail));
    }
  }
  if (s_.unfinished > 0 || !s_.clients.empty()) s_.idle_since = now_;
  if (s_.options.idle_timeout > 0 && now_ - s_.idle_since > s_.options.idle_timeout) {
    out_.shut_down = true;
  }
}

}  // namespace dusk::cluster
