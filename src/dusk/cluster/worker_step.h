// One step of the worker. Internal to the folder; the methods stand in worker_*.cc by subject.
#pragma once

#include "dusk/cluster/worker.h"

namespace dusk::cluster {

class WorkerStep {
 public:
  WorkerStep(WorkerState& state, WorkerActions& out) : s_(state), out_(out) {}

  // worker.cc
  void on(OrdersCame& event);
  void on(MemoryPaused& event);
  void on(ValueLost& event);
  void on(ValuePut& event);
  // worker_runs.cc
  void on(RunEnded& event);
  void on(RunLeftThread& event);
  void on(RunWantsBack& event);
  // worker_fetches.cc
  void on(Fetched& event);
  void on(FetchFailed& event);

  // Starts what threads are free for, asks peers for what is wanted.
  void finish();

 private:
  // worker.cc
  void obey(DefineCode& order);
  void obey(DropCode& order);
  void obey(Peer& order);
  void obey(DropPeer& order);
  void obey(FreeTask& order);
  void obey(AdoptTask& order);
  void obey(CloseWorker& order);
  // worker_runs.cc
  void obey(RunTask& order);
  void obey(RetractTask& order);
  void obey(CancelRun& order);
  void become_ready(TaskId task, Run& run);
  void start_ready();
  bool take_resources(const RunName& name, const RequirementsPtr& needs);
  void return_resources(const RunName& name);
  // worker_fetches.cc
  void obey(FetchTask& order);
  void need(const Input& input, RunName name, Run& run);
  Datum& want(const Input& input);
  void ask_next(TaskId task);
  void keep(TaskId task, int64_t nbytes);
  void give_up(TaskId task);
  void send_fetches();
  bool wanted(const Datum& datum) const;
  void end_fetch(WorkerId peer);
  void not_from(WorkerId peer, TaskId task, bool gone);

  // The run, while this very attempt of it is known.
  Run* find(const RunName& name) const {
    auto found = s_.runs.find(name.task);
    return found != s_.runs.end() && found->second.attempt == name.attempt ? &found->second
                                                                           : nullptr;
  }
  // The run, while it has not started.
  Run* pending(const RunName& name) const {
    Run* run = find(name);
    return run && run->state <= Run::State::kReady ? run : nullptr;
  }

  WorkerState& s_;
  WorkerActions& out_;
};

}  // namespace dusk::cluster
