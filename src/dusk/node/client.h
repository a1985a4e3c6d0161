// A client as a process part: cluster::ClientState behind sockets.
//
// All methods may be called from any thread, and none calls back. Those that wait take a `poll`,
// called about every 20 ms, which ends the wait by throwing.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dusk/cluster/client.h"
#include "dusk/graph/task_graph.h"
#include "dusk/net/address.h"
#include "dusk/net/options.h"

namespace dusk::node {

struct ClientSettings {
  net::Address scheduler;
  std::string name;
  net::TlsOptions tls;
  int64_t timeout_us = 30'000'000;  // to connect
};

using Poll = std::function<void()>;
// Microseconds; none: for ever.
using Timeout = std::optional<int64_t>;

// Numbers of futures in the order in which they are done.
class Completions {
 public:
  // False when `timeout` ended first.
  bool next(cluster::TaskNumber* number, Timeout timeout, const Poll& poll);
  // All that are there, after waiting for one. Empty when `timeout` ended first.
  std::vector<cluster::TaskNumber> next_batch(Timeout timeout, const Poll& poll);
  bool ready() const;
  void clear();
  void push(cluster::TaskNumber number);
  // Wakes those who wait; they get false.
  void close();

 private:
  bool wait(std::unique_lock<std::mutex>& lock, Timeout timeout, const Poll& poll);

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<cluster::TaskNumber> numbers_;
  bool closed_ = false;
};

// What became of a future.
struct Ending {
  cluster::FutureStatus status = cluster::FutureStatus::kPending;
  cluster::FaultPtr fault;
  cluster::Body value;
};

struct GraphOptions {
  // Of all tasks of the graph that say nothing else: see task_wishes.h.
  graph::Annotations annotations;
};

class Client {
 public:
  // Connects. Throws Error(kOs) when there is no scheduler in time.
  Client(ClientSettings settings, const Poll& poll);
  ~Client();
  void close();
  bool closed() const;
  std::string scheduler() const;  // its address
  std::string why_closed() const;

  // The number of a code; sent once for a token. `make` gives the body when it is new.
  uint32_t code(const base::Token& token, const std::string& name,
                const std::function<cluster::Body()>& make);

  // The future of `task.key`: an existing one gets one more reference, a new one is submitted
  // (task.number is set here). Throws RuntimeError when the client is closed.
  cluster::TaskNumber submit(cluster::SubmitTask task);
  // A task that is not wanted itself; it may be forgotten after end_group().
  cluster::TaskNumber submit_hidden(cluster::SubmitTask task);
  void end_group();

  // The futures of all wanted blocks, in their order. The graph leaves as layers; its cost here
  // does not grow with its tasks, unless it brings large values along: those that are needed are
  // put on workers first. Throws TypeError for what cannot leave this process.
  std::vector<cluster::TaskNumber> submit_graph(std::span<const graph::Wanted> wanted,
                                                const GraphOptions& options, const Poll& poll);

  // A future that is done when all of `parts` are; it takes over one reference to each and has no
  // value of its own.
  cluster::TaskNumber join(std::string key, std::vector<cluster::TaskNumber> parts);
  std::optional<cluster::TaskNumber> find(const std::string& key);  // and one more reference
  void retain(cluster::TaskNumber number);
  void release(cluster::TaskNumber number);
  void cancel(cluster::TaskNumber number, bool force);
  void retry(cluster::TaskNumber number);

  cluster::FutureStatus status(cluster::TaskNumber number) const;
  Ending ending(cluster::TaskNumber number) const;
  std::string key(cluster::TaskNumber number) const;
  // Until all (or one) are not pending. False when `timeout` ended first.
  bool wait(const std::vector<cluster::TaskNumber>& numbers, bool all, Timeout timeout,
            const Poll& poll);
  // Waits for the values, or what keeps them from being. Empty when `timeout` ended first. With
  // `stop_at_failure` it waits no longer when one has failed: others may be pending then.
  std::optional<std::vector<Ending>> values(const std::vector<cluster::TaskNumber>& numbers,
                                            Timeout timeout, const Poll& poll,
                                            bool stop_at_failure = false);
  // `completions` gets the number as soon as it is not pending; at once if it is so already.
  void watch(cluster::TaskNumber number, std::shared_ptr<Completions> completions);

  // Puts a value on workers, and gives its future.
  cluster::TaskNumber scatter(const std::string& key, const data::Frames& value,
                              const std::vector<std::pair<cluster::WorkerId, std::string>>& workers,
                              const Poll& poll);
  void replicate(cluster::TaskNumber number, int32_t copies,
                 std::vector<cluster::WorkerId> workers);
  void rebalance(std::vector<cluster::TaskNumber> numbers, std::vector<cluster::WorkerId> workers);
  void retire(cluster::WorkerId worker);
  // Until all workers were told to restart. False when `timeout` ended first.
  bool restart(Timeout timeout, const Poll& poll);
  // The scheduler's answer as JSON; see questions.h.
  std::string ask(const std::string& question, const std::vector<std::string>& arguments,
                  const Poll& poll);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace dusk::node
