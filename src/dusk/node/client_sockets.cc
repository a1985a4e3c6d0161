// What a client says and hears. On the loop's thread.
#include "dusk/node/client_impl.h"
#include "dusk/node/protocol.h"

namespace dusk::node {
namespace {

constexpr int64_t kConnectAgain = 50'000;  // microseconds

}  // namespace

Client::Impl::Impl(ClientSettings given, const Poll& poll) : settings(std::move(given)) {
  int64_t give_up_at = loop->now() + settings.timeout_us;
  auto options = net_options("client", settings.name, "", settings.tls);
  options.limits.handshake_us = std::max<int64_t>(settings.timeout_us, 1000);
  // Until a scheduler answers: it may be about to start.
  std::function<void()> connect = [&] {
    net::connect(loop.loop(), settings.scheduler, options,
                 [&](base::Result<net::ConnectionPtr> made) {
                   if (made.ok()) {
                     scheduler = std::move(made).value();
                     scheduler->start({[this](net::Message m) { from_scheduler(std::move(m)); },
                                       [this](const base::Error& reason) { lose(reason.what()); },
                                       {}});
                   } else if (loop->now() < give_up_at) {
                     loop->after(kConnectAgain, [&] { connect(); });
                   } else {
                     std::lock_guard lock(mutex);
                     failure = made.error().what();
                     changed.notify_all();
                   }
                 });
  };
  try {
    loop.call([&] { connect(); });
    wait({}, poll, [&] { return welcome || failure; });
  } catch (...) {
    loop.stop();  // what it was about to call is gone
    throw;
  }
  if (failure) {
    loop.stop();
    throw base::Error(base::ErrorKind::kOs, "[Client] no scheduler answers at " +
                                                settings.scheduler.text() + ": " + *failure);
  }
}

Client::Impl::~Impl() { loop.stop(); }

void Client::Impl::flush() {
  ClientLetter letter;
  std::vector<std::pair<size_t, SubmitGraph>> graphs;
  std::vector<cluster::ClientFetch> wanted;
  {
    std::lock_guard lock(mutex);
    std::swap(letter, outgoing);
    std::swap(graphs, outgoing_graphs);
    std::swap(wanted, fetches);
    flush_posted = false;
  }
  last_flush = loop->now();
  if (scheduler) send(std::move(letter), std::move(graphs));
  for (const cluster::ClientFetch& fetch_of : wanted) fetch(fetch_of);
}

void Client::Impl::send(ClientLetter letter, std::vector<std::pair<size_t, SubmitGraph>> graphs) {
  size_t sent = 0;
  for (auto& [place, graph] : graphs) {
    auto begin = std::make_move_iterator(letter.begin());
    ClientLetter before(begin + static_cast<ptrdiff_t>(sent),
                        begin + static_cast<ptrdiff_t>(place));
    if (!before.empty()) scheduler->send(encode(before));
    scheduler->send(encode(NodeEntry(std::move(graph))));
    sent = place;
  }
  letter.erase(letter.begin(), letter.begin() + static_cast<ptrdiff_t>(sent));
  if (!letter.empty()) scheduler->send(encode(letter));
}

void Client::Impl::from_scheduler(net::Message message) {
  try {
    Letter letter = decode(message);
    Lock lock(*this);
    if (auto* news = std::get_if<NewsLetter>(&letter)) {
      apply(cluster::NewsCame{std::move(*news)});
      return;
    }
    auto* entries = std::get_if<NodeLetter>(&letter);
    if (!entries) return;
    for (NodeEntry& entry : *entries) {
      if (auto* hello = std::get_if<Welcome>(&entry)) {
        welcome = true;
        scheduler_address = hello->scheduler;
      } else if (auto* answer = std::get_if<Answer>(&entry)) {
        auto asked = answers.find(answer->number);
        if (asked != answers.end()) asked->second = std::move(*answer);
      }
    }
    changed.notify_all();
  } catch (const base::Error& error) {
    scheduler->close(error.what());
  }
}

// ---- workers that hold values

Client::Impl::Holder& Client::Impl::holder(const std::string& address) {
  Holder& holder = holders[address];
  if (holder.connection || holder.connecting) return holder;
  holder.connecting = true;
  auto options = net_options("client", settings.name, "", settings.tls);
  net::connect(loop.loop(), net::Address::parse(address), options,
               [this, address](base::Result<net::ConnectionPtr> made) {
                 connected(address, std::move(made));
               });
  return holder;
}

void Client::Impl::connected(const std::string& address, base::Result<net::ConnectionPtr> made) {
  if (!made.ok()) return holder_failed(address, made.error().what());
  Holder& holder = holders[address];
  holder.connecting = false;
  holder.connection = std::move(made).value();
  holder.connection->start(
      {[this, address](net::Message m) { from_holder(address, std::move(m)); },
       [this, address](const base::Error& e) { holder_failed(address, e.what()); },
       {}});
  for (NodeEntry& entry : std::exchange(holder.unsent, {})) holder.connection->send(encode(entry));
}

void Client::Impl::say(const std::string& address, NodeEntry entry) {
  try {
    Holder& to = holder(address);
    if (auto* put = std::get_if<PutValue>(&entry)) to.puts.push_back(put->number);
    if (to.connection) {
      to.connection->send(encode(entry));
    } else {
      to.unsent.push_back(std::move(entry));
    }
  } catch (const base::Error& error) {
    holder_failed(address, error.what());
  }
}

void Client::Impl::fetch(const cluster::ClientFetch& wanted) {
  uint64_t number;
  {
    std::lock_guard lock(mutex);
    number = ++last_question;
  }
  Holder& from = holders[wanted.address];
  from.worker = wanted.from;
  from.gets[number] = wanted.tasks;
  say(wanted.address, GetValues{number, wanted.tasks});
}

void Client::Impl::from_holder(const std::string& address, net::Message message) {
  try {
    Letter letter = decode(message);
    auto* entries = std::get_if<NodeLetter>(&letter);
    if (!entries) return;
    Holder& from = holders[address];
    for (NodeEntry& entry : *entries) {
      Lock lock(*this);
      if (auto* done = std::get_if<PutDone>(&entry)) {
        std::erase(from.puts, done->number);
        auto found = puts.find(done->number);
        if (found != puts.end()) found->second = std::move(*done);
        changed.notify_all();
      } else if (auto* values = std::get_if<Values>(&entry)) {
        from.gets.erase(values->number);
        cluster::ValuesCame came{
            from.worker, {}, std::move(values->gone), std::move(values->broken)};
        for (auto& [task, frames] : values->values) {
          came.values.emplace_back(task, std::make_shared<const data::Frames>(std::move(frames)));
        }
        apply(std::move(came));
      }
    }
  } catch (const base::Error& error) {
    holder_failed(address, error.what());
  }
}

void Client::Impl::holder_failed(const std::string& address, const std::string& reason) {
  auto found = holders.find(address);
  if (found == holders.end()) return;
  Holder gone = std::move(found->second);
  holders.erase(found);
  if (gone.connection) gone.connection->close(reason);
  Lock lock(*this);
  for (uint64_t number : gone.puts) {
    auto put = puts.find(number);
    if (put != puts.end()) put->second = PutDone{number, address + ": " + reason};
  }
  for (auto& [number, tasks] : gone.gets) {
    apply(cluster::HolderUnreachable{gone.worker, std::move(tasks)});
  }
  changed.notify_all();
}

}  // namespace dusk::node
