#include "sim/courier.h"

#include "sim/worker_node.h"
#include "sim/world.h"

namespace dusk::sim {

Courier::Link* Courier::link(const std::string& address) {
  auto found = links_.find(address);
  if (found != links_.end()) return &found->second;
  WorkerNode* worker = world_.worker_at(address.substr(0, address.find('/')));
  if (!worker || world_.network.hard(self_, worker->node())) return nullptr;
  Link& link = links_[address];
  link.worker = worker;
  link.connection = world_.network.connect(
      self_, [this, address] { failed(address); }, worker->node(), [] {});
  return &link;
}

void Courier::failed(const std::string& address) {
  auto found = links_.find(address);
  if (found == links_.end()) return;
  Link gone = std::move(found->second);
  links_.erase(found);
  for (auto& [number, got] : gone.gets) got(nullptr);
  for (auto& [number, done] : gone.puts) done(false);
}

void Courier::drop(const std::string& address) {
  auto found = links_.find(address);
  if (found == links_.end()) return;
  world_.network.close(found->second.connection, self_);
  links_.erase(found);
}

void Courier::get(const std::string& address, std::vector<cluster::TaskId> tasks, Got got) {
  Link* to = link(address);
  if (!to) {
    world_.network.after(self_, 1000, [got = std::move(got)] { got(nullptr); });
    return;
  }
  uint64_t number = ++to->last;
  to->gets[number] = std::move(got);
  auto connection = to->connection;
  auto answer = [this, address, number, connection](Reply reply) {
    auto shared = std::make_shared<Reply>(std::move(reply));
    NodeId from = connection->ends[1];
    world_.network.send(connection, from, [this, address, number, connection, shared] {
      auto found = links_.find(address);
      if (found == links_.end() || found->second.connection != connection) return;
      auto asked = found->second.gets.extract(number);
      if (!asked.empty()) asked.mapped()(shared.get());
    });
  };
  world_.network.send(connection, self_, [worker = to->worker, tasks = std::move(tasks), answer] {
    worker->serve(tasks, answer);
  });
}

void Courier::put(const std::string& address, const std::string& key, const SimValue& value,
                  Done done) {
  Link* to = link(address);
  if (!to) {
    world_.network.after(self_, 1000, [done = std::move(done)] { done(false); });
    return;
  }
  uint64_t number = ++to->last;
  to->puts[number] = std::move(done);
  auto connection = to->connection;
  world_.network.send(
      connection, self_, [this, worker = to->worker, key, value, address, number, connection] {
        worker->put(key, value);
        world_.network.send(connection, worker->node(), [this, address, number, connection] {
          auto found = links_.find(address);
          if (found == links_.end() || found->second.connection != connection) return;
          auto asked = found->second.puts.extract(number);
          if (!asked.empty()) asked.mapped()(true);
        });
      });
}

}  // namespace dusk::sim
