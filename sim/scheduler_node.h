// The scheduler's process: the real state machine behind connections that are pretended.
#pragma once

#include <map>

#include "dusk/cluster/scheduler.h"
#include "sim/network.h"

namespace dusk::sim {

class World;
class WorkerNode;
class ClientNode;

class SchedulerNode {
 public:
  explicit SchedulerNode(World& world);

  // A connection that begins with what is joined; the number is given when that arrives.
  Network::ConnectionPtr accept(WorkerNode& worker, cluster::WorkerJoined joined);
  Network::ConnectionPtr accept(ClientNode& client);
  // The sender's number is filled in.
  void from_worker(const Network::ConnectionPtr& connection, NodeId node,
                   cluster::SchedulerEvent event);
  void from_client(const Network::ConnectionPtr& connection, NodeId node,
                   std::vector<cluster::ClientRequest> requests);

  const cluster::SchedulerState& state() const { return state_; }
  // The process of a worker that is connected; null for others.
  WorkerNode* worker(cluster::WorkerId id) const;

 private:
  template <class Id, class Peer>
  struct Link {
    Id id;
    Peer* peer = nullptr;
    Network::ConnectionPtr connection;
  };
  using WorkerLink = Link<cluster::WorkerId, WorkerNode>;
  using ClientLink = Link<cluster::ClientId, ClientNode>;

  void tick();
  void step(cluster::SchedulerEvent event);
  void send(cluster::SchedulerActions& actions);
  void worker_closed(cluster::WorkerId id);

  World& world_;
  NodeId node_;
  cluster::SchedulerState state_;
  std::map<cluster::WorkerId, WorkerLink> workers_;
  std::map<cluster::ClientId, ClientLink> clients_;
  std::map<const Network::Connection*, cluster::WorkerId> worker_numbers_;
  std::map<const Network::Connection*, cluster::ClientId> client_numbers_;
  uint32_t last_worker_ = 0;
  uint32_t last_client_ = 0;
  uint64_t steps_ = 0;
};

}  // namespace dusk::sim
