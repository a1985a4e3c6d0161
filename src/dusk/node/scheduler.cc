#include "dusk/node/scheduler.h"

#include <map>
#include <set>

#include "dusk/net/transport.h"
#include "dusk/node/entries.h"
#include "dusk/node/graph_intake.h"
#include "dusk/node/loop_thread.h"
#include "dusk/node/native_language.h"
#include "dusk/node/protocol.h"
#include "dusk/node/questions.h"

namespace dusk::node {
namespace {

constexpr int64_t kTick = 100'000;  // microseconds
// What a worker's nanny has to say of its end is waited for, no longer than this.
constexpr int64_t kLastWords = 250'000;

}  // namespace

struct Scheduler::Impl {
  explicit Impl(SchedulerSettings given) : settings(std::move(given)), state(settings.options) {
    for (const net::Address& address : settings.listen) {
      auto options = net_options("scheduler", "scheduler", "", settings.tls);
      listeners.push_back(net::listen(thread.loop(), address, options,
                                      [this](net::ConnectionPtr c) { accept(std::move(c)); }));
    }
    thread->post([this] { tick(); });
  }
  ~Impl() {
    close("the scheduler was closed");
    intake.stop();
    thread.stop();
  }

  // ---- connections

  void accept(net::ConnectionPtr connection) {
    if (closed) return;
    const std::string& role = connection->peer().role;
    if (role == "worker") {
      accept_worker(std::move(connection));
    } else if (role == "client") {
      accept_client(std::move(connection));
    } else if (role == "nanny") {
      accept_nanny(std::move(connection));
    } else {
      connection->start({[](net::Message) {}, [](const base::Error&) {}, {}});
      connection->close("a scheduler talks to workers and clients, not to a '" + role + "'");
    }
  }

  void accept_worker(net::ConnectionPtr connection) {
    cluster::WorkerInfo info;
    try {
      info = decode_info(connection->peer().details);
    } catch (const base::Error& error) {
      connection->start({[](net::Message) {}, [](const base::Error&) {}, {}});
      connection->close(error.what());
      return;
    }
    cluster::WorkerId id{++last_worker};
    info.id = id;
    if (info.name.empty()) info.name = info.address;
    workers[id] = connection;
    connection->start({[this, id](net::Message m) { from_worker(id, std::move(m)); },
                       [this, id](const base::Error& reason) { worker_closed(id, reason); },
                       {}});
    connection->send(encode(NodeEntry(Welcome{id.value, address()})));
    step(cluster::WorkerJoined{std::move(info), {}});
  }

  void accept_client(net::ConnectionPtr connection) {
    cluster::ClientId id{++last_client};
    clients[id] = connection;
    connection->start({[this, id](net::Message m) { from_client(id, std::move(m)); },
                       [this, id](const base::Error&) { client_closed(id); },
                       {}});
    connection->send(encode(NodeEntry(Welcome{id.value, address()})));
    step(cluster::ClientJoined{id, connection->peer().name});
  }

  void accept_nanny(net::ConnectionPtr connection) {
    nannies.insert(connection);
    std::weak_ptr<net::Connection> weak = connection;
    connection->start({[this, weak](net::Message m) { from_nanny(weak, std::move(m)); },
                       [this, weak](const base::Error&) {
                         if (auto gone = weak.lock()) nannies.erase(gone);
                       },
                       {}});
  }

  void worker_closed(cluster::WorkerId id, const base::Error& reason) {
    if (workers.erase(id) == 0 || closed) return;
    auto told = goodbyes.find(id);
    cluster::WorkerLeft left{id, told == goodbyes.end() ? reason.what() : told->second, ""};
    bool explained = told != goodbyes.end();
    if (explained) goodbyes.erase(told);
    const cluster::WorkerRecord* record = state.workers.find(id);
    if (!record) return;
    const cluster::WorkerInfo& info = record->info;
    if (auto words = last_words.extract(info.address); !words.empty()) {
      left.reason = words.mapped().reason;
      left.log_tail = words.mapped().log_tail;
    } else if (info.nanny && !explained) {
      dying[info.address] = std::move(left);
      thread->after(kLastWords, [this, address = info.address] { died(address); });
      return;
    }
    step(std::move(left));
  }
  // A worker whose nanny was waited for.
  void died(const std::string& address) {
    auto waiting = dying.extract(address);
    if (!waiting.empty() && !closed) step(std::move(waiting.mapped()));
  }
  void from_nanny(const std::weak_ptr<net::Connection>& from, net::Message message) {
    try {
      Letter letter = decode(message);
      auto* entries = std::get_if<NodeLetter>(&letter);
      for (NodeEntry& entry : entries ? *entries : NodeLetter()) {
        auto* ended = std::get_if<WorkerEnded>(&entry);
        if (!ended) continue;
        auto waiting = dying.find(ended->address);
        if (waiting != dying.end()) {
          waiting->second.reason = std::move(ended->reason);
          waiting->second.log_tail = std::move(ended->log_tail);
          died(ended->address);
        } else if (is_worker(ended->address)) {  // its connection is about to close
          last_words[ended->address] = std::move(*ended);
        }
      }
    } catch (const base::Error& error) {
      if (auto connection = from.lock()) connection->close(error.what());
    }
  }
  bool is_worker(const std::string& address) const {
    for (const auto& [id, worker] : state.workers) {
      if (worker.info.address == address) return true;
    }
    return false;
  }
  void client_closed(cluster::ClientId id) {
    if (clients.erase(id) == 0 || closed) return;
    intake.client_left(id);
    step(cluster::ClientLeft{id});
  }

  void from_worker(cluster::WorkerId id, net::Message message) {
    try {
      Letter letter = decode(message);
      if (auto* reports = std::get_if<ReportLetter>(&letter)) {
        step(cluster::WorkerReported{id, std::move(*reports)});
      } else if (auto* entries = std::get_if<NodeLetter>(&letter)) {
        for (NodeEntry& entry : *entries) worker_said(id, entry);
      }
    } catch (const base::Error& error) {
      auto found = workers.find(id);
      if (found != workers.end()) found->second->close(error.what());
    }
  }
  void worker_said(cluster::WorkerId id, NodeEntry& entry) {
    if (auto* beat = std::get_if<Beat>(&entry)) {
      step(cluster::Heartbeat{id, beat->memory, beat->bandwidth});
    } else if (auto* goodbye = std::get_if<Goodbye>(&entry)) {
      goodbyes[id] = std::move(goodbye->reason);
    }
  }

  void from_client(cluster::ClientId id, net::Message message) {
    try {
      Letter letter = decode(message);
      if (auto* requests = std::get_if<ClientLetter>(&letter)) {
        intake.hold(id, *requests);
        if (!requests->empty()) step(cluster::ClientAsked{id, std::move(*requests)});
      } else if (auto* entries = std::get_if<NodeLetter>(&letter)) {
        for (NodeEntry& entry : *entries) {
          if (auto* ask = std::get_if<Ask>(&entry)) reply(id, *ask);
          if (auto* graph = std::get_if<SubmitGraph>(&entry)) intake.submit(id, std::move(*graph));
        }
      }
    } catch (const base::Error& error) {
      auto found = clients.find(id);
      if (found != clients.end()) found->second->close(error.what());
    }
  }
  void reply(cluster::ClientId id, const Ask& ask) {
    Answer said{ask.number, {}, {}};
    try {
      said.json = answer(state, ask.question, ask.arguments);
    } catch (const base::Error& error) {
      said.error = error.what();
    }
    flush();  // what was asked before is on its way first
    auto found = clients.find(id);
    if (found != clients.end()) found->second->send(encode(NodeEntry(std::move(said))));
  }

  // ---- the state

  void step(cluster::SchedulerEvent event) {
    cluster::step(state, thread->now(), std::move(event), actions);
    flush_soon();
  }
  void step(std::vector<cluster::SchedulerEvent> events) {
    if (closed) return;
    cluster::step(state, thread->now(), std::move(events), actions);
    flush_soon();
  }
  void flush_soon() {
    if (flushing) return;
    flushing = true;
    thread->at_tick_end([this] { flush(); });
  }

  void flush() {
    flushing = false;
    cluster::SchedulerActions out;
    std::swap(out, actions);
    for (auto& [id, orders] : out.orders.letters()) {
      auto found = workers.find(id);
      if (found != workers.end()) found->second->send(encode(orders));
    }
    for (auto& [id, news] : out.news.letters()) {
      auto found = clients.find(id);
      if (found != clients.end()) found->second->send(encode(news));
    }
    for (cluster::WorkerId id : out.disconnect) {
      auto found = workers.find(id);
      if (found == workers.end()) continue;
      goodbyes[id] = "it was silent for too long (worker-ttl)";
      found->second->close("the scheduler has not heard from this worker for too long");
    }
    if (out.shut_down && settings.on_shut_down) settings.on_shut_down();
  }

  void tick() {
    if (closed) return;
    step(cluster::Tick{});
    thread->after(kTick, [this] { tick(); });
  }

  // Layers are rebuilt; what their tasks do stays as the bytes it came as, users' operations above
  // all.
  static graph::Codecs codecs() {
    graph::Codecs known = native_codecs();
    known.operations.clear();
    graph::add_codecs(known);
    known.keep_unknown = true;
    return known;
  }
  GraphIntake::Host host() {
    return {state, [this](std::vector<cluster::SchedulerEvent> events) { step(std::move(events)); },
            [this](cluster::ClientId client, cluster::ClientNews news) {
              actions.news.to(client).push_back(std::move(news));
              flush_soon();
            },
            [this] { return cluster::ClientId{++last_client}; },
            [this](std::function<void()> call) { thread->post(std::move(call)); }};
  }

  std::string address() const { return listeners.empty() ? "" : listeners[0]->address().text(); }

  void close(const std::string& reason) {
    thread.call([&] {
      if (closed) return;
      flush();
      closed = true;
      for (auto& listener : listeners) listener->close();
      for (auto& [id, connection] : workers) {
        connection->send(encode(OrderLetter{cluster::CloseWorker{reason}}));
        connection->close(reason);
      }
      for (auto& [id, connection] : clients) connection->close(reason);
      for (const net::ConnectionPtr& connection : nannies) connection->close(reason);
    });
    // What is queued leaves while the loop runs on for a moment.
    for (int i = 0; i < 100; ++i) {
      bool done = false;
      thread.call([&] { done = workers.empty() && clients.empty(); });
      if (done) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  SchedulerSettings settings;
  cluster::SchedulerState state;
  cluster::SchedulerActions actions;
  std::map<cluster::WorkerId, net::ConnectionPtr> workers;
  std::map<cluster::ClientId, net::ConnectionPtr> clients;
  std::map<cluster::WorkerId, std::string> goodbyes;  // why they leave
  std::set<net::ConnectionPtr> nannies;
  std::map<std::string, WorkerEnded> last_words;     // by address, of workers not yet closed
  std::map<std::string, cluster::WorkerLeft> dying;  // by address; their nanny may say more
  uint32_t last_worker = 0;
  uint32_t last_client = 0;
  bool flushing = false;
  bool closed = false;
  LoopThread thread{settings.listen};
  GraphIntake intake{host(), codecs()};
  std::vector<std::unique_ptr<net::Listener>> listeners;
};

Scheduler::Scheduler(SchedulerSettings settings)
    : impl_(std::make_unique<Impl>(std::move(settings))) {}
Scheduler::~Scheduler() = default;

std::vector<std::string> Scheduler::addresses() const {
  std::vector<std::string> texts;
  for (const auto& listener : impl_->listeners) texts.push_back(listener->address().text());
  return texts;
}

void Scheduler::close(const std::string& reason) { impl_->close(reason); }

}  // namespace dusk::node
