// A worker as a process part: cluster::WorkerState behind sockets, with threads that run tasks.
//
// One thread keeps the sockets; it never runs a task and never takes another language's lock.
// `threads` others run tasks: whoever ends one takes the next at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "dusk/cluster/worker.h"
#include "dusk/net/address.h"
#include "dusk/net/options.h"
#include "dusk/node/language.h"

namespace dusk::node {

struct WorkerSettings {
  net::Address scheduler;
  net::Address listen;  // where other workers and clients get values
  std::string name;
  int32_t threads = 1;
  int64_t memory_limit = 0;  // bytes; 0: none
  std::map<std::string, double> resources;
  net::TlsOptions tls;
  int64_t heartbeat_us = 500'000;
  int64_t connect_timeout_us = 30'000'000;  // to find the scheduler
  int64_t value_inline_max = 4096;  // bytes of results that are made ready to be sent at once

  // Fractions of memory_limit; 0 switches the level off. What is above the first two goes to disk:
  // values alone above `target`, the whole process above `spill`.
  double target_fraction = 0.6;
  double spill_fraction = 0.7;
  double pause_fraction = 0.8;  // nothing is started or asked for any more
  // Whether the memory of the process is this worker's. Otherwise only what it counts itself is.
  bool owns_process = false;
  int64_t memory_interval_us = 100'000;     // between looks at the process's memory
  int64_t memory_patience_us = 60'000'000;  // full without any progress, until it becomes an error
  std::string local_directory;              // parent of this worker's own; empty: the system's
  int64_t spill_bytes_max = 0;              // on disk; 0: as much as there is

  Languages languages;
  bool nanny = false;  // a nanny tells the scheduler why this process ends
  // On the worker's socket thread, when the scheduler has taken it in. May be empty.
  std::function<void(const std::string& address)> on_registered;
  // Once, on the worker's socket thread, when it has ended, with the reason.
  std::function<void(const std::string& reason)> on_closed;
};

class Worker {
 public:
  // Starts and registers in the background; failures end it with on_closed. Throws Error(kOs) when
  // `listen` cannot be had.
  explicit Worker(WorkerSettings settings);
  ~Worker();  // closes

  std::string address() const;
  const std::string& name() const;
  std::string scheduler() const;
  bool connected() const;
  // Whether it ended because its scheduler was not there any more, and nobody had asked it to.
  bool lost_scheduler() const;
  void close(const std::string& reason = "the worker was closed");

  // Called by a task on its thread: it goes on outside the worker's threads, and back.
  void secede(const Call& call);
  void rejoin(const Call& call);

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace dusk::node
