// The parts of a worker. Internal to the folder; worker*.cc have the methods by subject.
//
// `mutex` guards the state machine and what it is about; sockets belong to the loop's thread.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <set>
#include <thread>

#include "dusk/net/transport.h"
#include "dusk/node/entries.h"
#include "dusk/node/intake.h"
#include "dusk/node/local_directory.h"
#include "dusk/node/loop_thread.h"
#include "dusk/node/spiller.h"
#include "dusk/node/store.h"
#include "dusk/node/worker.h"

namespace dusk::node {

// A code, loaded by the first task that needs it.
class WorkerCode {
 public:
  WorkerCode(std::string name, cluster::Body body)
      : name_(std::move(name)), body_(std::move(body)) {}
  // Throws what loading throws, every time.
  std::shared_ptr<const Code> load(const Languages& languages);
  const Language* language(const Languages& languages) const;
  // Bytes that one more result is likely to have.
  int64_t expected() const { return expected_.load(std::memory_order_relaxed); }
  void measured(int64_t nbytes);

 private:
  std::string name_;
  cluster::Body body_;
  std::mutex mutex_;
  std::shared_ptr<const Code> loaded_;
  std::exception_ptr failure_;
  std::atomic<int64_t> expected_{0};
};

struct Job {
  cluster::RunTask order;
  std::shared_ptr<WorkerCode> code;
  std::vector<PinnedValue> inputs;
  std::vector<cluster::TaskId> lost;  // inputs that turned out to be
  std::shared_ptr<std::atomic<bool>> cancelled;
};

// Threads that share a worker, counted where its end does not matter.
struct ThreadCount {
  std::mutex mutex;
  std::condition_variable none;
  int count = 0;
};

struct Worker::Impl : std::enable_shared_from_this<Worker::Impl> {
  Impl(Worker& worker, WorkerSettings given);
  ~Impl();

  // worker.cc: connection to the scheduler, life
  void start();
  void register_at_scheduler();
  void registered(net::ConnectionPtr connection);
  void from_scheduler(net::Message message);
  void beat();
  void end(const std::string& reason);
  void flush();
  // Leaves reports to the next flush; `lazy`: one that comes soon anyway will do.
  void flush_soon(bool lazy);

  // worker_memory.cc
  void set_up_memory();
  void watch_memory();
  void look_at_memory();
  int64_t used_memory() const;
  void order_for_spilling(std::vector<Store::Entry>& entries);
  MemoryCharge room_for(Job& job, const Code& code, const Call& call);
  void value_lost(cluster::TaskId task);

  // worker_execute.cc
  void apply(cluster::WorkerEvent event);  // REQUIRES: the mutex
  void prepare(cluster::RunTask order);
  void add_thread();
  void work();
  cluster::RunEnded execute(Job& job);
  std::vector<data::Value> inputs_of(Job& job);
  void fail(cluster::RunEnded& ended, const Job& job, const base::Error& error,
            cluster::FaultCause cause = cluster::FaultCause::kTask);

  // worker_data.cc: values to and from others, on the loop's thread
  struct Peer {
    net::ConnectionPtr connection;
    bool connecting = false;
    uint64_t number = 0;  // of the GetValues that is on; 0: none
    std::vector<cluster::TaskId> asked;
  };
  void do_on_loop(cluster::WorkerActions& actions);
  void fetch(const cluster::Fetch& fetch);
  void connected_to(cluster::WorkerId id, base::Result<net::ConnectionPtr> made);
  void ask(Peer& peer);
  void peer_failed(cluster::WorkerId id);
  void values_came(cluster::WorkerId id, Values values);
  void accept(net::ConnectionPtr connection);
  void asked(const net::ConnectionPtr& from, net::Message message);
  void serve(const net::ConnectionPtr& to, GetValues get, bool patient);
  void put(const net::ConnectionPtr& from, PutValue value);
  Values collect(const GetValues& get);
  void serialise(net::ConnectionPtr to, GetValues get);
  void read_and_send(net::ConnectionPtr to, GetValues get);
  void serve_waiting(bool patient = true);
  void discard(std::vector<std::shared_ptr<void>> things);  // any thread
  void serialiser_work();

  Worker& worker;
  WorkerSettings settings;
  std::string address;
  data::ForeignDecoder decode = nullptr;
  const MemoryBudgetPtr budget;
  Store store;
  Intake intake;
  std::unique_ptr<LocalDirectory> directory;
  int64_t paused_since = 0;  // 0: it is not paused

  std::mutex mutex;
  cluster::WorkerState state;
  std::map<cluster::CodeId, std::shared_ptr<WorkerCode>> codes;
  std::map<cluster::RunName, std::shared_ptr<std::atomic<bool>>> executing;
  std::deque<Job> queue;
  std::set<cluster::RunName> resumed;
  std::condition_variable wake;         // threads: work, or the end
  std::condition_variable resume_wake;  // tasks that want to rejoin
  const std::shared_ptr<ThreadCount> threads = std::make_shared<ThreadCount>();
  int32_t surplus = 0;  // threads that should go
  std::vector<cluster::WorkerReport> reports;
  cluster::WorkerActions for_loop;  // fetch, drop_peers, close
  bool flush_posted = false;
  bool flush_timed = false;
  bool stopping = false;

  net::ConnectionPtr scheduler;
  std::atomic<bool> is_connected{false};
  std::atomic<bool> lost_scheduler{false};
  int64_t give_up_at = 0;
  bool ended = false;
  std::map<cluster::WorkerId, Peer> peers;
  std::set<net::ConnectionPtr> visitors;
  std::vector<std::pair<net::ConnectionPtr, GetValues>> waiting;  // for a value to be adopted
  bool waiting_timed = false;
  uint64_t last_number = 0;

  std::mutex serialiser_mutex;
  std::condition_variable serialiser_wake;
  std::deque<std::pair<net::ConnectionPtr, GetValues>> serialiser_queue;
  std::deque<StoredPtr> to_serialise;  // so that they can be moved to disk
  std::vector<std::shared_ptr<void>> garbage;
  bool serialiser_stop = false;
  std::thread serialiser;

  LoopThread loop{std::array{settings.scheduler, settings.listen}};
  std::unique_ptr<net::Listener> listener;
  std::unique_ptr<Spiller> spiller;
};

}  // namespace dusk::node
