// A worker's process: the real state machine, and threads, values and sockets that are pretended.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "dusk/cluster/worker.h"
#include "sim/courier.h"

namespace dusk::sim {

class WorkerNode {
 public:
  using Holds = std::map<std::string, SimValue>;
  WorkerNode(World& world, uint32_t slot, uint32_t incarnation, int32_t threads, int64_t gpus);

  void join(Holds holds);  // connects to the scheduler; `holds`: what it still has, by key
  void die(bool lose_words);
  void cut_connection(bool come_back);
  // Something fills its memory, until empty_memory() of the number that this returns.
  struct Filling {
    int64_t above = -1;     // memory is full while it holds more than so many bytes
    bool disk_too = false;  // so that nothing can leave memory
  };
  uint64_t fill_memory(Filling filling);
  void empty_memory(uint64_t filling);
  // One in so many of the values that it keeps cannot be read any more.
  void damage(uint32_t one_in);
  void serve(const std::vector<cluster::TaskId>& tasks, std::function<void(Reply)> answer,
             bool patient = true);
  void put(const std::string& key, const SimValue& value);

  // By the scheduler.
  void welcome(cluster::WorkerId self) { state_.self = self; }
  void obey(std::vector<cluster::WorkerOrder> orders);
  void scheduler_closed();

  NodeId node() const { return node_; }
  uint32_t slot() const { return slot_; }
  bool alive() const;
  const std::string& address() const { return address_; }
  const cluster::WorkerState& state() const { return state_; }
  int64_t held_bytes() const;
  std::string leftovers() const;  // what it holds or does, for people; empty: nothing

 private:
  struct Execution {
    cluster::RunTask order;
    uint32_t task = 0;
    std::vector<uint64_t> inputs;
    bool broken = false;                // one of them
    std::vector<cluster::TaskId> lost;  // inputs that cannot be read
    bool on_thread = true;
    bool cancelled = false;
    Time began = 0;
    Time rest = 0;  // after it has come back to a thread
    enum class Fate : uint8_t {
      kResult,
      kRaise,
      kReschedule,
      kDie,
      kLose,
      kUnable
    } fate = Fate::kResult;
  };
  void apply(cluster::WorkerEvent event);
  void perform(cluster::WorkerActions& out);
  void start(cluster::RunTask order);
  Execution::Fate fate(const Execution& run);
  void live(cluster::RunName name, Execution& run);
  void end_run(cluster::RunName name);
  cluster::RunEnded outcome(const cluster::RunName& name, const Execution& run);
  void fail(cluster::RunEnded& ended, const Execution& run, const std::string& why,
            base::ErrorKind kind = base::ErrorKind::kRuntime,
            cluster::FaultCause cause = cluster::FaultCause::kTask);
  void fetch(const cluster::Fetch& wanted);
  Reply collect(const std::vector<cluster::TaskId>& tasks);
  void report_soon();
  void flush();
  void beat();
  void check();
  // worker_memory.cc
  bool memory_full() const;
  bool wedged() const;
  void watch_memory();
  void look_at_memory();
  void lose(cluster::TaskId task);
  void finish(const std::string& reason);

  World& world_;
  uint32_t slot_;
  int32_t threads_;
  int64_t gpus_;
  NodeId node_;
  std::string address_;
  cluster::WorkerState state_;
  Courier courier_;
  Network::ConnectionPtr scheduler_;
  std::map<cluster::TaskId, SimValue> store_;
  std::map<std::string, SimValue> named_;
  std::map<cluster::TaskId, std::string> keys_;  // of results that were computed or adopted here
  std::map<cluster::RunName, Execution> running_;
  std::set<cluster::CodeId> codes_;
  std::map<cluster::WorkerId, std::string> peers_;
  struct Waiting {
    std::vector<cluster::TaskId> tasks;
    std::function<void(Reply)> answer;
  };
  std::vector<Waiting> waiting_;  // for values that are about to be adopted
  std::vector<cluster::WorkerReport> reports_;
  std::map<uint64_t, Filling> fillings_;
  uint64_t last_filling_ = 0;
  std::optional<Time> paused_since_;
  Time freed_at_ = 0;  // when a value last went
  bool watching_ = false;
  uint64_t life_ = 0;  // counts connections to the scheduler
  uint64_t flushes_ = 0;
  bool flush_on_ = false;
  bool waiting_timed_ = false;
};

}  // namespace dusk::sim
