// The scheduler as a process part: cluster::SchedulerState behind sockets, on one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dusk/cluster/scheduler.h"
#include "dusk/net/address.h"
#include "dusk/net/options.h"

namespace dusk::node {

struct SchedulerSettings {
  std::vector<net::Address> listen;
  cluster::SchedulerOptions options;
  net::TlsOptions tls;
  std::function<void()> on_shut_down;  // idle for too long; on the scheduler's thread
};

class Scheduler {
 public:
  // Listens when it returns. Throws Error(kOs) when an address cannot be had.
  explicit Scheduler(SchedulerSettings settings);
  ~Scheduler();  // closes

  std::vector<std::string> addresses() const;  // with their real ports
  // Tells everybody and ends. Not from on_shut_down.
  void close(const std::string& reason = "the scheduler was closed");

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace dusk::node
