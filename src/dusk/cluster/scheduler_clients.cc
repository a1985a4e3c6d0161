// What clients ask for.
#include <algorithm>
#include <unordered_set>

#include "dusk/base/check.h"
#include "dusk/cluster/scheduler_step.h"

namespace dusk::cluster {
namespace {

constexpr size_t kFew = 16;  // so many are compared with each other

using Inputs = base::SmallVector<TaskId, 8>;

// Keeps the first of equal ones, in order: workers see inputs as the client listed them.
void drop_repeated(Inputs& ids) {
  std::unordered_set<TaskId> seen;
  size_t kept = 0;
  for (TaskId id : ids) {
    bool fresh = ids.size() > kFew
                     ? seen.insert(id).second
                     : std::find(ids.begin(), ids.begin() + kept, id) == ids.begin() + kept;
    if (fresh) ids[kept++] = id;
  }
  ids.resize(kept);
}

// Whether it was submitted when an input or its code was not there any more.
bool incomplete(const Task& task) {
  if (task.kind() != TaskState::kErred) return false;
  const Fault& fault = *task.as<Erred>().fault;
  return fault.kind == base::ErrorKind::kCancelled && fault.task == task.key;
}

}  // namespace

void Step::on(ClientJoined& event) {
  ClientRecord& client = s_.clients[event.client];
  client.id = event.client;
  client.name = std::move(event.name);
}

void Step::on(ClientLeft& event) {
  auto found = s_.clients.find(event.client);
  if (found == s_.clients.end()) return;
  ClientRecord client = std::move(found->second);
  s_.clients.erase(found);
  client.numbers.for_each([&](TaskNumber number, TaskId id) {
    if (Task* task = find(id)) unwant(*task, client.id, number);
  });
  std::vector<std::pair<uint32_t, CodeId>> codes(client.codes.begin(), client.codes.end());
  std::sort(codes.begin(), codes.end());
  for (auto [number, id] : codes) drop_code(id);
}

void Step::on(ClientAsked& event) {
  auto found = s_.clients.find(event.client);
  if (found == s_.clients.end()) return;
  for (ClientRequest& request : event.requests) {
    std::visit([&](auto& r) { ask(found->second, r); }, request);
  }
}

Task* Step::task_of(ClientRecord& client, TaskNumber number) {
  return find(client.numbers.find(number));
}

void Step::ask(ClientRecord& client, SubmitCode& request) {
  auto [found, added] = s_.by_token.try_emplace(request.token);
  if (added) {
    Code code;
    if (s_.free_codes.empty()) {
      code.id = {static_cast<uint32_t>(s_.codes.size())};
      s_.codes.emplace_back();
    } else {
      code.id = s_.free_codes.back();
      s_.free_codes.pop_back();
    }
    code.token = request.token;
    code.name = std::move(request.name);
    code.body = std::move(request.body);
    found->second = code.id;
    s_.codes[code.id.value] = std::move(code);
  }
  if (client.codes.emplace(request.number, found->second).second) {
    ++s_.codes[found->second.value].references;
  }
}

void Step::drop_code(CodeId id) {
  if (!id.valid()) return;
  Code& code = s_.codes[id.value];
  if (--code.references > 0) return;
  for (auto& [worker_id, worker] : s_.workers) {
    if (id.value < worker.codes.size() && worker.codes[id.value]) {
      worker.codes[id.value] = false;
      out_.orders.to(worker_id).push_back(DropCode{id});
    }
  }
  s_.by_token.erase(code.token);
  code = Code{};
  s_.free_codes.push_back(id);
}

// A request that names what does not exist was made by a broken client: its task fails, nobody
// else notices.
void Step::ask(ClientRecord& client, SubmitTask& request) {
  if (client.numbers.contains(request.number)) return;
  if (Task* known = s_.tasks.find(request.key)) {
    client.numbers.insert(request.number, known->id);
    want(*known, client, request.number, !request.wanted);
    return;
  }
  auto code = client.codes.find(request.code);
  bool broken = code == client.codes.end();
  Inputs inputs;
  for (TaskNumber number : request.dependencies) {
    Task* input = task_of(client, number);
    if (!input) {
      broken = true;
      continue;
    }
    inputs.push_back(input->id);
  }
  drop_repeated(inputs);
  Task& task = s_.tasks.create(std::move(request.key));
  client.numbers.insert(request.number, task.id);
  task.arguments = std::move(request.arguments);
  task.priority = {request.priority, s_.sequence++};
  task.requirements = std::move(request.requirements);
  if (task.requirements) task.retries_left = task.requirements->retries;
  if (code != client.codes.end()) {
    task.code = code->second;
    ++s_.codes[task.code.value].references;
  }
  task.dependencies.assign(inputs.begin(), inputs.end());
  for (TaskId id : inputs) {
    Task& input = *find(id);
    input.dependents.push_back(task.id);
    ++input.dependents_alive;
    if (input.dependents.size() > 2 * size_t{input.dependents_alive} + 8) {
      auto& all = input.dependents;
      auto end = std::remove_if(all.begin(), all.end(), [&](TaskId d) { return !find(d); });
      all.resize(static_cast<size_t>(end - all.begin()));
    }
  }
  if (broken) {
    auto fault = std::make_shared<Fault>();
    fault->kind = base::ErrorKind::kCancelled;
    fault->task = task.key;
    fault->message =
        "[" + task.key + "] " +
        (request.code == 0 ? "is not on the cluster any more: it was" : "needs a result that was") +
        " released or cancelled before this was submitted";
    Detail detail;
    detail.fault = std::move(fault);
    transition(task, TaskState::kErred, std::move(detail));
  }
  want(task, client, request.number, !request.wanted);
}

void Step::ask(ClientRecord& client, SubmitEnd&) {
  std::vector<TaskNumber> group;
  group.swap(client.group);
  for (TaskNumber number : group) {
    if (Task* task = task_of(client, number)) unwant(*task, client.id, number);
    client.numbers.erase(number);
  }
}

void Step::want(Task& task, ClientRecord& client, TaskNumber number, bool hold) {
  Task::Want want{client.id, number, hold};
  task.wanted_by.push_back(want);
  if (hold) client.group.push_back(number);
  tell_state(task, want);
  if (task.kind() == TaskState::kReleased) follow(task.id, TaskState::kWaiting);
}

void Step::tell_state(const Task& task, const Task::Want& want) {
  if (want.hold) return;
  auto& news = out_.news.to(want.client);
  if (task.kind() == TaskState::kMemory) {
    const InMemory& state = task.as<InMemory>();
    introduce(want.client, state.holders[0]);
    news.push_back(TaskFinished{want.number, task.id, state.nbytes, state.holders[0], nullptr});
  } else if (task.kind() == TaskState::kErred) {
    news.push_back(TaskFailed{want.number, task.as<Erred>().fault});
  }
}

void Step::unwant(Task& task, ClientId client, TaskNumber number) {
  for (size_t i = 0; i < task.wanted_by.size(); ++i) {
    if (task.wanted_by[i].client == client && task.wanted_by[i].number == number) {
      task.wanted_by.erase(i);
      break;
    }
  }
  if (task.wanted()) return;
  if (!task.needed()) follow(task.id, TaskState::kReleased);
  if (task.dependents_alive == 0) follow(task.id, TaskState::kForgotten);
}

void Step::ask(ClientRecord& client, ReleaseTask& request) {
  Task* task = task_of(client, request.number);
  client.numbers.erase(request.number);
  if (task) unwant(*task, client.id, request.number);
}

void Step::ask(ClientRecord& client, CancelTask& request) {
  Task* task = task_of(client, request.number);
  if (!task) {
    out_.news.to(client.id).push_back(TaskCancelled{request.number});
    return;
  }
  cancel(*task, client.id, request.force);
}

// Takes the client's wish back (everybody's with force); what depends on the task goes with it when
// nobody else wants the task.
void Step::cancel(Task& task, ClientId client, bool force) {
  std::vector<TaskId> next{task.id};
  for (size_t i = 0; i < next.size(); ++i) {
    Task& current = *find(next[i]);
    std::vector<Task::Want> wants(current.wanted_by.begin(), current.wanted_by.end());
    for (const Task::Want& want : wants) {
      if (want.client != client && !force) continue;
      if (!want.hold) out_.news.to(want.client).push_back(TaskCancelled{want.number});
      auto asker = s_.clients.find(want.client);
      if (asker != s_.clients.end()) asker->second.numbers.erase(want.number);
      unwant(current, want.client, want.number);
    }
    if (current.wanted()) continue;
    for (TaskId id : current.dependents) {
      if (find(id) && std::find(next.begin(), next.end(), id) == next.end()) next.push_back(id);
    }
  }
}

void Step::ask(ClientRecord& client, RetryTask& request) {
  Task* task = task_of(client, request.number);
  if (!task) out_.news.to(client.id).push_back(TaskCancelled{request.number});
  if (task && task->kind() == TaskState::kMemory) {  // it was the value that could not be had
    for (const Task::Want& want : task->wanted_by) {
      if (want.client == client.id) tell_state(*task, want);
    }
  }
  if (!task || task->kind() != TaskState::kErred) return;
  // The tasks whose failure this one inherited are tried again as well.
  std::vector<TaskId> next{task->id};
  for (size_t i = 0; i < next.size(); ++i) {
    for (TaskId id : find(next[i])->dependencies) {
      if (find(id)->kind() == TaskState::kErred &&
          std::find(next.begin(), next.end(), id) == next.end()) {
        next.push_back(id);
      }
    }
  }
  // One that was submitted without all of its inputs would compute something else.
  for (TaskId id : next) {
    const Task& failed = *find(id);
    if (!incomplete(failed)) continue;
    for (const Task::Want& want : task->wanted_by) {
      if (want.client == client.id) tell_state(*task, want);
    }
    return;
  }
  for (auto id = next.rbegin(); id != next.rend(); ++id) {
    Task& failed = *find(*id);
    if (failed.requirements) failed.retries_left = failed.requirements->retries;
    s_.killed_under.erase(*id);
    if (failed.kind() == TaskState::kErred) transition(failed, TaskState::kReleased, {});
  }
}

void Step::ask(ClientRecord& client, ScatteredTask& request) {
  if (client.numbers.contains(request.number)) return;
  std::erase_if(request.holders, [&](WorkerId id) { return !find(id) || find(id)->closing; });
  Task* known = s_.tasks.find(request.key);
  Task& task = known ? *known : s_.tasks.create(std::move(request.key));
  client.numbers.insert(request.number, task.id);
  if (task.kind() != TaskState::kMemory && !request.holders.empty()) {
    Detail detail;
    detail.worker = request.holders[0];
    detail.nbytes = request.nbytes;
    task.priority = {0, s_.sequence++};
    transition(task, TaskState::kMemory, std::move(detail));
  }
  if (task.kind() == TaskState::kMemory) {
    for (WorkerId id : request.holders) {
      add_holder(task, *find(id));
      out_.orders.to(id).push_back(AdoptTask{task.id, task.key});
    }
  }
  want(task, client, request.number, false);
}

void Step::ask(ClientRecord& client, MissingTask& request) {
  Task* task = task_of(client, request.number);
  if (!task || task->kind() != TaskState::kMemory) return;
  WorkerRecord* holder = find(request.holder);
  if (holder && remove_holder(*task, *holder)) free_on(task->id, *holder);
  if (task->as<InMemory>().holders.empty()) {
    lost(*task);
    return;
  }
  for (const Task::Want& want : task->wanted_by) {
    if (want.client == client.id) tell_state(*task, want);
  }
}

void Step::ask(ClientRecord&, RetireWorker& request) {
  WorkerRecord* worker = find(request.worker);
  if (!worker) return;
  worker->status = WorkerStatus::kRetiring;
  s_.retiring.insert(worker->info.id);
  s_.queue.forget(worker->info.id);
  update_load(*worker);
  retract_all(*worker);
  retires_ = true;  // when everything that was said with it has been heard
}

// Every task ends as cancelled and every worker closes; those who keep workers start new ones.
void Step::ask(ClientRecord&, RestartCluster&) {
  forget_all();
  for (auto& [id, worker] : s_.workers) {
    worker.closing = true;
    update_load(worker);
    out_.orders.to(id).push_back(CloseWorker{"restart"});
  }
  for (auto& [id, client] : s_.clients) out_.news.to(id).push_back(ClusterRestarted{});
}

void Step::forget_all() {
  std::vector<TaskId> all;
  s_.tasks.for_each([&](const Task& task) { all.push_back(task.id); });
  for (TaskId id : all) cancel(*find(id), {}, true);
  follow_up();
  DUSK_CHECK(s_.tasks.size() == 0, "tasks outlive a restart");
}

}  // namespace dusk::cluster
