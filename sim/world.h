// One simulated cluster: a scheduler, workers, clients, their network and time, run by a plan.
//
// When everything that the plan says has happened, faults end, workers come for every slot, and
// the world must settle: every future has its outcome, every value can be had, and once users let
// go of everything nobody remembers anything.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dusk/cluster/messages.h"
#include "sim/checker.h"
#include "sim/client_node.h"
#include "sim/mutator.h"
#include "sim/network.h"
#include "sim/scheduler_node.h"
#include "sim/trace.h"
#include "sim/worker_node.h"

namespace dusk::sim {

struct Stats {
  uint64_t steps = 0;       // of the scheduler
  uint64_t executions = 0;  // of tasks
  uint64_t deaths = 0;      // of workers
  uint64_t delivered = 0;   // values
  uint64_t errors = 0;      // that clients heard of
  uint64_t lost = 0;        // values that could not be read
  uint64_t refused = 0;     // tasks that only full workers could run
};

struct Outcome {
  std::string failure;  // empty: every promise was kept
  uint64_t hash = 0;
  Time end = 0;
  Stats stats;
  Trace::Seen seen;
};

class World {
 public:
  explicit World(const Plan& plan, Mutator* mutator = nullptr);
  Outcome run();

  // For the nodes.
  Time now() const { return queue.now(); }
  bool chance(std::string_view what, uint64_t who, uint64_t which, uint64_t one_in) const;
  WorkerNode* worker_at(const std::string& address) const;  // alive; null: nobody
  void worker_ended(WorkerNode& worker);                    // by itself: a nanny starts another
  void poisoned(WorkerNode& worker);                        // its task ends its process
  static cluster::Body body_of(uint64_t number);
  static uint64_t number_in(const cluster::Body& body);

  struct Slot {
    WorkerNode* worker = nullptr;
    uint32_t incarnations = 0;
    int32_t threads = 1;
    int64_t gpus = 0;
    int64_t slow = 100;
    int64_t skew = 100;
    int32_t disks_full = 0;  // faults that fill it
    bool starting = false;
  };

  const Plan& plan;
  Mutator* mutator;
  EventQueue queue;
  Network network;
  Trace trace;
  Stats stats;
  Checker checker;
  std::unique_ptr<SchedulerNode> scheduler;
  std::vector<Slot> slots;
  std::vector<uint64_t> values;            // of tasks
  std::vector<std::vector<bool>> makings;  // see plan.h
  std::vector<uint64_t> executions;        // of tasks, so far
  std::vector<cluster::RequirementsPtr> requirements;
  std::set<uint32_t> scattered;  // tasks that a client has sent as data
  int64_t cancels = 0;
  int64_t forced_cancels = 0;
  int64_t restarts = 0;
  int64_t abandoned = 0;  // clients that left, workers that came back

 private:
  void make_requirements();
  void happen(const Op& op);
  void user_does(const Op& op);
  void start_worker(uint32_t slot, WorkerNode::Holds holds = {});
  void start_later(uint32_t slot, Time delay);
  void end_later(Time delay, std::function<void()> end);
  void partition(const Op& op);
  void fill(WorkerNode& worker, Time amount, WorkerNode::Filling how);
  void fill(const Op& op);
  void heal();
  void run_until(Time end);
  template <class Done>
  bool run_while(Time limit, Done done);
  void settle();
  void clean_up();
  std::string stuck() const;
  std::string leftovers() const;
  ClientNode* client(uint32_t number) const;

  std::vector<std::unique_ptr<WorkerNode>> workers_;  // every process there ever was
  std::map<std::string, WorkerNode*> addresses_;
  std::vector<std::unique_ptr<ClientNode>> all_clients_;
  std::map<uint32_t, ClientNode*> clients_;
  uint32_t partitions_ = 0;
  std::vector<std::function<void()>> healing_;
};

}  // namespace dusk::sim
