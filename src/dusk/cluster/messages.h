// What clients, scheduler and workers say to each other: plain values, no encoding.
//
// Every message is a list of small entries that take effect in order; what several events of one
// moment cause leaves as one message. Bodies (functions, arguments, exceptions, small results) are
// opaque: nobody between their maker and their reader looks inside.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "dusk/base/error.h"
#include "dusk/base/small_vector.h"
#include "dusk/base/token.h"
#include "dusk/cluster/ids.h"
#include "dusk/data/value.h"

namespace dusk::cluster {

using Body = std::shared_ptr<const data::Frames>;  // null: nothing

int64_t body_bytes(const Body& body);

enum class FaultCause : uint8_t {
  kTask,         // it raised, or its result could not be kept
  kWorkersDied,  // as often as allowed while it ran
  kNoWorker,     // none came that may run it
  kDataLost,     // data that a client had sent
  kUnable,       // its worker lacks what the code needs; another may have it
};

// Why a task has no result. Shared by all tasks that wait for it.
struct Fault {
  base::ErrorKind kind = base::ErrorKind::kRuntime;
  std::string message;
  Body exception;        // the original one, in the encoding of its language; may be null
  std::string task;      // key of the task that failed first
  std::string worker;    // address where it failed; empty when it never ran
  std::string log_tail;  // last lines of the workers that died with it
  FaultCause cause = FaultCause::kTask;
};
using FaultPtr = std::shared_ptr<const Fault>;

// Where and how often a task may run; shared by all tasks of one annotation.
struct Requirements {
  std::map<std::string, double> resources;  // amounts held while it runs
  std::vector<std::string> workers;         // addresses, names or hosts; empty: anywhere
  bool allow_other_workers = false;         // when none of `workers` is there
  int32_t retries = 0;
};
using RequirementsPtr = std::shared_ptr<const Requirements>;

// ---- client to scheduler

struct SubmitCode {
  uint32_t number = 0;  // the client's own, from 1
  base::Token token;    // equal tokens are one code, whoever sends them
  std::string name;     // for people and for duration estimates: "inc"
  Body body;
};
struct SubmitTask {
  TaskNumber number = 0;
  std::string key;  // equal keys are one task, whoever sends them
  uint32_t code = 0;
  Body arguments;
  base::SmallVector<TaskNumber, 2> dependencies;  // each known to the scheduler from this client
  double priority = 0;
  bool wanted = true;  // the client holds a future of it
  RequirementsPtr requirements;
};
// The end of a group of SubmitTask whose order is their static order.
struct SubmitEnd {};
struct ReleaseTask {  // no future of it is left
  TaskNumber number = 0;
};
struct CancelTask {
  TaskNumber number = 0;
  bool force = false;  // also when other clients want it
};
struct RetryTask {
  TaskNumber number = 0;
};
// Data that the client has put on workers under a key.
struct ScatteredTask {
  TaskNumber number = 0;
  std::string key;
  int64_t nbytes = 0;
  std::vector<WorkerId> holders;
};
// The client could not get a finished task's value from `holder`.
struct MissingTask {
  TaskNumber number = 0;
  WorkerId holder;
};
struct ReplicateTask {
  TaskNumber number = 0;
  int32_t copies = 0;  // 0: on every worker of `workers`, or on all
  std::vector<WorkerId> workers;
};
struct RebalanceTasks {
  std::vector<TaskNumber> numbers;  // empty: all
  std::vector<WorkerId> workers;    // empty: all
};
struct RetireWorker {
  WorkerId worker;
};
struct RestartCluster {};

using ClientRequest = std::variant<SubmitCode, SubmitTask, SubmitEnd, ReleaseTask, CancelTask,
                                   RetryTask, ScatteredTask, MissingTask, ReplicateTask,
                                   RebalanceTasks, RetireWorker, RestartCluster>;

// ---- scheduler to client

// A worker's address; comes before the first news that names it as a holder.
struct HolderAddress {
  WorkerId worker;
  std::string address;
};
struct TaskFinished {
  TaskNumber number = 0;
  TaskId task;  // its name among workers
  int64_t nbytes = 0;
  WorkerId holder;
  Body value;  // small results come along
};
struct TaskFailed {
  TaskNumber number = 0;
  FaultPtr fault;
};
struct TaskCancelled {
  TaskNumber number = 0;
};
struct TaskLost {  // was finished; is being computed again
  TaskNumber number = 0;
};
struct WorkerRetired {
  WorkerId worker;
};
struct ClusterRestarted {};

using ClientNews = std::variant<HolderAddress, TaskFinished, TaskFailed, TaskCancelled, TaskLost,
                                WorkerRetired, ClusterRestarted>;

// ---- scheduler to worker

struct Holder {
  WorkerId worker;
  auto operator<=>(const Holder&) const = default;
};
struct Input {
  TaskId task;
  int64_t nbytes = 0;
  base::SmallVector<WorkerId, 2> holders;
};
struct DefineCode {
  CodeId code;
  std::string name;
  Body body;
};
struct DropCode {
  CodeId code;
};
struct Peer {  // comes before the first message that names the worker
  WorkerId worker;
  std::string address;
};
struct DropPeer {
  WorkerId worker;
};
struct RunTask {
  TaskId task;
  uint32_t attempt = 0;  // reports carry it back; older ones are stale
  std::string key;
  CodeId code;
  Body arguments;
  Priority priority;
  std::vector<Input> inputs;
  RequirementsPtr requirements;
  bool report_value = false;  // send a small result along with the report
};
struct RetractTask {  // give it back unless it has started
  TaskId task;
  uint32_t attempt = 0;
};
struct CancelRun {  // nobody wants it; no report is awaited
  TaskId task;
  uint32_t attempt = 0;
};
struct FreeTask {  // drop the value
  TaskId task;
};
struct FetchTask {  // hold a copy
  Input input;
};
// The value that a client has put here under `key`, or that the worker has brought along, is this
// task's result. Answered by CopyAdded, or by CopyMissing when it is not here. Without a task:
// nobody wants it.
struct AdoptTask {
  TaskId task;
  std::string key;
};
struct CloseWorker {
  std::string reason;
};

using WorkerOrder = std::variant<DefineCode, DropCode, Peer, DropPeer, RunTask, RetractTask,
                                 CancelRun, FreeTask, FetchTask, AdoptTask, CloseWorker>;

// ---- worker to scheduler

struct RunStarted {
  TaskId task;
  uint32_t attempt = 0;
};
struct RunFinished {
  TaskId task;
  uint32_t attempt = 0;
  int64_t nbytes = 0;
  int64_t duration_us = 0;
  Body value;
};
struct RunFailed {
  TaskId task;
  uint32_t attempt = 0;
  int64_t duration_us = 0;
  FaultPtr fault;
};
struct RunReturned {  // retracted, or the task asked for another worker
  TaskId task;
  uint32_t attempt = 0;
};
struct RunKept {  // too late to retract
  TaskId task;
  uint32_t attempt = 0;
};
struct RunSeceded {  // left its thread for good; does not count as load any more
  TaskId task;
  uint32_t attempt = 0;
};
struct CopyAdded {
  TaskId task;
};
// No holder that the order named could give `task`. The worker has dropped the run that needed it.
struct CopyMissing {
  TaskId task;
  std::vector<WorkerId> gone;         // said that they do not have it
  std::vector<WorkerId> unreachable;  // may well have it
  TaskId needed_by;                   // invalid: a FetchTask of its own
  uint32_t attempt = 0;               // of needed_by
};
enum class WorkerStatus : uint8_t {
  kRunning,
  kPaused,  // its memory is full: it starts nothing
  kRetiring,
  kFull,  // paused for so long, without anything getting better, that nothing will
};
struct StatusChanged {
  WorkerStatus status = WorkerStatus::kRunning;
};

using WorkerReport = std::variant<RunStarted, RunFinished, RunFailed, RunReturned, RunKept,
                                  RunSeceded, CopyAdded, CopyMissing, StatusChanged>;

}  // namespace dusk::cluster
