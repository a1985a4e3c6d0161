// The parts of a client. Internal to the folder.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <unordered_map>

#include "dusk/graph/codec.h"
#include "dusk/net/transport.h"
#include "dusk/node/client.h"
#include "dusk/node/entries.h"
#include "dusk/node/loop_thread.h"

namespace dusk::node {

// How often those who wait look up.
inline constexpr auto kPoll = std::chrono::milliseconds(20);

// `mutex` guards everything but sockets, which belong to the loop's thread.
struct Client::Impl {
  Impl(ClientSettings given, const Poll& poll);
  ~Impl();

  // Holds the mutex. Values that went meanwhile end after it is let go: whoever shares them (a
  // worker of this process) may take locks of its own then.
  class Lock {
   public:
    explicit Lock(Impl& impl) : impl_(impl), lock_(impl.mutex) {}
    ~Lock() {
      std::vector<cluster::Body> dropped = std::move(impl_.dropped);
      impl_.dropped.clear();
      lock_.unlock();
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    Impl& impl_;
    std::unique_lock<std::mutex> lock_;
  };

  void apply(cluster::ClientEvent event);  // REQUIRES: the mutex, by a Lock
  void require_open() const;               // REQUIRES: the mutex
  void flush_soon();                       // REQUIRES: the mutex
  template <class Done>
  bool wait(Timeout timeout, const Poll& poll, Done done);
  // client_graph.cc
  struct ScatterItem {
    std::string key;
    data::Frames value;
    std::pair<cluster::WorkerId, std::string> place;
  };
  std::vector<cluster::TaskNumber> scatter_values(Client& client,
                                                  std::span<const graph::Wanted> wanted,
                                                  graph::Replaced& replaced, const Poll& poll);
  std::vector<cluster::TaskNumber> scatter_all(std::vector<ScatterItem> items, const Poll& poll);
  void lose(const std::string& reason);

  // On the loop's thread.
  void flush();
  void send(ClientLetter letter, std::vector<std::pair<size_t, SubmitGraph>> graphs);
  void from_scheduler(net::Message message);
  struct Holder {
    net::ConnectionPtr connection;
    bool connecting = false;
    cluster::WorkerId worker;
    std::vector<NodeEntry> unsent;
    std::map<uint64_t, std::vector<cluster::TaskId>> gets;
    std::vector<uint64_t> puts;
  };
  Holder& holder(const std::string& address);
  void say(const std::string& address, NodeEntry entry);
  void fetch(const cluster::ClientFetch& wanted);
  void connected(const std::string& address, base::Result<net::ConnectionPtr> made);
  void from_holder(const std::string& address, net::Message message);
  void holder_failed(const std::string& address, const std::string& reason);

  ClientSettings settings;
  mutable std::mutex mutex;
  std::condition_variable changed;
  cluster::ClientState state;
  cluster::ClientActions scratch;
  ClientLetter outgoing;
  // Graphs among these, each before the request at its place.
  std::vector<std::pair<size_t, SubmitGraph>> outgoing_graphs;
  std::vector<cluster::ClientFetch> fetches;
  std::vector<cluster::Body> dropped;
  int64_t failures = 0;  // futures that became what is no result
  std::unordered_map<base::Token, uint32_t> codes;
  std::unordered_map<cluster::TaskNumber, std::vector<std::weak_ptr<Completions>>> watchers;
  std::map<uint64_t, std::optional<Answer>> answers;  // asked for; none yet
  std::map<uint64_t, std::optional<PutDone>> puts;
  uint64_t last_question = 0;
  int64_t restarts = 0;
  bool welcome = false;
  bool flush_posted = false;
  std::optional<std::string> failure;  // to connect
  std::string scheduler_address;

  int64_t last_flush = 0;
  net::ConnectionPtr scheduler;
  std::map<std::string, Holder> holders;
  LoopThread loop{std::array{settings.scheduler}};
};

template <class Done>
bool Client::Impl::wait(Timeout timeout, const Poll& poll, Done done) {
  auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(timeout.value_or(0));
  std::unique_lock lock(mutex);
  // Whoever waits wants no more company for what is said.
  if ((!outgoing.empty() || !outgoing_graphs.empty()) && !done()) loop->post([this] { flush(); });
  while (!done()) {
    if (timeout && std::chrono::steady_clock::now() >= end) return false;
    auto until = std::chrono::steady_clock::now() + kPoll;
    auto woken = changed.wait_until(lock, timeout ? std::min(until, end) : until);
    if (woken == std::cv_status::no_timeout || !poll) continue;
    lock.unlock();
    poll();
    lock.lock();
  }
  return true;
}

}  // namespace dusk::node
