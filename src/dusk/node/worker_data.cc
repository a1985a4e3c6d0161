// Values from other workers, to them, and from and to clients. On the loop's thread.
#include "dusk/node/protocol.h"
#include "dusk/node/worker_impl.h"

namespace dusk::node {
namespace {

// How long askers wait for a value that is about to be named; its client may have gone before it
// said so.
constexpr int64_t kPatience = 1'000'000;  // microseconds

int64_t size_of(const data::Frames& frames) {
  auto size = static_cast<int64_t>(frames.header.size());
  for (const data::BufferPtr& buffer : frames.buffers) size += static_cast<int64_t>(buffer->size());
  return size;
}

}  // namespace

void Worker::Impl::do_on_loop(cluster::WorkerActions& actions) {
  for (cluster::WorkerId id : actions.drop_peers) {
    auto found = peers.find(id);
    if (found == peers.end()) continue;
    if (found->second.connection) found->second.connection->close("that worker has left");
    peers.erase(found);
  }
  for (const cluster::Fetch& wanted : actions.fetch) fetch(wanted);
  if (actions.close) end(*actions.close);
}

// ---- getting

void Worker::Impl::fetch(const cluster::Fetch& wanted) {
  Peer& peer = peers[wanted.from];
  peer.asked = wanted.tasks;
  peer.number = ++last_number;
  if (peer.connection) return ask(peer);
  if (peer.connecting) return;
  peer.connecting = true;
  auto options = net_options("worker", settings.name, "", settings.tls);
  try {
    net::connect(loop.loop(), net::Address::parse(wanted.address), options,
                 [this, id = wanted.from](base::Result<net::ConnectionPtr> made) {
                   connected_to(id, std::move(made));
                 });
  } catch (const base::Error&) {
    peer_failed(wanted.from);
  }
}

void Worker::Impl::connected_to(cluster::WorkerId id, base::Result<net::ConnectionPtr> made) {
  auto found = peers.find(id);
  if (!made.ok() || ended) return peer_failed(id);
  net::ConnectionPtr connection = std::move(made).value();
  std::weak_ptr<net::Connection> weak = connection;
  const net::Connection* key = connection.get();
  connection->start({[this, id, weak](net::Message message) {
                       MemoryCharge granted;
                       if (auto from = weak.lock()) granted = intake.arrived(from);
                       try {
                         Letter letter = node::decode(message);
                         auto* entries = std::get_if<NodeLetter>(&letter);
                         for (NodeEntry& entry : entries ? *entries : NodeLetter()) {
                           if (auto* values = std::get_if<Values>(&entry)) {
                             values_came(id, std::move(*values));
                           }
                         }
                       } catch (const base::Error&) {
                         peer_failed(id);
                       }
                     },
                     [this, id, key](const base::Error&) {
                       intake.gone(key);
                       peer_failed(id);
                     },
                     {},
                     [this, weak](int64_t bytes) {
                       auto from = weak.lock();
                       return !from || intake.ask(from, bytes);
                     }});
  if (found == peers.end()) return connection->close("it is not needed any more");
  found->second.connecting = false;
  found->second.connection = std::move(connection);
  if (found->second.number != 0) ask(found->second);
}

void Worker::Impl::ask(Peer& peer) {
  peer.connection->send(encode(NodeEntry(GetValues{peer.number, peer.asked})));
}

void Worker::Impl::peer_failed(cluster::WorkerId id) {
  auto found = peers.find(id);
  if (found == peers.end()) return;
  bool asked = found->second.number != 0;
  net::ConnectionPtr connection = std::move(found->second.connection);
  peers.erase(found);
  if (connection) connection->close("an error on this connection");
  if (!asked) return;
  {
    std::lock_guard lock(mutex);
    apply(cluster::FetchFailed{id});
  }
  flush_soon(false);
}

void Worker::Impl::values_came(cluster::WorkerId id, Values values) {
  auto found = peers.find(id);
  if (found == peers.end() || found->second.number != values.number) return;
  found->second.number = 0;
  cluster::Fetched fetched{id, {}, std::move(values.gone)};
  for (auto& [task, frames] : values.values) {
    int64_t nbytes = size_of(frames);
    store.put(task, std::make_shared<StoredValue>(
                        std::make_shared<const data::Frames>(std::move(frames)), nbytes));
    fetched.values.emplace_back(task, nbytes);
  }
  for (auto& [task, why] : values.broken) {
    store.put(task, StoredValue::broken(std::move(why)));
    fetched.values.emplace_back(task, 0);
  }
  {
    std::lock_guard lock(mutex);
    apply(std::move(fetched));
  }
  flush_soon(false);
}

// ---- giving

void Worker::Impl::accept(net::ConnectionPtr connection) {
  if (ended) return;
  visitors.insert(connection);
  std::weak_ptr<net::Connection> weak = connection;
  const net::Connection* key = connection.get();
  connection->start({[this, weak](net::Message m) {
                       auto from = weak.lock();
                       if (!from) return;
                       MemoryCharge granted = intake.arrived(from);
                       asked(from, std::move(m));
                     },
                     [this, weak, key](const base::Error&) {
                       intake.gone(key);
                       if (auto from = weak.lock()) visitors.erase(from);
                     },
                     {},
                     [this, weak](int64_t bytes) {
                       auto from = weak.lock();
                       return !from || intake.ask(from, bytes);
                     }});
}

void Worker::Impl::asked(const net::ConnectionPtr& from, net::Message message) {
  try {
    Letter letter = node::decode(message);
    auto* entries = std::get_if<NodeLetter>(&letter);
    if (!entries) throw base::value_error("workers are asked for values only");
    for (NodeEntry& entry : *entries) {
      if (auto* get = std::get_if<GetValues>(&entry)) serve(from, std::move(*get), true);
      if (auto* value = std::get_if<PutValue>(&entry)) put(from, std::move(*value));
    }
  } catch (const base::Error& error) {
    from->close(error.what());
  }
}

// A value that is not here may be one that a client has put here and the scheduler is about to
// name: `patient` askers wait for its next orders.
void Worker::Impl::serve(const net::ConnectionPtr& to, GetValues get, bool patient) {
  bool disk = false;
  bool foreign = false;
  for (cluster::TaskId task : get.tasks) {
    StoredPtr stored = store.find(task);
    if (!stored && patient && store.has_named()) {
      waiting.emplace_back(to, std::move(get));
      if (std::exchange(waiting_timed, true)) return;
      loop->after(kPatience, [this] {
        waiting_timed = false;
        serve_waiting(false);
      });
      return;
    }
    StoredValue::Way way = stored ? stored->way() : StoredValue::Way::kAtOnce;
    disk |= way == StoredValue::Way::kDisk;
    foreign |= way == StoredValue::Way::kForeign;
  }
  if (foreign) return serialise(to, std::move(get));
  if (disk) return read_and_send(to, std::move(get));
  to->send(encode(NodeEntry(collect(get))));
}

// Any thread.
Values Worker::Impl::collect(const GetValues& get) {
  Values reply{get.number, {}, {}, {}};
  for (cluster::TaskId task : get.tasks) {
    StoredPtr stored = store.find(task);
    if (!stored) {
      reply.gone.push_back(task);
      continue;
    }
    try {
      reply.values.emplace_back(task, *stored->frames());
    } catch (const ValueLost&) {
      value_lost(task);
      reply.gone.push_back(task);
    } catch (const std::exception& error) {
      reply.broken.emplace_back(task, error.what());
    }
  }
  return reply;
}

void Worker::Impl::serve_waiting(bool patient) {
  auto again = std::exchange(waiting, {});
  for (auto& [to, get] : again) serve(to, std::move(get), patient);
}

void Worker::Impl::put(const net::ConnectionPtr& from, PutValue value) {
  int64_t nbytes = size_of(value.value);
  store.put_named(value.key,
                  std::make_shared<StoredValue>(
                      std::make_shared<const data::Frames>(std::move(value.value)), nbytes));
  {
    std::lock_guard lock(mutex);
    apply(cluster::ValuePut{std::move(value.key), nbytes});
  }
  from->send(encode(NodeEntry(PutDone{value.number, {}})));
}

// Objects of another language are serialised on a thread of their own: it may wait for that
// language's lock, sockets and heartbeats must not.
void Worker::Impl::serialise(net::ConnectionPtr to, GetValues get) {
  {
    std::lock_guard lock(serialiser_mutex);
    serialiser_queue.emplace_back(std::move(to), std::move(get));
  }
  serialiser_wake.notify_one();
}

// What is on disk does not wait behind them.
void Worker::Impl::read_and_send(net::ConnectionPtr to, GetValues get) {
  spiller->later([this, to = std::move(to), get = std::move(get)] {
    auto message = std::make_shared<net::Message>(encode(NodeEntry(collect(get))));
    loop->post([to, message] { to->send(std::move(*message)); });
  });
}

// The same for their end.
void Worker::Impl::discard(std::vector<std::shared_ptr<void>> things) {
  {
    std::lock_guard lock(serialiser_mutex);
    std::move(things.begin(), things.end(), std::back_inserter(garbage));
  }
  serialiser_wake.notify_one();
}

void Worker::Impl::serialiser_work() {
  std::unique_lock lock(serialiser_mutex);
  for (;;) {
    serialiser_wake.wait(lock, [&] {
      return serialiser_stop || !serialiser_queue.empty() || !garbage.empty() ||
             !to_serialise.empty();
    });
    if (serialiser_stop) return;
    if (!garbage.empty()) {
      auto things = std::exchange(garbage, {});
      lock.unlock();
      things.clear();
      lock.lock();
      continue;
    }
    if (serialiser_queue.empty()) {
      StoredPtr stored = std::move(to_serialise.front());
      to_serialise.pop_front();
      lock.unlock();
      try {
        stored->frames(true);
      } catch (const std::exception&) {  // it stays in memory
      }
      stored = nullptr;
      spiller->wake();
      lock.lock();
      continue;
    }
    auto [to, get] = std::move(serialiser_queue.front());
    serialiser_queue.pop_front();
    lock.unlock();
    auto message = std::make_shared<net::Message>(encode(NodeEntry(collect(get))));
    loop->post([to = std::move(to), message] { to->send(std::move(*message)); });
    lock.lock();
  }
}

}  // namespace dusk::node
