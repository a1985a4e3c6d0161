// One step of the scheduler: the state, the moment, the letters being written, and the changes that
// still follow. Internal to the folder; the methods stand in scheduler_*.cc by subject.
#pragma once

#include <span>
#include <vector>

#include "dusk/cluster/scheduler.h"

namespace dusk::cluster {

class Step {
 public:
  Step(SchedulerState& state, Time now, SchedulerActions& out) : s_(state), now_(now), out_(out) {}

  // scheduler_clients.cc
  void on(ClientJoined& event);
  void on(ClientLeft& event);
  void on(ClientAsked& event);
  // scheduler_workers.cc
  void on(WorkerJoined& event);
  void on(WorkerLeft& event);
  void on(Heartbeat& event);
  void on(Tick& event);
  // scheduler_reports.cc
  void on(WorkerReported& event);

  // Carries out the changes that follow, gives queued tasks to workers with room, balances.
  void finish();

 private:
  // What a change of state needs to know beyond the task.
  struct Detail {
    WorkerId worker;     // to processing: where; to memory: who has it
    int64_t nbytes = 0;  // to memory
    Body value;          // to memory: the result, if it came along
    bool ran = false;    // to memory: by the run that the scheduler knows of, which has ended
    FaultPtr fault;      // to erred
    bool tell = true;    // to released: whether the worker must be told
  };
  struct Change {
    TaskId task;
    TaskState to;
    FaultPtr fault;
  };
  using Transition = void (Step::*)(Task&, Detail&);
  struct Table;

  // scheduler_transitions.cc
  void transition(Task& task, TaskState to, Detail detail);
  void follow(TaskId task, TaskState to, FaultPtr fault = nullptr);
  void follow_up();
  void carry_out(const Change& change);
  void released_waiting(Task& task, Detail& detail);
  void released_memory(Task& task, Detail& detail);
  void released_erred(Task& task, Detail& detail);
  void released_forgotten(Task& task, Detail& detail);
  void waiting_queued(Task& task, Detail& detail);
  void waiting_no_worker(Task& task, Detail& detail);
  void ready_processing(Task& task, Detail& detail);
  void unready_released(Task& task, Detail& detail);
  void unready_memory(Task& task, Detail& detail);
  void unready_erred(Task& task, Detail& detail);
  void processing_released(Task& task, Detail& detail);
  void processing_memory(Task& task, Detail& detail);
  void processing_erred(Task& task, Detail& detail);
  void memory_released(Task& task, Detail& detail);
  void erred_released(Task& task, Detail& detail);
  void erred_memory(Task& task, Detail& detail);
  void enter_memory(Task& task, Detail& detail);
  void enter_erred(Task& task, Detail& detail);
  void release_inputs(Task& task);
  void after_release(Task& task);
  void lose_inputs_of_dependents(Task& task);
  void leave_worker(Task& task, bool tell);

  // scheduler_placement.cc
  struct Choice {
    TaskState to = TaskState::kNoWorker;
    WorkerId worker;
    FaultPtr fault;
  };
  Choice place(const Task& task);
  bool choosy(const Task& task) const;
  bool root_like(const Task& task) const;
  bool allowed(const Task& task, const WorkerRecord& worker, bool anywhere) const;
  bool may_run(const Task& task, const WorkerRecord& worker, bool anywhere) const;
  Choice place_restricted(const Task& task);
  FaultPtr nobody_able(const Task& task) const;
  WorkerId cheapest(const Task& task) const;
  double cost(const Task& task, const WorkerRecord& worker) const;
  double waiting(const WorkerRecord& worker) const;
  bool has_room(const WorkerRecord& worker) const;
  void fill_workers();
  void retry_no_worker();
  void retry_unable();
  void fail_what_only_full_workers_run();
  double estimate(const Task& task) const;
  void update_load(WorkerRecord& worker);
  int64_t spare(const WorkerRecord& worker) const;
  bool takes_tasks(const WorkerRecord& worker) const;
  void give(Task& task, WorkerRecord& worker);

  // scheduler_stealing.cc
  void balance();
  void retract(Task& task, WorkerRecord& victim, WorkerId thief);
  void retract_all(WorkerRecord& worker);
  void end_retraction(Task& task);

  // scheduler_replicas.cc
  void add_holder(Task& task, WorkerRecord& worker);
  bool remove_holder(Task& task, WorkerRecord& worker);
  void free_on(TaskId task, WorkerRecord& worker);
  void order_copy(const Task& task, WorkerRecord& worker);
  void retire_step(WorkerRecord& worker, bool order_copies);
  void compact_holds(WorkerRecord& worker);
  Input input_of(const Task& task) const;
  void introduce(WorkerRecord& to, std::span<const WorkerId> whom);
  void introduce(ClientId to, WorkerId whom);

  // scheduler_clients.cc
  void ask(ClientRecord& client, SubmitCode& request);
  void ask(ClientRecord& client, SubmitTask& request);
  void ask(ClientRecord& client, SubmitEnd& request);
  void ask(ClientRecord& client, ReleaseTask& request);
  void ask(ClientRecord& client, CancelTask& request);
  void ask(ClientRecord& client, RetryTask& request);
  void ask(ClientRecord& client, ScatteredTask& request);
  void ask(ClientRecord& client, MissingTask& request);
  void ask(ClientRecord& client, ReplicateTask& request);
  void ask(ClientRecord& client, RebalanceTasks& request);
  void ask(ClientRecord& client, RetireWorker& request);
  void ask(ClientRecord& client, RestartCluster& request);
  Task* task_of(ClientRecord& client, TaskNumber number);
  void want(Task& task, ClientRecord& client, TaskNumber number, bool hold);
  void unwant(Task& task, ClientId client, TaskNumber number);
  void tell_state(const Task& task, const Task::Want& want);
  void cancel(Task& task, ClientId client, bool force);
  void drop_code(CodeId id);
  void forget_all();

  // scheduler_reports.cc
  void report(WorkerRecord& worker, RunStarted& report);
  void report(WorkerRecord& worker, RunFinished& report);
  void report(WorkerRecord& worker, RunFailed& report);
  void report(WorkerRecord& worker, RunReturned& report);
  void report(WorkerRecord& worker, RunKept& report);
  void report(WorkerRecord& worker, RunSeceded& report);
  void report(WorkerRecord& worker, CopyAdded& report);
  void report(WorkerRecord& worker, CopyMissing& report);
  void report(WorkerRecord& worker, StatusChanged& report);
  Task* running(const WorkerRecord& worker, TaskId task, uint32_t attempt);
  void measure(const Task& task, double seconds, int64_t nbytes);
  void unable(const WorkerRecord& worker, Task& task, FaultPtr fault);
  void hand_back(Task& task, WorkerId prefer);
  void lost(Task& task);

  // scheduler_workers.cc
  void adopt(WorkerRecord& worker, const std::string& key, int64_t nbytes);
  std::vector<TaskId> blamed(const WorkerRecord& worker);
  void blame(Task& task, const WorkerRecord& worker, const WorkerLeft& event);

  Task* find(TaskId id) { return s_.tasks.find(id); }
  WorkerRecord* find(WorkerId id) { return s_.workers.find(id); }

  SchedulerState& s_;
  Time now_;
  SchedulerActions& out_;
  std::vector<Change> changes_;
  size_t next_change_ = 0;
  // Those that let go, carried out after the others: what one event drops, it may need again.
  std::vector<Change> releases_;
  size_t next_release_ = 0;
  bool retires_ = false;  // a worker has been told to in this step
};

}  // namespace dusk::cluster
