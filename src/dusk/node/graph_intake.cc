#include "dusk/node/graph_intake.h"

#include <algorithm>
#include <atomic>
#include <set>

namespace dusk::node {
namespace {

using cluster::ClientId;
using cluster::ClientRequest;
using cluster::TaskNumber;

// The first tasks should leave at once; later batches are as large as a loop's turn should be.
constexpr size_t kFirstTasks = 128;
constexpr size_t kTasks = 1024;
constexpr int kBatchesAhead = 3;

template <class T>
const T* get(const ClientRequest& request) {
  return std::get_if<T>(&request);
}

}  // namespace

struct GraphIntake::Submission {
  ClientId client;
  ClientId own;                     // the client that holds the graph's tasks
  std::vector<TaskNumber> outputs;  // sorted
  std::set<TaskNumber> withdrawn;   // outputs that nobody waits for any more
  size_t pending = 0;               // outputs that are neither submitted nor withdrawn
  std::atomic<bool> ended{false};
  std::atomic<int> ahead{0};  // batches posted and not delivered

  // The thread's.
  SubmitGraph graph;
  std::unique_ptr<GraphExpansion> expansion;
  bool begun = false;
  bool complete = false;

  bool awaits(TaskNumber number) const {
    return std::binary_search(outputs.begin(), outputs.end(), number);
  }
};

GraphIntake::GraphIntake(Host host, graph::Codecs codecs)
    : host_(std::move(host)), codecs_(std::move(codecs)), thread_([this] { work(); }) {}

GraphIntake::~GraphIntake() { stop(); }

void GraphIntake::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

// ---- on the loop's thread

void GraphIntake::submit(ClientId client, SubmitGraph graph) {
  Session& session = sessions_[client];
  session.backlog.emplace_back(std::move(graph));
  if (!session.active) start_next(client);
}

// Gives the scheduler what waits, up to the next graph.
void GraphIntake::start_next(ClientId client) {
  auto found = sessions_.find(client);
  if (found == sessions_.end()) return;
  Session& session = found->second;
  while (!session.backlog.empty()) {
    auto next = std::move(session.backlog.front());
    session.backlog.pop_front();
    if (auto* requests = std::get_if<Requests>(&next)) {
      host_.step({cluster::ClientAsked{client, std::move(*requests)}});
      continue;
    }
    auto submission = std::make_shared<Submission>();
    submission->client = client;
    submission->own = host_.new_client();
    submission->graph = std::move(std::get<SubmitGraph>(next));
    submission->outputs = submission->graph.outputs;
    std::erase(submission->outputs, 0);
    std::sort(submission->outputs.begin(), submission->outputs.end());
    submission->pending = submission->outputs.size();
    session.active = submission;
    host_.step({cluster::ClientJoined{submission->own, "graph"}});
    return need_thread(submission);
  }
  sessions_.erase(found);
}

void GraphIntake::need_thread(const SubmissionPtr& submission) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(submission);
  }
  wake_.notify_one();
}

void GraphIntake::deliver(const SubmissionPtr& submission, Delivery& delivery) {
  if (submission->ahead.fetch_sub(1) == kBatchesAhead) need_thread(submission);
  if (submission->ended) return;
  ClientId client = submission->client;
  if (delivery.fault) {
    for (TaskNumber number : submission->outputs) {
      if (submission->withdrawn.count(number) || is_submitted(client, number)) continue;
      host_.tell(client, cluster::TaskFailed{number, delivery.fault});
    }
    return end(submission);
  }
  GraphBatch& batch = delivery.batch;
  submission->pending -= batch.wanted.size();
  if (!submission->withdrawn.empty()) {
    submission->pending += std::erase_if(batch.wanted, [&](const ClientRequest& wish) {
      return submission->withdrawn.count(std::get<cluster::SubmitTask>(wish).number) > 0;
    });
  }
  std::vector<cluster::SchedulerEvent> events;
  events.emplace_back(cluster::ClientAsked{submission->own, std::move(batch.requests)});
  events.emplace_back(cluster::ClientAsked{client, std::move(batch.wanted)});
  host_.step(std::move(events));
  if (batch.last || submission->pending == 0) end(submission);
}

void GraphIntake::end(SubmissionPtr submission) {
  if (submission->ended.exchange(true)) return;
  host_.step({cluster::ClientLeft{submission->own}});
  need_thread(submission);  // which frees what it has
  auto found = sessions_.find(submission->client);
  if (found == sessions_.end() || found->second.active != submission) return;
  found->second.active = nullptr;
  start_next(submission->client);
}

bool GraphIntake::is_submitted(ClientId client, TaskNumber number) const {
  auto record = host_.state.clients.find(client);
  return record != host_.state.clients.end() && record->second.numbers.contains(number);
}

void GraphIntake::hold(ClientId client, Requests& requests) {
  for (const ClientRequest& request : requests) {
    if (get<cluster::RestartCluster>(request)) forget_all();
  }
  if (!sessions_.contains(client)) return;
  Requests now;
  for (ClientRequest& request : requests) {
    auto found = sessions_.find(client);  // the last one may have ended it
    switch (found == sessions_.end() ? Turn::kNow : turn_of(found->second, client, request)) {
      case Turn::kNow: now.push_back(std::move(request)); break;
      case Turn::kDone: break;
      case Turn::kLater: {
        auto& backlog = found->second.backlog;
        if (backlog.empty() || !std::holds_alternative<Requests>(backlog.back())) {
          backlog.emplace_back(Requests{});
        }
        std::get<Requests>(backlog.back()).push_back(std::move(request));
      }
    }
  }
  requests = std::move(now);
}

GraphIntake::Turn GraphIntake::turn_of(Session& session, ClientId client,
                                       const ClientRequest& request) {
  if (get<cluster::RestartCluster>(request) || get<cluster::RetireWorker>(request)) {
    return Turn::kNow;
  }
  if (const auto* cancel = get<cluster::CancelTask>(request)) {
    if (is_submitted(client, cancel->number)) return Turn::kNow;
    if (!withdraw(session, cancel->number)) return Turn::kLater;
    host_.tell(client, cluster::TaskCancelled{cancel->number});
    return Turn::kDone;
  }
  // What is in the backlog, or in the rest of the graph, may need what is released here.
  const auto* release = get<cluster::ReleaseTask>(request);
  if (!release || !session.backlog.empty() || !session.active->awaits(release->number)) {
    return Turn::kLater;
  }
  if (is_submitted(client, release->number)) return Turn::kNow;
  return withdraw(session, release->number) ? Turn::kDone : Turn::kLater;
}

// Whether the number is an output that is still to come.
bool GraphIntake::withdraw(Session& session, TaskNumber number) {
  Submission& active = *session.active;
  if (active.awaits(number)) {
    if (active.withdrawn.insert(number).second && --active.pending == 0) end(session.active);
    return true;
  }
  for (auto& waiting : session.backlog) {
    auto* graph = std::get_if<SubmitGraph>(&waiting);
    if (!graph) continue;
    auto at = std::find(graph->outputs.begin(), graph->outputs.end(), number);
    if (at == graph->outputs.end()) continue;
    *at = 0;
    return true;
  }
  return false;
}

void GraphIntake::client_left(ClientId client) {
  auto found = sessions_.find(client);
  if (found == sessions_.end()) return;
  SubmissionPtr active = std::move(found->second.active);
  sessions_.erase(found);
  if (active) end(active);
}

// Before a restart: the futures of what the scheduler has not heard of end with the others.
void GraphIntake::forget_all() {
  auto sessions = std::exchange(sessions_, {});
  for (auto& [id, session] : sessions) {
    ClientId client = id;
    auto cancelled = [&](TaskNumber number) {
      if (number != 0) host_.tell(client, cluster::TaskCancelled{number});
    };
    for (TaskNumber number : session.active->outputs) {
      if (!session.active->withdrawn.count(number) && !is_submitted(client, number)) {
        cancelled(number);
      }
    }
    for (const auto& waiting : session.backlog) {
      if (const auto* graph = std::get_if<SubmitGraph>(&waiting)) {
        std::for_each(graph->outputs.begin(), graph->outputs.end(), cancelled);
        continue;
      }
      for (const ClientRequest& request : std::get<Requests>(waiting)) {
        if (const auto* task = get<cluster::SubmitTask>(request)) cancelled(task->number);
        if (const auto* data = get<cluster::ScatteredTask>(request)) cancelled(data->number);
      }
    }
    end(session.active);
  }
}

// ---- on the thread

void GraphIntake::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    SubmissionPtr submission = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    if (submission->ended || submission->complete) {
      submission->expansion.reset();
      submission->graph = {};
    } else {
      auto delivery = std::make_shared<Delivery>(expand(*submission));
      submission->complete = delivery->fault || delivery->batch.last;
      int before = submission->ahead.fetch_add(1);
      host_.post([this, submission, delivery] { deliver(submission, *delivery); });
      if (!submission->complete && before + 1 < kBatchesAhead) need_thread(submission);
    }
    submission.reset();
    lock.lock();
  }
}

GraphIntake::Delivery GraphIntake::expand(Submission& submission) {
  Delivery delivery;
  try {
    size_t count = submission.begun ? kTasks : kFirstTasks;
    if (!submission.begun) {
      submission.begun = true;
      submission.expansion = std::make_unique<GraphExpansion>(submission.graph, codecs_);
      submission.graph = {};
    }
    delivery.batch = submission.expansion->next(count);
  } catch (const base::Error& error) {
    auto fault = std::make_shared<cluster::Fault>();
    fault->kind = error.kind();
    fault->message = error.what();
    delivery.fault = std::move(fault);
  } catch (const std::exception& error) {
    auto fault = std::make_shared<cluster::Fault>();
    fault->message =
        std::string("[compute] the scheduler cannot expand the graph: ") + error.what();
    delivery.fault = std::move(fault);
  }
  return delivery;
}

}  // namespace dusk::node
