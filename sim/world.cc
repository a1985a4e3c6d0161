#include "sim/world.h"

#include <cstring>

#include "sim/random.h"

namespace dusk::sim {

using namespace cluster;

namespace {

constexpr Time kSettle = 600 * kSecond;  // after which what is not finished is stuck
constexpr int32_t kHelperThreads = 4;

uint32_t slots_of(const Plan& plan) {
  uint32_t count = 0;
  for (const Op& op : plan.ops) {
    if (op.kind <= OpKind::kSkew) count = std::max(count, op.who + 1);
  }
  for (const TaskSpec& task : plan.tasks) {
    count = std::max(count, static_cast<uint32_t>(task.only + 1));
  }
  return count + 1;  // the last one comes at the end and has everything
}

}  // namespace

World::World(const Plan& given, Mutator* bug)
    : plan(given),
      mutator(bug),
      network(queue, plan.config),
      checker(*this),
      slots(slots_of(given)),
      values(values_of(given)),
      makings(makings_of(given)),
      executions(given.tasks.size()) {
  scheduler = std::make_unique<SchedulerNode>(*this);
  make_requirements();
  for (const Op& op : plan.ops) {
    queue.at(op.at, [this, &op] { happen(op); });
  }
}

void World::make_requirements() {
  for (const TaskSpec& task : plan.tasks) {
    auto needs = std::make_shared<Requirements>();
    needs->retries = static_cast<int32_t>(task.retries);
    if (task.gpus > 0) needs->resources["GPU"] = static_cast<double>(task.gpus);
    if (task.only >= 0) needs->workers.push_back("w" + std::to_string(task.only));
    needs->allow_other_workers = task.others != 0;
    bool any = task.retries > 0 || task.gpus > 0 || task.only >= 0;
    requirements.push_back(any ? std::move(needs) : nullptr);
  }
}

bool World::chance(std::string_view what, uint64_t who, uint64_t which, uint64_t one_in) const {
  uint64_t h = plan.config.seed;
  for (char c : what) h = mix(h, static_cast<uint8_t>(c));
  return mix(h, who, which) % one_in == 0;
}

Body World::body_of(uint64_t number) {
  data::Frames frames;
  frames.header.resize(sizeof number);
  std::memcpy(frames.header.data(), &number, sizeof number);
  return std::make_shared<const data::Frames>(std::move(frames));
}

uint64_t World::number_in(const Body& body) {
  uint64_t number = 0;
  if (body->header.size() == sizeof number) {
    std::memcpy(&number, body->header.data(), sizeof number);
  }
  return number;
}

// ---- processes

WorkerNode* World::worker_at(const std::string& address) const {
  auto found = addresses_.find(address);
  return found != addresses_.end() && found->second->alive() ? found->second : nullptr;
}

ClientNode* World::client(uint32_t number) const {
  auto found = clients_.find(number);
  return found != clients_.end() && found->second->alive() ? found->second : nullptr;
}

void World::start_worker(uint32_t number, WorkerNode::Holds holds) {
  Slot& slot = slots[number];
  slot.starting = false;
  if (slot.worker && slot.worker->alive()) return;
  workers_.push_back(
      std::make_unique<WorkerNode>(*this, number, ++slot.incarnations, slot.threads, slot.gpus));
  slot.worker = workers_.back().get();
  addresses_[slot.worker->address()] = slot.worker;
  slot.worker->join(std::move(holds));
}

void World::start_later(uint32_t number, Time delay) {
  if (delay <= 0 || slots[number].starting) return;
  slots[number].starting = true;
  queue.after(delay, [this, number] { start_worker(number); });
}

void World::worker_ended(WorkerNode& worker) { start_later(worker.slot(), plan.config.nanny); }

void World::poisoned(WorkerNode& worker) {
  worker.die(chance("words", worker.node(), 0, 2));
  worker_ended(worker);
}

// ---- what happens

void World::happen(const Op& op) {
  if (op.kind >= OpKind::kConnect) return user_does(op);
  Slot& slot = slots[op.who];
  WorkerNode* worker = slot.worker && slot.worker->alive() ? slot.worker : nullptr;
  if (op.kind == OpKind::kStart) {
    slot.threads = static_cast<int32_t>(std::max(op.what, 1u));
    slot.gpus = op.amount;
    return start_worker(op.who);
  }
  if (op.kind == OpKind::kPartition) return partition(op);
  if (op.kind == OpKind::kFull) return fill(op);
  if (!worker) return;
  switch (op.kind) {
    case OpKind::kKill:
      worker->die(chance("words", worker->node(), 1, 2));
      return start_later(op.who, op.amount);
    case OpKind::kCut: return worker->cut_connection(op.what == 1);
    case OpKind::kCutPeers:
      if (op.what < slots.size() && slots[op.what].worker) {
        network.cut_between(worker->node(), slots[op.what].worker->node());
      }
      return;
    case OpKind::kFreeze:
      network.freeze(worker->node());
      return end_later(op.amount, [this, worker] { network.thaw(worker->node()); });
    case OpKind::kPause: return fill(*worker, op.amount, {});
    case OpKind::kFillDisk:
      ++slot.disks_full;
      return end_later(op.amount, [&slot] { --slot.disks_full; });
    case OpKind::kDamage: return worker->damage(op.what);
    case OpKind::kSlow: slot.slow = op.amount; return;
    case OpKind::kSkew: slot.skew = op.amount; return;
    default: return;
  }
}

// A fault ends after `delay`, or when all faults end.
void World::end_later(Time delay, std::function<void()> end) {
  auto once = [end = std::move(end), done = std::make_shared<bool>(false)] {
    if (!std::exchange(*done, true)) end();
  };
  queue.after(delay, once);
  healing_.push_back(once);
}

void World::fill(WorkerNode& worker, Time amount, WorkerNode::Filling how) {
  uint64_t filling = worker.fill_memory(how);
  end_later(amount, [&worker, filling] { worker.empty_memory(filling); });
}

void World::fill(const Op& op) {
  for (uint32_t i = op.who; i < op.who + op.what && i < slots.size(); ++i) {
    WorkerNode* worker = slots[i].worker;
    if (!worker || !worker->alive()) continue;
    int64_t above = op.amount < 0 ? worker->held_bytes() / 2 : -1;
    fill(*worker, std::abs(op.amount), {above, true});
  }
}

void World::partition(const Op& op) {
  std::vector<NodeId> nodes;
  for (uint32_t i = op.who; i < op.who + op.what && i < slots.size(); ++i) {
    if (slots[i].worker && slots[i].worker->alive()) nodes.push_back(slots[i].worker->node());
  }
  network.move(nodes, ++partitions_, op.amount < 0);
  end_later(std::abs(op.amount), [this, nodes] { network.move(nodes, 0, false); });
}

void World::user_does(const Op& op) {
  if (op.kind == OpKind::kConnect) {
    if (client(op.who)) return;
    all_clients_.push_back(std::make_unique<ClientNode>(*this, op.who));
    clients_[op.who] = all_clients_.back().get();
    return;
  }
  ClientNode* user = client(op.who);
  if (!user) return;
  switch (op.kind) {
    case OpKind::kSubmit: return user->submit(op.what, op.amount != 0);
    case OpKind::kRelease: return user->release(op.what);
    case OpKind::kCancel: ++cancels; return user->cancel(op.what, op.amount != 0);
    case OpKind::kRetry: return user->retry(op.what);
    case OpKind::kGather: return user->gather(op.what);
    case OpKind::kWhole: return user->join(op.what, op.amount);
    case OpKind::kReplicate: return user->replicate(op.what, static_cast<int32_t>(op.amount));
    case OpKind::kRebalance: return user->request(RebalanceTasks{});
    case OpKind::kLeave: ++abandoned; return user->leave();
    case OpKind::kRestart: ++restarts; return user->request(RestartCluster{});
    case OpKind::kRetire: {
      WorkerNode* worker = op.what < slots.size() ? slots[op.what].worker : nullptr;
      if (worker && worker->alive() && worker->state().self.valid()) {
        user->request(RetireWorker{worker->state().self});
      }
      return;
    }
    case OpKind::kScatter: {
      std::vector<WorkerNode*> to;
      for (size_t i = 0; i < slots.size() && static_cast<int64_t>(to.size()) < op.amount; ++i) {
        WorkerNode* worker = slots[(op.what + i) % slots.size()].worker;
        if (worker && worker->alive() && worker->state().self.valid()) to.push_back(worker);
      }
      return user->scatter(op.what, to);
    }
    default: return;
  }
}

// ---- the end

template <class Done>
bool World::run_while(Time limit, Done done) {
  Time end = now() + limit;
  Time look = now();
  while (!queue.empty() && !checker.failed() && queue.next_time() <= end) {
    if (queue.next_time() >= look) {
      if (done()) return true;
      look = queue.next_time() + kSecond / 20;
    }
    queue.run_next();
  }
  return done();
}

Outcome World::run() {
  Time end = plan.ops.empty() ? 0 : plan.ops.back().at;
  while (!checker.failed() && !queue.empty() && queue.next_time() <= end) queue.run_next();
  heal();
  settle();
  clean_up();
  return {checker.failure(), trace.hash(), now(), stats, trace.seen()};
}

// Faults are over, and every worker that a task may want is there.
void World::heal() {
  for (auto& heal : std::exchange(healing_, {})) heal();
  for (uint32_t i = 0; i < slots.size(); ++i) {
    slots[i].slow = 100;
    if (i + 1 == slots.size()) {
      slots[i].threads = kHelperThreads;
      slots[i].gpus = 4;
    }
    start_worker(i);
  }
}

void World::settle() {
  auto settled = [this] {
    for (const auto& [number, client] : clients_) {
      if (client->alive() && !client->open().empty()) return false;
    }
    return true;
  };
  if (!run_while(kSettle, settled)) return checker.fail("stuck:\n" + stuck());
  for (const auto& [number, client] : clients_) {
    if (client->alive()) client->gather_all();
  }
  if (!run_while(kSettle, settled)) checker.fail("stuck values:\n" + stuck());
}

void World::clean_up() {
  if (checker.failed()) return;
  for (const auto& [number, client] : clients_) {
    if (client->alive()) client->release_all();
  }
  auto left_over = [this] { return leftovers() + checker.unsaid(); };
  run_while(10 * kSecond, [&] { return left_over().empty(); });
  std::string left = left_over();
  if (!left.empty()) return checker.fail("left over:\n" + left);
  for (const auto& [number, client] : clients_) client->leave();
  const SchedulerState& state = scheduler->state();
  run_while(kSecond, [&] { return state.by_token.empty() && state.clients.empty(); });
  if (!state.by_token.empty()) checker.fail("codes are left over");
  if (!state.clients.empty()) checker.fail("clients are left over");
}

std::string World::stuck() const {
  std::string text;
  const SchedulerState& state = scheduler->state();
  for (const auto& [number, client] : clients_) {
    if (!client->alive()) continue;
    for (uint32_t task : client->open()) {
      const Task* known = state.tasks.find(key_of(task));
      text += "  client " + std::to_string(number) + " waits for " + key_of(task) + ": ";
      text += known ? explain_task(state, *known) : "the scheduler does not know it";
      text += "\n";
    }
  }
  state.tasks.for_each([&](const Task& task) {
    if (task.kind() != TaskState::kProcessing) return;
    text += "  " + std::string(task.key) + ": " + explain_task(state, task);
    WorkerNode* worker = scheduler->worker(task.as<Processing>().worker);
    if (worker) text += ", where " + explain_run(worker->state(), task.id);
    text += "\n";
  });
  return text;
}

std::string World::leftovers() const {
  std::string text;
  const SchedulerState& state = scheduler->state();
  state.tasks.for_each([&](const Task& task) {
    text += "  the scheduler has " + std::string(task.key) + " (" +
            std::string(to_string(task.kind())) + ")\n";
  });
  if (!state.moves.empty()) text += "  the scheduler remembers moves\n";
  if (!state.queue.empty() || state.unfinished > 0) text += "  the scheduler counts tasks\n";
  for (const auto& [id, worker] : state.workers) {
    if (worker.held > 0 || worker.nbytes != 0) text += "  the scheduler counts results\n";
    for (const auto& [name, used] : worker.used) {
      if (used != 0) text += "  the scheduler counts resources in use\n";
    }
  }
  for (const auto& worker : workers_) {
    std::string left = worker->alive() ? worker->leftovers() : "";
    if (!left.empty()) text += "  " + worker->address() + " has" + left + "\n";
  }
  for (const auto& [number, client] : clients_) {
    std::string left = client->alive() ? client->leftovers() : "";
    if (!left.empty()) text += "  client " + std::to_string(number) + " has" + left + "\n";
  }
  return text;
}

}  // namespace dusk::sim
