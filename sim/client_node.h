// A user's process: the real state machine of a client, and a user who does what the plan says.
#pragma once

#include <map>
#include <set>

#include "dusk/cluster/client.h"
#include "sim/courier.h"

namespace dusk::sim {

class ClientNode {
 public:
  ClientNode(World& world, uint32_t number);

  // What the user does; things that make no sense at the moment are not done.
  void submit(uint32_t task, bool value);
  void release(uint32_t task);
  void cancel(uint32_t task, bool force);
  void retry(uint32_t task);
  void gather(uint32_t task);
  void scatter(uint32_t task, const std::vector<WorkerNode*>& workers);
  void join(uint32_t first, int64_t parts);
  void replicate(uint32_t task, int32_t copies);
  void request(cluster::ClientRequest request);
  void leave();
  void gather_all();  // every value that there is
  void release_all();

  // By the scheduler.
  void hear(std::vector<cluster::ClientNews> news);
  void scheduler_closed();

  NodeId node() const { return node_; }
  bool alive() const;
  // What it still waits for: tasks without an outcome, values that have not come.
  std::vector<uint32_t> open() const;
  std::string leftovers() const;
  bool cancelled_below(uint32_t task) const;

 private:
  struct Held {
    cluster::TaskNumber number = 0;
    int64_t references = 0;
    bool wants_value = false;
    bool asked = false;  // ValueWanted is on
  };
  void apply(cluster::ClientEvent event);
  void apply_one(cluster::ClientEvent event);
  cluster::TaskNumber hidden(uint32_t task, std::map<uint32_t, cluster::TaskNumber>& group);
  cluster::SubmitTask submission(uint32_t task, std::map<uint32_t, cluster::TaskNumber>& group);
  void look(cluster::TaskNumber number);
  void seek(Held& held);
  void outcome(uint32_t task, const cluster::FutureRecord& future);
  void valued(cluster::TaskNumber number);
  void flush_soon();
  void drop_cancelled(uint32_t task);

  World& world_;
  uint32_t number_;
  NodeId node_;
  cluster::ClientState state_;
  Courier courier_;
  Network::ConnectionPtr scheduler_;
  std::map<uint32_t, Held> held_;                  // by task
  std::map<cluster::TaskNumber, uint32_t> tasks_;  // of futures, however they ended
  std::vector<cluster::TaskNumber> wholes_;
  std::set<uint32_t> cancelled_;  // by this user, ever
  std::set<uint32_t> scattering_;
  std::vector<cluster::ClientRequest> outgoing_;
  std::vector<cluster::ClientEvent> queue_;
  uint64_t flushes_ = 0;
  bool applying_ = false;
  bool flush_on_ = false;
  bool code_sent_ = false;
};

}  // namespace dusk::sim
