// Graphs on their way into the scheduler: expanded on a thread of their own, given to the scheduler
// a batch at a time on the loop's thread.
//
// What a client asks for while a graph of its own is coming in may be about that graph's tasks, so
// it waits its turn; only what takes back wishes takes effect at once. Batches of several clients
// alternate.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "dusk/cluster/scheduler.h"
#include "dusk/graph/codec.h"
#include "dusk/node/entries.h"
#include "dusk/node/graph_expansion.h"

namespace dusk::node {

class GraphIntake {
 public:
  // What it needs of the scheduler. `post` may be called from any thread and calls back on the
  // loop's; the others are called there.
  struct Host {
    const cluster::SchedulerState& state;
    std::function<void(std::vector<cluster::SchedulerEvent>)> step;
    std::function<void(cluster::ClientId, cluster::ClientNews)> tell;
    std::function<cluster::ClientId()> new_client;
    std::function<void(std::function<void()>)> post;
  };
  GraphIntake(Host host, graph::Codecs codecs);
  ~GraphIntake();
  // Ends the thread; nothing is posted afterwards. Not from the loop's thread.
  void stop();

  // The rest on the loop's thread.
  void submit(cluster::ClientId client, SubmitGraph graph);
  // Takes over what must wait for the client's graphs, and leaves the rest.
  void hold(cluster::ClientId client, std::vector<cluster::ClientRequest>& requests);
  void client_left(cluster::ClientId client);

 private:
  struct Submission;
  using SubmissionPtr = std::shared_ptr<Submission>;
  using Requests = std::vector<cluster::ClientRequest>;
  struct Session {
    SubmissionPtr active;  // null: none
    std::deque<std::variant<SubmitGraph, Requests>> backlog;
  };
  struct Delivery {
    GraphBatch batch;
    cluster::FaultPtr fault;  // not null: there is no batch, and no other
  };

  void start_next(cluster::ClientId client);
  void deliver(const SubmissionPtr& submission, Delivery& delivery);
  void end(SubmissionPtr submission);
  void forget_all();
  enum class Turn { kNow, kLater, kDone };
  Turn turn_of(Session& session, cluster::ClientId client, const cluster::ClientRequest& request);
  bool withdraw(Session& session, cluster::TaskNumber number);
  bool is_submitted(cluster::ClientId client, cluster::TaskNumber number) const;
  void need_thread(const SubmissionPtr& submission);

  void work();
  Delivery expand(Submission& submission);

  Host host_;
  graph::Codecs codecs_;
  std::map<cluster::ClientId, Session> sessions_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<SubmissionPtr> queue_;  // with work for the thread
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace dusk::node
