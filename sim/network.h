// Processes and the connections between them, in virtual time.
//
// Messages of one direction of a connection arrive in order, after delays. A connection ends by
// being closed (what was said before still arrives), by being cut (what is on its way is lost), or
// with a process. A stopped process hears everything when it goes on. Between separated processes
// everything waits until they are joined again.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "sim/event_queue.h"
#include "sim/plan.h"

namespace dusk::sim {

using NodeId = uint32_t;

class Network {
 public:
  struct Connection;
  using ConnectionPtr = std::shared_ptr<Connection>;
  using Call = std::function<void()>;

  Network(EventQueue& queue, const Config& config) : queue_(queue), config_(config) {}

  NodeId add_node();
  bool alive(NodeId node) const { return nodes_[node].alive; }
  bool frozen(NodeId node) const { return nodes_[node].frozen; }
  // The process ends. `lose`: what it has said and nobody has heard is lost.
  void end(NodeId node, bool lose);
  void freeze(NodeId node);
  void thaw(NodeId node);
  // `group` 0 is where everybody is in the beginning; `hard`: connections across break.
  void move(const std::vector<NodeId>& nodes, uint32_t group, bool hard);
  bool separated(NodeId a, NodeId b) const { return nodes_[a].group != nodes_[b].group; }
  // Nobody can connect across.
  bool hard(NodeId a, NodeId b) const {
    return separated(a, b) && (nodes_[a].hard || nodes_[b].hard);
  }

  // `closed`: told to an end that did not close the connection itself.
  ConnectionPtr connect(NodeId a, Call a_closed, NodeId b, Call b_closed);
  // `deliver` runs at the other end, if the connection still stands there.
  void send(const ConnectionPtr& connection, NodeId from, Call deliver);
  void close(const ConnectionPtr& connection, NodeId by);
  void cut(const ConnectionPtr& connection);
  void cut_between(NodeId a, NodeId b);
  // A timer of the process.
  void after(NodeId node, Time delay, Call call);

 private:
  struct Node {
    bool alive = true;
    bool frozen = false;
    bool hard = false;
    uint32_t group = 0;
    uint64_t timers = 0;
    std::vector<Call> backlog;
    std::vector<std::weak_ptr<Connection>> connections;
  };
  Time arrival(Connection& connection, int to);
  void dispatch(const ConnectionPtr& connection, int to, Call deliver);
  void on_node(NodeId node, Call call);
  template <class Visit>
  void each_connection(NodeId node, Visit visit);

  EventQueue& queue_;
  const Config& config_;
  std::vector<Node> nodes_;
  uint64_t connections_ = 0;
};

struct Network::Connection {
  uint64_t number = 0;
  NodeId ends[2] = {0, 0};
  Call closed[2];
  bool open[2] = {true, true};
  Time last[2] = {0, 0};        // arrival of the newest message, by the end that gets it
  uint64_t count[2] = {0, 0};   // of messages
  bool lost = false;            // nothing arrives any more
  std::vector<Call> parked[2];  // while the ends are separated

  int end_of(NodeId node) const { return ends[0] == node ? 0 : 1; }
};

}  // namespace dusk::sim
