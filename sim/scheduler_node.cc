#include "sim/scheduler_node.h"

#include "sim/client_node.h"
#include "sim/worker_node.h"
#include "sim/world.h"

namespace dusk::sim {

using namespace cluster;

namespace {

constexpr Time kTick = kSecond / 10;

SchedulerOptions scheduler_options(const Config& config) {
  SchedulerOptions options;
  options.worker_saturation = static_cast<double>(config.saturation) / 100;
  options.prefill_max = static_cast<int32_t>(config.prefill_max);
  options.allowed_failures = static_cast<int32_t>(config.allowed_failures);
  options.value_inline_max = config.inline_max;
  options.worker_ttl = config.worker_ttl;
  options.story_lines = 20'000;
  return options;
}

}  // namespace

SchedulerNode::SchedulerNode(World& world)
    : world_(world), node_(world.network.add_node()), state_(scheduler_options(world.plan.config)) {
  world_.network.after(node_, kTick, [this] { tick(); });
}

void SchedulerNode::tick() {
  step(Tick{});
  world_.network.after(node_, kTick, [this] { tick(); });
}

Network::ConnectionPtr SchedulerNode::accept(WorkerNode& worker, WorkerJoined joined) {
  auto box = std::make_shared<WorkerLink>();
  box->peer = &worker;
  box->connection = world_.network.connect(
      worker.node(), [&worker] { worker.scheduler_closed(); }, node_,
      [this, box] { worker_closed(box->id); });
  world_.network.send(box->connection, worker.node(), [this, box, joined = std::move(joined)] {
    box->id = {++last_worker_};
    workers_[box->id] = *box;
    worker_numbers_[box->connection.get()] = box->id;
    world_.network.send(box->connection, node_,
                        [peer = box->peer, id = box->id] { peer->welcome(id); });
    WorkerJoined event = joined;
    event.info.id = box->id;
    step(std::move(event));
  });
  return box->connection;
}

Network::ConnectionPtr SchedulerNode::accept(ClientNode& client) {
  auto box = std::make_shared<ClientLink>();
  box->peer = &client;
  box->connection = world_.network.connect(
      client.node(), [&client] { client.scheduler_closed(); }, node_,
      [this, box] {
        if (clients_.erase(box->id)) step(ClientLeft{box->id});
      });
  world_.network.send(box->connection, client.node(), [this, box] {
    box->id = {++last_client_};
    clients_[box->id] = *box;
    client_numbers_[box->connection.get()] = box->id;
    step(ClientJoined{box->id, "client"});
  });
  return box->connection;
}

void SchedulerNode::worker_closed(WorkerId id) {
  if (workers_.erase(id)) step(WorkerLeft{id, "its connection ended", ""});
}

void SchedulerNode::from_worker(const Network::ConnectionPtr& connection, NodeId node,
                                SchedulerEvent event) {
  auto shared = std::make_shared<SchedulerEvent>(std::move(event));
  world_.network.send(connection, node, [this, connection, shared] {
    WorkerId id = worker_numbers_.at(connection.get());
    if (auto* reported = std::get_if<WorkerReported>(shared.get())) {
      reported->worker = id;
      for (const WorkerReport& report : reported->reports) {
        world_.trace.add(world_.now(), id, report);
      }
    }
    if (auto* beat = std::get_if<Heartbeat>(shared.get())) beat->worker = id;
    step(std::move(*shared));
  });
}

void SchedulerNode::from_client(const Network::ConnectionPtr& connection, NodeId node,
                                std::vector<ClientRequest> requests) {
  auto shared = std::make_shared<std::vector<ClientRequest>>(std::move(requests));
  world_.network.send(connection, node, [this, connection, shared] {
    ClientId id = client_numbers_.at(connection.get());
    for (const ClientRequest& request : *shared) world_.trace.add(world_.now(), id, request);
    step(ClientAsked{id, std::move(*shared)});
  });
}

void SchedulerNode::step(SchedulerEvent event) {
  if (world_.checker.failed()) return;
  world_.checker.before(state_, event);
  SchedulerActions actions;
  if (world_.mutator) world_.mutator->before(state_, event);
  cluster::step(state_, world_.now(), std::move(event), actions);
  if (world_.mutator) world_.mutator->after(state_, actions);
  if (++steps_ % static_cast<uint64_t>(world_.plan.config.validate_every) == 0) validate(state_);
  world_.checker.after(state_, actions);
  ++world_.stats.steps;
  send(actions);
}

void SchedulerNode::send(SchedulerActions& actions) {
  for (auto& [id, orders] : actions.orders.letters()) {
    auto found = workers_.find(id);
    if (found == workers_.end()) continue;
    auto shared = std::make_shared<std::vector<WorkerOrder>>(std::move(orders));
    world_.network.send(found->second.connection, node_,
                        [peer = found->second.peer, shared] { peer->obey(std::move(*shared)); });
  }
  for (auto& [id, news] : actions.news.letters()) {
    auto found = clients_.find(id);
    if (found == clients_.end()) continue;
    auto shared = std::make_shared<std::vector<ClientNews>>(std::move(news));
    world_.network.send(found->second.connection, node_,
                        [this, id = id, peer = found->second.peer, shared] {
                          for (const ClientNews& item : *shared)
                            world_.trace.add(world_.now(), id, item);
                          peer->hear(std::move(*shared));
                        });
  }
  for (WorkerId id : actions.disconnect) {
    auto found = workers_.find(id);
    if (found == workers_.end()) continue;
    world_.network.close(found->second.connection, node_);
    world_.network.after(node_, 1, [this, id] { worker_closed(id); });
  }
}

WorkerNode* SchedulerNode::worker(WorkerId id) const {
  auto found = workers_.find(id);
  return found == workers_.end() ? nullptr : found->second.peer;
}

}  // namespace dusk::sim
