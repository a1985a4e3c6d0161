// What a cluster promises, checked from outside: from what is said, not from what machines think.
//
// The checker keeps a model of its own of who holds and who runs what, made of the messages that
// the scheduler got and sent. It fails with the first promise that is broken. One file for results
// and runs, one for workers and their condition.
#pragma once

#include <map>
#include <set>
#include <string>

#include "dusk/cluster/scheduler.h"

namespace dusk::sim {

class World;
struct TaskSpec;

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
  // A worker cannot read a value that it holds, and will say so.
  void lost(cluster::TaskId task, cluster::WorkerId worker);
  // What was found by workers and not said; empty once everything that was said has arrived.
  std::string unsaid() const;

 private:
  struct Given {
    cluster::WorkerId worker;
    uint32_t attempt = 0;
    bool started = false;
    bool asked_back = false;
  };
  // A worker that the scheduler has heard of, as it has said itself.
  struct There {
    std::string name;
    int64_t gpus = 0;
    bool knows_foreign = true;
    cluster::WorkerStatus status = cluster::WorkerStatus::kRunning;
    bool closing = false;
    bool ran = false;       // at some moment of this step
    bool was_full = false;  // likewise

    void is(cluster::WorkerStatus now);
    bool may_run(const TaskSpec& task) const;
  };
  void heard(const cluster::SchedulerState& state, cluster::WorkerId from,
             const cluster::WorkerReport& report);
  void left(const cluster::SchedulerState& state, cluster::WorkerId worker);
  void asked(const cluster::SchedulerState& state, const cluster::ClientAsked& event);
  void ordered(const cluster::SchedulerState& state, cluster::WorkerId to,
               const cluster::WorkerOrder& order);
  void freed(const cluster::SchedulerState& state, cluster::WorkerId by, cluster::TaskId task);
  void told(const cluster::ClientNews& news);
  void started(cluster::TaskId task, cluster::WorkerId worker, uint32_t attempt);
  void end_run(cluster::TaskId task, cluster::WorkerId worker, uint32_t attempt);
  void closed(const cluster::SchedulerState& state, cluster::WorkerId worker);
  bool holds(cluster::TaskId task, cluster::WorkerId worker) const;
  void holds_inputs(const cluster::RunTask& run);

  // checker_workers.cc
  void note_workers(const cluster::SchedulerEvent& event);
  bool hopeless(const TaskSpec& task, bool in_passing) const;
  void given_to(const std::string& what, cluster::WorkerId to);
  void look_at_workers(const cluster::SchedulerState& state);
  void look_at_failed(const cluster::Task& task, const TaskSpec& spec);
  void look_at_unable(const cluster::Task& task);
  void look_at_ready(const cluster::Task& task, const TaskSpec& spec);
  static bool is_refusal(const cluster::Fault& fault);

  World& world_;
  std::string failure_;
  std::map<cluster::TaskId, std::set<cluster::WorkerId>> holders_;
  std::map<cluster::TaskId, std::set<cluster::WorkerId>> doubted_;  // somebody could not reach them
  // Told to drop it at some time: what it said before that may be heard after it.
  std::set<std::pair<cluster::TaskId, cluster::WorkerId>> dropped_;
  std::set<std::pair<cluster::TaskId, cluster::WorkerId>> fresh_;  // heard of in this step only
  std::set<std::pair<cluster::TaskId, cluster::WorkerId>> went_;   // in this step
  // Found by the worker to be unreadable; it has not been heard of yet.
  std::set<std::pair<cluster::TaskId, cluster::WorkerId>> unreadable_;
  std::map<cluster::TaskId, Given> given_;
  std::map<cluster::WorkerId, There> there_;
  cluster::WorkerId changed_;                                   // who says in this step how it is
  bool joined_ = false;                                         // a worker comes in this step
  std::map<const cluster::Fault*, cluster::FaultPtr> refused_;  // for want of a worker with room
  std::map<const cluster::Fault*, cluster::FaultPtr> unable_;   // for want of a language
  std::map<uint32_t, int64_t> raised_;                          // runs that counted, by task
  std::map<uint32_t, int64_t> killed_;  // workers that went while they had it
};

}  // namespace dusk::sim
