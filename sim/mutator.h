// Where planted bugs get at the machines: around every step. Does nothing by itself.
#pragma once

#include "dusk/cluster/client.h"
#include "dusk/cluster/scheduler.h"
#include "dusk/cluster/worker.h"

namespace dusk::sim {

class Mutator {
 public:
  virtual ~Mutator() = default;
  virtual void before(cluster::SchedulerState&, cluster::SchedulerEvent&) {}
  virtual void after(cluster::SchedulerState&, cluster::SchedulerActions&) {}
  virtual void before(cluster::WorkerState&, cluster::WorkerEvent&) {}
  virtual void after(cluster::WorkerState&, cluster::WorkerActions&) {}
  virtual void before(cluster::ClientState&, cluster::ClientEvent&) {}
  virtual void after(cluster::ClientState&, cluster::ClientActions&) {}
};

}  // namespace dusk::sim
