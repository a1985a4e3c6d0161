#include "sim/client_node.h"

#include <algorithm>

#include "sim/random.h"
#include "sim/scheduler_node.h"
#include "sim/worker_node.h"
#include "sim/world.h"

namespace dusk::sim {

using namespace cluster;

ClientNode::ClientNode(World& world, uint32_t number)
    : world_(world),
      number_(number),
      node_(world.network.add_node()),
      courier_(world, node_),
      scheduler_(world.scheduler->accept(*this)) {}

bool ClientNode::alive() const { return world_.network.alive(node_) && !state_.lost; }

// ---- the machine

// Events that a step causes wait until it is over.
void ClientNode::apply(ClientEvent event) {
  queue_.push_back(std::move(event));
  if (applying_) return;
  applying_ = true;
  while (!queue_.empty()) {
    ClientEvent next = std::move(queue_.front());
    queue_.erase(queue_.begin());
    apply_one(std::move(next));
  }
  applying_ = false;
}

void ClientNode::apply_one(ClientEvent event) {
  if (world_.checker.failed()) return;
  ClientActions out;
  if (world_.mutator) world_.mutator->before(state_, event);
  step(state_, std::move(event), out);
  if (world_.mutator) world_.mutator->after(state_, out);
  std::move(out.requests.begin(), out.requests.end(), std::back_inserter(outgoing_));
  for (ClientFetch& wanted : out.fetch) {
    std::vector<TaskId> tasks = wanted.tasks;
    courier_.get(wanted.address, tasks, [this, from = wanted.from, tasks](const Reply* reply) {
      if (!reply) return apply(HolderUnreachable{from, tasks});
      ValuesCame came{from, {}, reply->gone, {}};
      for (const auto& [task, value] : reply->values) {
        if (value.broken) {
          came.broken.emplace_back(task, "its value cannot be serialised");
        } else {
          came.values.emplace_back(task, world_.body_of(value.number));
        }
      }
      apply(std::move(came));
    });
  }
  for (TaskNumber number : out.valued) valued(number);
  for (TaskNumber number : out.changed) look(number);
  if (!outgoing_.empty()) flush_soon();
}

void ClientNode::flush_soon() {
  if (flush_on_) return;
  flush_on_ = true;
  auto delay = static_cast<Time>(mix(world_.plan.config.seed, node_, ++flushes_) % 300);
  world_.network.after(node_, delay, [this] {
    flush_on_ = false;
    auto letter = std::exchange(outgoing_, {});
    if (!letter.empty()) world_.scheduler->from_client(scheduler_, node_, std::move(letter));
  });
}

void ClientNode::request(ClientRequest request) {
  outgoing_.push_back(std::move(request));
  flush_soon();
}

void ClientNode::hear(std::vector<ClientNews> news) { apply(NewsCame{std::move(news)}); }

void ClientNode::scheduler_closed() { apply(SchedulerLost{"the connection ended"}); }

void ClientNode::leave() { world_.network.end(node_, world_.chance("leave", node_, 0, 2)); }

// ---- what the user does

SubmitTask ClientNode::submission(uint32_t task, std::map<uint32_t, TaskNumber>& group) {
  const TaskSpec& spec = world_.plan.tasks[task];
  SubmitTask request;
  for (uint32_t input : spec.inputs) request.dependencies.push_back(hidden(input, group));
  request.number = ++state_.last_number;
  request.key = key_of(task);
  request.code = spec.foreign ? kForeignCode : 1 + task % 3;
  request.priority = static_cast<double>(spec.priority);
  request.requirements = world_.requirements[task];
  return request;
}

// The number of an input: of a future, or of a task that is submitted along.
TaskNumber ClientNode::hidden(uint32_t task, std::map<uint32_t, TaskNumber>& group) {
  auto known = group.find(task);
  if (known != group.end()) return known->second;
  auto held = held_.find(task);
  if (held != held_.end()) return group[task] = held->second.number;
  SubmitTask request = submission(task, group);
  request.wanted = false;
  TaskNumber number = request.number;
  apply(TaskSubmitted{std::move(request)});
  return group[task] = number;
}

void ClientNode::submit(uint32_t task, bool value) {
  if (!alive() || scattering_.count(task)) return;
  if (!code_sent_) {
    code_sent_ = true;
    for (uint32_t code = 1; code <= kForeignCode; ++code) {
      apply(CodeSubmitted{{code, {0, code}, "f" + std::to_string(code), nullptr}});
    }
  }
  Held& held = held_[task];
  if (held.references == 0) {
    std::map<uint32_t, TaskNumber> group;
    held_.erase(task);
    SubmitTask request = submission(task, group);
    Held& fresh = held_[task];
    fresh.number = request.number;
    fresh.references = 1;
    fresh.wants_value = value;
    tasks_[request.number] = task;
    apply(TaskSubmitted{std::move(request)});
    apply(GroupSubmitted{});
    return;
  }
  ++held.references;
  held.wants_value |= value;
  apply(FutureRetained{held.number});
  seek(held);
}

void ClientNode::release(uint32_t task) {
  auto found = held_.find(task);
  if (found == held_.end() || found->second.asked) return;
  TaskNumber number = found->second.number;
  if (--found->second.references == 0) held_.erase(found);
  apply(FutureReleased{number});
}

// A future that was cancelled is of no use; its user lets go of it.
void ClientNode::drop_cancelled(uint32_t task) {
  auto found = held_.find(task);
  if (found == held_.end()) return;
  Held held = found->second;
  held_.erase(found);
  if (held.asked) apply(ValueUnwanted{held.number});
  for (; held.references > 0; --held.references) apply(FutureReleased{held.number});
}

void ClientNode::cancel(uint32_t task, bool force) {
  auto found = held_.find(task);
  if (found == held_.end() || !alive()) return;
  cancelled_.insert(task);
  world_.forced_cancels += force;
  apply(FutureCancelled{found->second.number, force});
}

void ClientNode::retry(uint32_t task) {
  auto found = held_.find(task);
  if (found != held_.end()) apply(FutureRetried{found->second.number});
}

void ClientNode::gather(uint32_t task) {
  auto found = held_.find(task);
  if (found == held_.end()) return;
  found->second.wants_value = true;
  seek(found->second);
}

void ClientNode::seek(Held& held) {
  if (!held.wants_value || held.asked || !alive()) return;
  const FutureRecord* future = state_.find(held.number);
  if (!future || future->status != FutureStatus::kFinished) return;
  held.asked = true;
  apply(ValueWanted{held.number});
}

void ClientNode::scatter(uint32_t task, const std::vector<WorkerNode*>& workers) {
  if (!alive() || held_.count(task) || scattering_.count(task) || workers.empty()) return;
  if (!world_.plan.tasks[task].inputs.empty()) return;
  scattering_.insert(task);
  auto holders = std::make_shared<std::vector<WorkerId>>();
  auto rest = std::make_shared<size_t>(workers.size());
  SimValue value{world_.values[task], world_.plan.tasks[task].nbytes, false, false};
  for (WorkerNode* worker : workers) {
    WorkerId id = worker->state().self;
    courier_.put(worker->address(), key_of(task), value, [this, task, holders, rest, id](bool ok) {
      if (ok) holders->push_back(id);
      if (--*rest > 0) return;
      scattering_.erase(task);
      if (holders->empty() || !alive()) return;
      Held& held = held_[task];
      held.number = ++state_.last_number;
      held.references = 1;
      tasks_[held.number] = task;
      world_.scattered.insert(task);
      apply(DataScattered{{held.number, key_of(task), world_.plan.tasks[task].nbytes, *holders}});
    });
  }
}

void ClientNode::join(uint32_t first, int64_t parts) {
  if (!alive()) return;
  std::vector<TaskNumber> numbers;
  for (auto it = held_.lower_bound(first); it != held_.end() && parts > 0; ++it, --parts) {
    apply(FutureRetained{it->second.number});
    numbers.push_back(it->second.number);
  }
  TaskNumber number = ++state_.last_number;
  wholes_.push_back(number);
  apply(FuturesJoined{number, "whole-" + std::to_string(number), std::move(numbers)});
}

void ClientNode::replicate(uint32_t task, int32_t copies) {
  auto found = held_.find(task);
  if (found != held_.end()) request(ReplicateTask{found->second.number, copies, {}});
}

void ClientNode::gather_all() {
  for (auto& [task, held] : held_) {
    held.wants_value = true;
    seek(held);
  }
}

void ClientNode::release_all() {
  std::vector<uint32_t> tasks;
  for (auto& [task, held] : held_) tasks.push_back(task);
  for (uint32_t task : tasks) drop_cancelled(task);
  for (TaskNumber number : std::exchange(wholes_, {})) apply(FutureReleased{number});
}

// ---- what becomes of it

bool ClientNode::cancelled_below(uint32_t task) const {
  return std::any_of(cancelled_.begin(), cancelled_.end(),
                     [&](uint32_t other) { return world_.makings[task][other]; });
}

void ClientNode::look(TaskNumber number) {
  auto task = tasks_.find(number);
  if (task == tasks_.end()) return;
  auto held = held_.find(task->second);
  if (held == held_.end() || held->second.number != number) return;
  const FutureRecord* future = state_.find(number);
  if (!future) return world_.checker.fail("a client forgets a future that its user holds");
  switch (future->status) {
    case FutureStatus::kFinished: return seek(held->second);
    case FutureStatus::kError:
      world_.checker.failed_future(task->second, *future->fault);
      if (held->second.asked) {
        held->second.asked = held->second.wants_value = false;
        apply(ValueUnwanted{number});
      }
      return;
    case FutureStatus::kCancelled:
      if (!state_.lost && !cancelled_below(task->second) && world_.forced_cancels == 0 &&
          world_.restarts == 0) {
        world_.checker.fail(key_of(task->second) + " is cancelled, and nobody asked for that");
      }
      return drop_cancelled(task->second);
    default: return;
  }
}

void ClientNode::valued(TaskNumber number) {
  auto task = tasks_.find(number);
  auto held = task == tasks_.end() ? held_.end() : held_.find(task->second);
  if (held == held_.end() || held->second.number != number || !held->second.asked) return;
  const FutureRecord* future = state_.find(number);
  if (!future || !future->value) return world_.checker.fail("a value is announced and not there");
  world_.checker.delivered(task->second, world_.number_in(future->value));
  held->second.asked = held->second.wants_value = false;
  apply(ValueUnwanted{number});
}

std::vector<uint32_t> ClientNode::open() const {
  std::vector<uint32_t> tasks(scattering_.begin(), scattering_.end());
  for (const auto& [task, held] : held_) {
    const FutureRecord* future = state_.find(held.number);
    if (!future || future->status == FutureStatus::kPending || held.asked) tasks.push_back(task);
  }
  return tasks;
}

std::string ClientNode::leftovers() const {
  std::string text;
  for (const auto& [number, future] : state_.futures) text += " future of " + future.key;
  if (!state_.by_key.empty()) text += " keys";
  if (!state_.by_task.empty()) text += " fetches";
  if (!state_.wholes.empty()) text += " joined futures";
  return text;
}

}  // namespace dusk::sim
