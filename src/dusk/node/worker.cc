#include "dusk/node/worker.h"

#include <algorithm>

#include "dusk/node/process_memory.h"
#include "dusk/node/protocol.h"
#include "dusk/node/worker_impl.h"

namespace dusk::node {
namespace {

constexpr int64_t kConnectAgain = 100'000;  // microseconds
constexpr int64_t kFlushEvery = 400;
constexpr double kLastResort = 0.84;  // of memory_limit; pool and shared memory have a tenth of it
constexpr auto kCloseFor = std::chrono::seconds(2);

BudgetLimits budget_limits(const WorkerSettings& settings) {
  auto share = [&](double fraction) {
    return static_cast<int64_t>(fraction * static_cast<double>(settings.memory_limit));
  };
  BudgetLimits limits;
  limits.limit = settings.memory_limit;
  // What the process takes is known a moment late, and its nanny ends it below the limit.
  if (settings.owns_process) limits.last_resort = share(kLastResort);
  limits.target = share(settings.target_fraction);
  limits.capacity = settings.memory_limit;
  for (double fraction : {settings.pause_fraction, settings.spill_fraction}) {
    if (fraction > 0) limits.capacity = std::min(limits.capacity, share(fraction));
  }
  limits.patience_us = settings.memory_patience_us;
  return limits;
}

cluster::WorkerOptions worker_options(const WorkerSettings& settings) {
  cluster::WorkerOptions options{.threads = settings.threads, .resources = settings.resources};
  if (settings.memory_limit > 0) {  // what comes in one message is granted at once
    options.fetch_batch = std::min(options.fetch_batch, settings.memory_limit / 16);
    options.fetch_inflight = std::min(options.fetch_inflight, settings.memory_limit / 4);
  }
  return options;
}

}  // namespace

Worker::Impl::Impl(Worker& owner, WorkerSettings given)
    : worker(owner),
      settings(std::move(given)),
      budget(std::make_shared<MemoryBudget>(budget_limits(settings))),
      store(budget),
      intake(budget),
      state(worker_options(settings)) {
  for (const auto& [letter, language] : settings.languages) {
    if (language->decoder()) decode = language->decoder();
  }
  auto options = net_options("worker", settings.name, "", settings.tls);
  listener = net::listen(loop.loop(), settings.listen, options,
                         [this](net::ConnectionPtr c) { accept(std::move(c)); });
  address = listener->address().text();
  if (settings.name.empty()) settings.name = address;
  set_up_memory();
  serialiser = std::thread([this] { serialiser_work(); });
}

Worker::Impl::~Impl() {
  budget->detach();
  spiller->stop();
  {
    std::lock_guard lock(serialiser_mutex);
    serialiser_stop = true;
  }
  serialiser_wake.notify_all();
  serialiser.join();
  loop.stop();
}

void Worker::Impl::start() {
  {
    std::lock_guard lock(mutex);
    for (int32_t i = 0; i < settings.threads; ++i) add_thread();
  }
  give_up_at = loop->now() + settings.connect_timeout_us;
  loop->post([this] {
    register_at_scheduler();
    beat();
    watch_memory();
  });
}

void Worker::Impl::register_at_scheduler() {
  if (ended) return;
  cluster::WorkerInfo info;
  info.address = address;
  info.name = settings.name;
  info.host = host_name();
  info.threads = settings.threads;
  info.memory_limit = settings.memory_limit;
  info.resources = settings.resources;
  info.nanny = settings.nanny;
  auto options = net_options("worker", settings.name, encode_info(info), settings.tls);
  net::connect(loop.loop(), settings.scheduler, options,
               [this](base::Result<net::ConnectionPtr> made) {
                 if (made.ok()) {
                   registered(std::move(made).value());
                 } else if (loop->now() < give_up_at) {
                   loop->after(kConnectAgain, [this] { register_at_scheduler(); });
                 } else {
                   lost_scheduler = true;
                   end("no scheduler at " + settings.scheduler.text() + ": " + made.error().what());
                 }
               });
}

void Worker::Impl::registered(net::ConnectionPtr connection) {
  if (ended) return;
  scheduler = std::move(connection);
  is_connected = true;
  scheduler->start({[this](net::Message m) { from_scheduler(std::move(m)); },
                    [this](const base::Error& reason) {
                      is_connected = false;
                      if (!ended) lost_scheduler = true;
                      end(std::string("the connection to the scheduler ended: ") + reason.what());
                    },
                    {}});
}

void Worker::Impl::from_scheduler(net::Message message) {
  try {
    Letter letter = node::decode(message);
    if (auto* orders = std::get_if<OrderLetter>(&letter)) {
      bool told_to_close = false;
      {
        std::lock_guard lock(mutex);
        apply(cluster::OrdersCame{std::move(*orders)});
        told_to_close = for_loop.close.has_value();
      }
      if (told_to_close) return flush();  // before its sender closes the connection
      flush_soon(true);
      serve_waiting();
    } else if (auto* entries = std::get_if<NodeLetter>(&letter)) {
      for (NodeEntry& entry : *entries) {
        if (auto* welcome = std::get_if<Welcome>(&entry)) {
          {
            std::lock_guard lock(mutex);
            state.self = {welcome->number};
          }
          if (settings.on_registered) settings.on_registered(address);
        }
      }
    }
  } catch (const base::Error& error) {
    end(error.what());
  }
}

void Worker::Impl::beat() {
  if (ended) return;
  if (scheduler && is_connected) scheduler->send(encode(NodeEntry(Beat{used_memory(), 0})));
  loop->after(settings.heartbeat_us, [this] { beat(); });
}

void Worker::Impl::flush_soon(bool lazy) {
  std::lock_guard lock(mutex);
  bool work = !for_loop.fetch.empty() || !for_loop.drop_peers.empty() || for_loop.close;
  if ((reports.empty() && !work) || flush_posted) return;
  if (lazy && !work) {
    bool urgent = false;
    for (const cluster::WorkerReport& report : reports) {
      urgent |= !std::holds_alternative<cluster::RunStarted>(report) &&
                !std::holds_alternative<cluster::RunFinished>(report);
    }
    if (!urgent && flush_timed) return;
    if (!urgent && loop->in_loop()) {
      flush_timed = true;
      loop->after(kFlushEvery, [this] { flush(); });
      return;
    }
  }
  flush_posted = true;
  loop->post([this] { flush(); });
}

void Worker::Impl::flush() {
  std::vector<cluster::WorkerReport> letter;
  cluster::WorkerActions actions;
  {
    std::lock_guard lock(mutex);
    std::swap(letter, reports);
    std::swap(actions, for_loop);
    flush_posted = false;
    flush_timed = !letter.empty() && state.busy > 0;
  }
  if (!letter.empty() && scheduler) scheduler->send(encode(letter));
  if (flush_timed) loop->after(kFlushEvery, [this] { flush(); });
  do_on_loop(actions);
}

// On the loop's thread.
void Worker::Impl::end(const std::string& reason) {
  if (ended) return;
  ended = true;
  {
    std::lock_guard lock(mutex);
    stopping = true;
    for (auto& [name, flag] : executing) flag->store(true);
  }
  wake.notify_all();
  resume_wake.notify_all();
  budget->interrupt();
  listener->close();
  if (scheduler && is_connected) {
    scheduler->send(encode(NodeEntry(Goodbye{reason})));
    scheduler->close(reason);
  }
  for (auto& [id, peer] : peers) {
    if (peer.connection) peer.connection->close(reason);
  }
  for (const net::ConnectionPtr& visitor : visitors) visitor->close(reason);
  if (directory) directory->remove();  // the process may end without a word more
  if (settings.on_closed) settings.on_closed(reason);
}

Worker::Worker(WorkerSettings settings)
    : impl_(std::make_shared<Impl>(*this, std::move(settings))) {
  impl_->start();
}

// Tasks that do not end in time go on unheard; the last of them takes the rest along.
Worker::~Worker() {
  close();
  std::shared_ptr<ThreadCount> threads = impl_->threads;
  std::unique_lock lock(threads->mutex);
  threads->none.wait_for(lock, kCloseFor, [&] { return threads->count == 0; });
}

std::string Worker::address() const { return impl_->address; }
const std::string& Worker::name() const { return impl_->settings.name; }
std::string Worker::scheduler() const { return impl_->settings.scheduler.text(); }
bool Worker::connected() const { return impl_->is_connected; }
bool Worker::lost_scheduler() const { return impl_->lost_scheduler; }
void Worker::close(const std::string& reason) {
  if (impl_->loop->in_loop()) return impl_->end(reason);
  impl_->loop.call([&] { impl_->end(reason); });
}

}  // namespace dusk::node
