// One process's connections to workers, for values: asking for them and putting them there.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/network.h"

namespace dusk::sim {

class World;
class WorkerNode;

struct SimValue {
  uint64_t number = 0;
  int64_t nbytes = 0;
  bool unsendable = false;  // cannot be serialised: whoever asks gets a broken copy
  bool broken = false;      // such a copy
  bool damaged = false;     // on disk, and cannot be read back
};

struct Reply {
  std::vector<std::pair<cluster::TaskId, SimValue>> values;
  std::vector<cluster::TaskId> gone;
};

// Addresses may have a "/" and anything behind it: another connection to the same worker.
class Courier {
 public:
  using Got = std::function<void(const Reply*)>;  // null: the worker could not be asked
  using Done = std::function<void(bool)>;

  Courier(World& world, NodeId self) : world_(world), self_(self) {}
  void get(const std::string& address, std::vector<cluster::TaskId> tasks, Got got);
  void put(const std::string& address, const std::string& key, const SimValue& value, Done done);
  // Closes the connection; nobody is told.
  void drop(const std::string& address);

 private:
  struct Link {
    Network::ConnectionPtr connection;
    WorkerNode* worker = nullptr;
    uint64_t last = 0;
    std::map<uint64_t, Got> gets;
    std::map<uint64_t, Done> puts;
  };
  Link* link(const std::string& address);
  void failed(const std::string& address);

  World& world_;
  NodeId self_;
  std::map<std::string, Link> links_;
};

}  // namespace dusk::sim
