#include "sim/trace.h"

#include <cstdio>
#include <span>
#include <string>

namespace dusk::sim {
namespace {

using namespace cluster;

// What a message is about, as one number.
struct Digest {
  uint64_t list(std::span<const WorkerId> ids) const {
    uint64_t h = ids.size();
    for (WorkerId id : ids) h = mix(h, id.value);
    return h;
  }
  uint64_t body(const Body& body) const {
    uint64_t h = body ? body->header.size() + 1 : 0;
    if (body) {
      for (char c : body->header) h = mix(h, static_cast<uint8_t>(c));
    }
    return h;
  }

  // Orders.
  uint64_t operator()(const DefineCode& m) const { return m.code.value; }
  uint64_t operator()(const DropCode& m) const { return m.code.value; }
  uint64_t operator()(const Peer& m) const { return m.worker.value; }
  uint64_t operator()(const DropPeer& m) const { return m.worker.value; }
  uint64_t operator()(const RunTask& m) const {
    uint64_t h = mix(m.task.packed(), m.attempt, m.code.value, m.priority.sequence);
    for (const Input& input : m.inputs) {
      h = mix(h, input.task.packed(), input.nbytes, list(input.holders));
    }
    return h;
  }
  uint64_t operator()(const RetractTask& m) const { return mix(m.task.packed(), m.attempt); }
  uint64_t operator()(const CancelRun& m) const { return mix(m.task.packed(), m.attempt); }
  uint64_t operator()(const FreeTask& m) const { return m.task.packed(); }
  uint64_t operator()(const FetchTask& m) const {
    return mix(m.input.task.packed(), list(m.input.holders));
  }
  uint64_t operator()(const AdoptTask& m) const { return m.task.packed(); }
  uint64_t operator()(const CloseWorker& m) const { return m.reason.size(); }

  // Reports.
  uint64_t operator()(const RunStarted& m) const { return mix(m.task.packed(), m.attempt); }
  uint64_t operator()(const RunFinished& m) const {
    return mix(m.task.packed(), m.attempt, m.nbytes, m.duration_us, body(m.value));
  }
  uint64_t operator()(const RunFailed& m) const {
    return mix(m.task.packed(), m.attempt, m.duration_us);
  }
  uint64_t operator()(const RunReturned& m) const { return mix(m.task.packed(), m.attempt); }
  uint64_t operator()(const RunKept& m) const { return mix(m.task.packed(), m.attempt); }
  uint64_t operator()(const RunSeceded& m) const { return mix(m.task.packed(), m.attempt); }
  uint64_t operator()(const CopyAdded& m) const { return m.task.packed(); }
  uint64_t operator()(const CopyMissing& m) const {
    return mix(m.task.packed(), list(m.gone), list(m.unreachable), m.needed_by.packed());
  }
  uint64_t operator()(const StatusChanged& m) const { return static_cast<uint64_t>(m.status); }

  // News.
  uint64_t operator()(const HolderAddress& m) const { return m.worker.value; }
  uint64_t operator()(const TaskFinished& m) const {
    return mix(m.number, m.task.packed(), m.nbytes, m.holder.value, body(m.value));
  }
  uint64_t operator()(const TaskFailed& m) const { return mix(m.number, m.fault->message.size()); }
  uint64_t operator()(const TaskCancelled& m) const { return m.number; }
  uint64_t operator()(const TaskLost& m) const { return m.number; }
  uint64_t operator()(const WorkerRetired& m) const { return m.worker.value; }
  uint64_t operator()(const ClusterRestarted&) const { return 1; }

  // Requests.
  uint64_t operator()(const SubmitCode& m) const { return m.number; }
  uint64_t operator()(const SubmitTask& m) const {
    uint64_t h = mix(m.number, m.code, m.wanted);
    for (TaskNumber input : m.dependencies) h = mix(h, input);
    return h;
  }
  uint64_t operator()(const SubmitEnd&) const { return 1; }
  uint64_t operator()(const ReleaseTask& m) const { return m.number; }
  uint64_t operator()(const CancelTask& m) const { return mix(m.number, m.force); }
  uint64_t operator()(const RetryTask& m) const { return m.number; }
  uint64_t operator()(const ScatteredTask& m) const { return mix(m.number, list(m.holders)); }
  uint64_t operator()(const MissingTask& m) const { return mix(m.number, m.holder.value); }
  uint64_t operator()(const ReplicateTask& m) const { return mix(m.number, m.copies); }
  uint64_t operator()(const RebalanceTasks& m) const { return m.numbers.size(); }
  uint64_t operator()(const RetireWorker& m) const { return m.worker.value; }
  uint64_t operator()(const RestartCluster&) const { return 1; }
};

constexpr const char* kOrders[] = {"DefineCode", "DropCode",    "Peer",       "DropPeer",
                                   "RunTask",    "RetractTask", "CancelRun",  "FreeTask",
                                   "FetchTask",  "AdoptTask",   "CloseWorker"};
constexpr const char* kReports[] = {"RunStarted",  "RunFinished", "RunFailed",
                                    "RunReturned", "RunKept",     "RunSeceded",
                                    "CopyAdded",   "CopyMissing", "StatusChanged"};
constexpr const char* kNews[] = {"HolderAddress",   "TaskFinished", "TaskFailed",
                                 "TaskCancelled",   "TaskLost",     "WorkerRetired",
                                 "ClusterRestarted"};
constexpr const char* kRequests[] = {"SubmitCode",     "SubmitTask",   "SubmitEnd",
                                     "ReleaseTask",    "CancelTask",   "RetryTask",
                                     "ScatteredTask",  "MissingTask",  "ReplicateTask",
                                     "RebalanceTasks", "RetireWorker", "RestartCluster"};
static_assert(std::size(kOrders) == std::variant_size_v<WorkerOrder>);
static_assert(std::size(kReports) == std::variant_size_v<WorkerReport>);
static_assert(std::size(kNews) == std::variant_size_v<ClientNews>);
static_assert(std::size(kRequests) == std::variant_size_v<ClientRequest>);

// The task or worker that a message is about, for people.
template <class Message>
std::string about(const Message& message) {
  return std::visit(
      [](const auto& m) -> std::string {
        if constexpr (requires { m.unreachable; }) {
          std::string text = "#" + std::to_string(m.task.slot) + " for #" +
                             std::to_string(m.needed_by.slot) + ", gone";
          for (WorkerId id : m.gone) text += " " + std::to_string(id.value);
          text += ", unreachable";
          for (WorkerId id : m.unreachable) text += " " + std::to_string(id.value);
          return text;
        } else if constexpr (requires { m.key; }) {
          return m.key;
        } else if constexpr (requires { m.task.slot; }) {
          return "#" + std::to_string(m.task.slot);
        } else if constexpr (requires { m.number; }) {
          return "number " + std::to_string(m.number);
        } else if constexpr (requires { m.input.task; }) {
          return "#" + std::to_string(m.input.task.slot);
        } else if constexpr (requires { m.worker.value; }) {
          return "worker " + std::to_string(m.worker.value);
        } else {
          return "";
        }
      },
      message);
}

template <class Message>
void log(Time now, const char* who, uint32_t number, const char* name, const Message& message) {
  std::fprintf(stderr, "%9lld %s %u %s %s\n", static_cast<long long>(now), who, number, name,
               about(message).c_str());
}

template <class Message>
uint64_t digest(const Message& message) {
  return mix(message.index(), std::visit(Digest(), message));
}

template <size_t N>
void add_counts(std::array<uint64_t, N>& to, const std::array<uint64_t, N>& from) {
  for (size_t i = 0; i < N; ++i) to[i] += from[i];
}

}  // namespace

void Trace::add(Time now, WorkerId to, const WorkerOrder& order) {
  ++seen_.orders[order.index()];
  if (log_) log(now, "to worker", to.value, kOrders[order.index()], order);
  add(1, now, to.value, digest(order));
}
void Trace::add(Time now, WorkerId from, const WorkerReport& report) {
  ++seen_.reports[report.index()];
  if (log_) log(now, "worker", from.value, kReports[report.index()], report);
  add(2, now, from.value, digest(report));
}
void Trace::add(Time now, ClientId to, const ClientNews& news) {
  ++seen_.news[news.index()];
  if (log_) log(now, "to client", to.value, kNews[news.index()], news);
  add(3, now, to.value, digest(news));
}
void Trace::add(Time now, ClientId from, const ClientRequest& request) {
  ++seen_.requests[request.index()];
  if (log_) log(now, "client", from.value, kRequests[request.index()], request);
  add(4, now, from.value, digest(request));
}

void Trace::Seen::add(const Seen& other) {
  add_counts(orders, other.orders);
  add_counts(reports, other.reports);
  add_counts(news, other.news);
  add_counts(requests, other.requests);
}

}  // namespace dusk::sim
