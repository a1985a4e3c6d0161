// The fields of everything that is said, in their order on the wire (see wire.h for the rules).
#pragma once

#include "dusk/cluster/scheduler.h"
#include "dusk/node/wire.h"

namespace dusk::cluster {

#define DUSK_FIELDS(Type, ...)                  \
  template <class F>                            \
  void fields(F& f, [[maybe_unused]] Type& m) { \
    f(__VA_ARGS__);                             \
  }

DUSK_FIELDS(TaskId, m.slot, m.generation)
DUSK_FIELDS(WorkerId, m.value)
DUSK_FIELDS(ClientId, m.value)
DUSK_FIELDS(CodeId, m.value)
DUSK_FIELDS(Priority, m.user, m.sequence)
DUSK_FIELDS(Input, m.task, m.nbytes, m.holders)
DUSK_FIELDS(Fault, m.kind, m.message, m.exception, m.task, m.worker, m.log_tail, m.cause)
DUSK_FIELDS(Requirements, m.resources, m.workers, m.allow_other_workers, m.retries)
DUSK_FIELDS(WorkerInfo, m.id, m.address, m.name, m.host, m.threads, m.memory_limit, m.resources,
            m.nanny)

// client to scheduler
DUSK_FIELDS(SubmitCode, m.number, m.token, m.name, m.body)
DUSK_FIELDS(SubmitTask, m.number, m.key, m.code, m.arguments, m.dependencies, m.priority, m.wanted,
            m.requirements)
DUSK_FIELDS(SubmitEnd)
DUSK_FIELDS(ReleaseTask, m.number)
DUSK_FIELDS(CancelTask, m.number, m.force)
DUSK_FIELDS(RetryTask, m.number)
DUSK_FIELDS(ScatteredTask, m.number, m.key, m.nbytes, m.holders)
DUSK_FIELDS(MissingTask, m.number, m.holder)
DUSK_FIELDS(ReplicateTask, m.number, m.copies, m.workers)
DUSK_FIELDS(RebalanceTasks, m.numbers, m.workers)
DUSK_FIELDS(RetireWorker, m.worker)
DUSK_FIELDS(RestartCluster)

// scheduler to client
DUSK_FIELDS(HolderAddress, m.worker, m.address)
DUSK_FIELDS(TaskFinished, m.number, m.task, m.nbytes, m.holder, m.value)
DUSK_FIELDS(TaskFailed, m.number, m.fault)
DUSK_FIELDS(TaskCancelled, m.number)
DUSK_FIELDS(TaskLost, m.number)
DUSK_FIELDS(WorkerRetired, m.worker)
DUSK_FIELDS(ClusterRestarted)

// scheduler to worker
DUSK_FIELDS(DefineCode, m.code, m.name, m.body)
DUSK_FIELDS(DropCode, m.code)
DUSK_FIELDS(Peer, m.worker, m.address)
DUSK_FIELDS(DropPeer, m.worker)
DUSK_FIELDS(RunTask, m.task, m.attempt, m.key, m.code, m.arguments, m.priority, m.inputs,
            m.requirements, m.report_value)
DUSK_FIELDS(RetractTask, m.task, m.attempt)
DUSK_FIELDS(CancelRun, m.task, m.attempt)
DUSK_FIELDS(FreeTask, m.task)
DUSK_FIELDS(FetchTask, m.input)
DUSK_FIELDS(AdoptTask, m.task, m.key)
DUSK_FIELDS(CloseWorker, m.reason)

// worker to scheduler
DUSK_FIELDS(RunStarted, m.task, m.attempt)
DUSK_FIELDS(RunFinished, m.task, m.attempt, m.nbytes, m.duration_us, m.value)
DUSK_FIELDS(RunFailed, m.task, m.attempt, m.duration_us, m.fault)
DUSK_FIELDS(RunReturned, m.task, m.attempt)
DUSK_FIELDS(RunKept, m.task, m.attempt)
DUSK_FIELDS(RunSeceded, m.task, m.attempt)
DUSK_FIELDS(CopyAdded, m.task)
DUSK_FIELDS(CopyMissing, m.task, m.gone, m.unreachable, m.needed_by, m.attempt)
DUSK_FIELDS(StatusChanged, m.status)

}  // namespace dusk::cluster

namespace dusk::node {

// ---- what only processes say to each other

// The scheduler's first word to a worker and to a client.
struct Welcome {
  uint32_t number = 0;    // WorkerId or ClientId
  std::string scheduler;  // its address
};
// A worker is alive.
struct Beat {
  int64_t memory = 0;    // bytes of its process
  double bandwidth = 0;  // see cluster::Heartbeat
};
// Asks a worker for values by task. Answered by Values with the same number.
struct GetValues {
  uint64_t number = 0;
  std::vector<cluster::TaskId> tasks;
};
struct Values {
  uint64_t number = 0;
  std::vector<std::pair<cluster::TaskId, data::Frames>> values;
  std::vector<cluster::TaskId> gone;
  std::vector<std::pair<cluster::TaskId, std::string>> broken;  // cannot be serialised, and why
};
// Hands a worker a value under a key. Answered by PutDone.
struct PutValue {
  uint64_t number = 0;
  std::string key;
  data::Frames value;
};
struct PutDone {
  uint64_t number = 0;
  std::string error;  // empty: the value is there
};
// Asks for facts; the answer is JSON. See questions.h.
struct Ask {
  uint64_t number = 0;
  std::string question;
  std::vector<std::string> arguments;
};
struct Answer {
  uint64_t number = 0;
  std::string json;
  std::string error;  // not empty: no answer
};
struct Goodbye {
  std::string reason;
};
// A client's graph: layers, which the scheduler expands. `outputs` are the client's numbers for the
// wanted blocks, in their order; 0: it has a future of that block already.
struct SubmitGraph {
  data::Frames graph;  // graph::encode_graph
  std::vector<cluster::TaskNumber> outputs;
  std::map<std::string, std::string> annotations;  // of all tasks that say nothing else; JSON
};
// A nanny to the scheduler: a worker's process has ended, and nobody asked it to.
struct WorkerEnded {
  std::string address;  // of the worker
  std::string reason;
  std::string log_tail;
};

DUSK_FIELDS(Welcome, m.number, m.scheduler)
DUSK_FIELDS(Beat, m.memory, m.bandwidth)
DUSK_FIELDS(GetValues, m.number, m.tasks)
DUSK_FIELDS(Values, m.number, m.values, m.gone, m.broken)
DUSK_FIELDS(PutValue, m.number, m.key, m.value)
DUSK_FIELDS(PutDone, m.number, m.error)
DUSK_FIELDS(Ask, m.number, m.question, m.arguments)
DUSK_FIELDS(Answer, m.number, m.json, m.error)
DUSK_FIELDS(Goodbye, m.reason)
DUSK_FIELDS(SubmitGraph, m.graph, m.outputs, m.annotations)
DUSK_FIELDS(WorkerEnded, m.address, m.reason, m.log_tail)
#undef DUSK_FIELDS

// A letter is a list of entries of one of these kinds; its first byte says which.
using ClientLetter = std::vector<cluster::ClientRequest>;
using NewsLetter = std::vector<cluster::ClientNews>;
using OrderLetter = std::vector<cluster::WorkerOrder>;
using ReportLetter = std::vector<cluster::WorkerReport>;
using NodeEntry = std::variant<Welcome, Beat, GetValues, Values, PutValue, PutDone, Ask, Answer,
                               Goodbye, SubmitGraph, WorkerEnded>;
using NodeLetter = std::vector<NodeEntry>;
using Letter = std::variant<ClientLetter, NewsLetter, OrderLetter, ReportLetter, NodeLetter>;

net::Message encode(const ClientLetter& letter);
net::Message encode(const NewsLetter& letter);
net::Message encode(const OrderLetter& letter);
net::Message encode(const ReportLetter& letter);
net::Message encode(const NodeEntry& entry);
// Throws ValueError for what is no letter.
Letter decode(const net::Message& message);

// What a worker and a client say of themselves in Hello::details.
std::string encode_info(const cluster::WorkerInfo& info);
cluster::WorkerInfo decode_info(const std::string& details);

}  // namespace dusk::node
