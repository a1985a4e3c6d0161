#include "sim/network.h"

#include "sim/random.h"

namespace dusk::sim {

NodeId Network::add_node() {
  nodes_.emplace_back();
  return static_cast<NodeId>(nodes_.size() - 1);
}

template <class Visit>
void Network::each_connection(NodeId node, Visit visit) {
  std::vector<ConnectionPtr> found;
  for (const auto& weak : nodes_[node].connections) {
    ConnectionPtr connection = weak.lock();
    if (connection && (connection->open[0] || connection->open[1])) found.push_back(connection);
  }
  nodes_[node].connections.assign(found.begin(), found.end());
  for (const ConnectionPtr& connection : found) visit(connection);
}

void Network::end(NodeId node, bool lose) {
  if (!nodes_[node].alive) return;
  each_connection(node, [&](const ConnectionPtr& connection) {
    if (lose) {
      cut(connection);
    } else {
      close(connection, node);
    }
  });
  nodes_[node].alive = false;
  nodes_[node].backlog.clear();
}

void Network::freeze(NodeId node) { nodes_[node].frozen = true; }

void Network::thaw(NodeId node) {
  nodes_[node].frozen = false;
  std::vector<Call> backlog;
  backlog.swap(nodes_[node].backlog);
  for (Call& call : backlog) on_node(node, std::move(call));
}

void Network::move(const std::vector<NodeId>& nodes, uint32_t group, bool hard) {
  for (NodeId node : nodes) {
    nodes_[node].group = group;
    nodes_[node].hard = hard;
  }
  for (NodeId node : nodes) {
    each_connection(node, [&](const ConnectionPtr& connection) {
      bool apart = separated(connection->ends[0], connection->ends[1]);
      if (apart && hard) return cut(connection);
      if (apart) return;
      for (int to : {0, 1}) {
        std::vector<Call> parked;
        parked.swap(connection->parked[to]);
        for (Call& call : parked) dispatch(connection, to, std::move(call));
      }
    });
  }
}

Network::ConnectionPtr Network::connect(NodeId a, Call a_closed, NodeId b, Call b_closed) {
  auto connection = std::make_shared<Connection>();
  connection->number = ++connections_;
  connection->ends[0] = a;
  connection->ends[1] = b;
  connection->closed[0] = std::move(a_closed);
  connection->closed[1] = std::move(b_closed);
  nodes_[a].connections.push_back(connection);
  nodes_[b].connections.push_back(connection);
  return connection;
}

Time Network::arrival(Connection& connection, int to) {
  uint64_t random = mix(config_.seed, connection.number, to, ++connection.count[to]);
  auto delay = static_cast<Time>(1 + random % static_cast<uint64_t>(config_.delay));
  if (config_.spike > 0 && (random >> 40) % 50 == 0) delay += config_.spike;
  connection.last[to] = std::max(connection.last[to], queue_.now() + delay);
  return connection.last[to];
}

void Network::dispatch(const ConnectionPtr& connection, int to, Call deliver) {
  queue_.at(arrival(*connection, to),
            [this, connection, to, deliver = std::move(deliver)]() mutable {
              on_node(connection->ends[to], [connection, to, deliver = std::move(deliver)] {
                if (connection->open[to] && !connection->lost) deliver();
              });
            });
}

void Network::send(const ConnectionPtr& connection, NodeId from, Call deliver) {
  int end = connection->end_of(from);
  if (!connection->open[end]) return;
  if (separated(connection->ends[0], connection->ends[1])) {
    connection->parked[1 - end].push_back(std::move(deliver));
  } else {
    dispatch(connection, 1 - end, std::move(deliver));
  }
}

void Network::close(const ConnectionPtr& connection, NodeId by) {
  int end = connection->end_of(by);
  if (!connection->open[end]) return;
  send(connection, by, [connection, to = 1 - end] {
    connection->open[to] = false;
    connection->closed[to]();
  });
  connection->open[end] = false;
}

void Network::cut(const ConnectionPtr& connection) {
  connection->lost = true;
  for (int end : {0, 1}) {
    connection->parked[end].clear();
    if (!connection->open[end]) continue;
    queue_.at(arrival(*connection, end), [this, connection, end] {
      on_node(connection->ends[end], [connection, end] {
        if (!connection->open[end]) return;
        connection->open[end] = false;
        connection->closed[end]();
      });
    });
  }
}

void Network::cut_between(NodeId a, NodeId b) {
  each_connection(a, [&](const ConnectionPtr& connection) {
    if (connection->ends[1 - connection->end_of(a)] == b) cut(connection);
  });
}

void Network::after(NodeId node, Time delay, Call call) {
  queue_.after(delay,
               [this, node, call = std::move(call)]() mutable { on_node(node, std::move(call)); });
}

void Network::on_node(NodeId node, Call call) {
  if (!nodes_[node].alive) return;
  if (nodes_[node].frozen) {
    nodes_[node].backlog.push_back(std::move(call));
  } else {
    call();
  }
}

}  // namespace dusk::sim
