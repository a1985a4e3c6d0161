// What a cluster promises, checked from outside: from what is said, not from what machines think.
//
// The checker keeps a model of its own of who holds and who runs what, made of the messages that
// the scheduler got and sent. It fails with the first promise that is broken.
#pragma once

#include <map>
#include <set>
#include <string>

#include "dusk/cluster/scheduler.h"

namespace dusk::sim {

class World;

class Checker {
 public:
  explicit Checker(World& world) : world_(world) {}

  void fail(const std::string& what);
  bool failed() const { return !failure_.empty(); }
  const std::string& failure() const { return failure_; }

  // Around every step of the scheduler.
  void before(const cluster::SchedulerState& state, const cluster::SchedulerEvent& event);
  void after(const cluster::SchedulerState& state, cluster::SchedulerActions& actions);
  // At workers and clients.
  void computed(uint32_t task, uint64_t value);
  void delivered(uint32_t task, uint64_t value);
  void failed_future(uint32_t task, const cluster::Fault& fault);

 private:
  struct Given {
    cluster::WorkerId worker;
    uint32_t attempt = 0;
  };
  void heard(const cluster::SchedulerState& state, cluster::WorkerId from,
             const cluster::WorkerReport& report);
  void left(const cluster::SchedulerState& state, cluster::WorkerId worker);
  void asked(const cluster::SchedulerState& state, const cluster::ClientAsked& event);
  void ordered(const cluster::SchedulerState& state, cluster::WorkerId to,
               const cluster::WorkerOrder& order);
  void freed(const cluster::SchedulerState& state, cluster::WorkerId by, cluster::TaskId task);
  void told(const cluster::ClientNews& news);
  void end_run(cluster::TaskId task, cluster::WorkerId worker, uint32_t attempt);
  void closed(const cluster::SchedulerState& state, cluster::WorkerId worker);
  bool below(uint32_t task, uint32_t input) const;

  World& world_;
  std::string failure_;
  std::map<cluster::TaskId, std::set<cluster::WorkerId>> holders_;
  std::map<cluster::TaskId, std::set<cluster::WorkerId>> doubted_;  // somebody could not reach them
  // Told to drop it at some time: what it said before that may be heard after it.
  std::set<std::pair<cluster::TaskId, cluster::WorkerId>> dropped_;
  std::set<std::pair<cluster::TaskId, cluster::WorkerId>> fresh_;  // heard of in this step only
  std::map<cluster::TaskId, Given> given_;
  std::map<uint32_t, int64_t> raised_;  // runs that counted, by task
  std::map<uint32_t, int64_t> killed_;  // workers that went while they had it
};

}  // namespace dusk::sim
