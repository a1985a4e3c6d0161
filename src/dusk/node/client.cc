#include "dusk/node/client.h"

#include "dusk/node/client_impl.h"
#include "dusk/node/protocol.h"

namespace dusk::node {
namespace {

using cluster::FutureStatus;
using cluster::TaskNumber;
using Clock = std::chrono::steady_clock;

constexpr int64_t kFlushEvery = 300;  // microseconds

}  // namespace

// ---- completions

bool Completions::wait(std::unique_lock<std::mutex>& lock, Timeout timeout, const Poll& poll) {
  auto end = Clock::now() + std::chrono::microseconds(timeout.value_or(0));
  while (numbers_.empty() && !closed_) {
    if (timeout && Clock::now() >= end) return false;
    auto until = Clock::now() + kPoll;
    wake_.wait_until(lock, timeout ? std::min(until, end) : until);
    if (!poll || !numbers_.empty()) continue;
    lock.unlock();
    poll();
    lock.lock();
  }
  return !numbers_.empty();
}

bool Completions::next(TaskNumber* number, Timeout timeout, const Poll& poll) {
  std::unique_lock lock(mutex_);
  if (!wait(lock, timeout, poll)) return false;
  *number = numbers_.front();
  numbers_.pop_front();
  return true;
}

std::vector<TaskNumber> Completions::next_batch(Timeout timeout, const Poll& poll) {
  std::unique_lock lock(mutex_);
  wait(lock, timeout, poll);
  std::vector<TaskNumber> batch(numbers_.begin(), numbers_.end());
  numbers_.clear();
  return batch;
}

bool Completions::ready() const {
  std::lock_guard lock(mutex_);
  return !numbers_.empty();
}

void Completions::clear() {
  std::lock_guard lock(mutex_);
  numbers_.clear();
}

void Completions::push(TaskNumber number) {
  {
    std::lock_guard lock(mutex_);
    numbers_.push_back(number);
  }
  wake_.notify_all();
}

void Completions::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_all();
}

// ---- the state behind the mutex

void Client::Impl::apply(cluster::ClientEvent event) {
  cluster::ClientActions& out = scratch;
  cluster::step(state, std::move(event), out);
  std::move(out.requests.begin(), out.requests.end(), std::back_inserter(outgoing));
  std::move(out.fetch.begin(), out.fetch.end(), std::back_inserter(fetches));
  for (TaskNumber number : out.changed) {
    const cluster::FutureRecord* future = state.find(number);
    if (!future || future->status == FutureStatus::kPending) continue;
    if (future->status != FutureStatus::kFinished) ++failures;
    auto found = watchers.find(number);
    if (found == watchers.end()) continue;
    for (const auto& watcher : found->second) {
      if (auto completions = watcher.lock()) completions->push(number);
    }
    watchers.erase(found);
  }
  if (out.restarted) ++restarts;
  std::move(out.dropped.begin(), out.dropped.end(), std::back_inserter(dropped));
  if (!out.changed.empty() || !out.valued.empty() || out.restarted) changed.notify_all();
  out.clear();
  if (!outgoing.empty() || !fetches.empty()) flush_soon();
}

void Client::Impl::require_open() const {
  if (state.lost) {
    throw base::runtime_error("[Client] there is no scheduler any more: " + *state.lost);
  }
}

void Client::Impl::flush_soon() {
  if (flush_posted) return;
  flush_posted = true;
  loop->post([this] {
    // Many small submissions in a row leave together.
    int64_t rest = last_flush + kFlushEvery - loop->now();
    if (rest > 0) {
      loop->after(rest, [this] { flush(); });
    } else {
      flush();
    }
  });
}

void Client::Impl::lose(const std::string& reason) {
  Lock lock(*this);
  if (!welcome && !failure) failure = reason;
  if (!state.lost) apply(cluster::SchedulerLost{reason});
  changed.notify_all();
}

Client::Client(ClientSettings settings, const Poll& poll)
    : impl_(std::make_unique<Impl>(std::move(settings), poll)) {}
Client::~Client() { close(); }

void Client::close() {
  impl_->loop.call([this] {
    impl_->flush();
    if (impl_->scheduler) impl_->scheduler->close("the client was closed");
    for (auto& [address, holder] : impl_->holders) {
      if (holder.connection) holder.connection->close("the client was closed");
    }
  });
  impl_->lose("the client was closed");
}

bool Client::closed() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->state.lost.has_value();
}

std::string Client::scheduler() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->scheduler_address;
}

std::string Client::why_closed() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->state.lost.value_or("");
}

uint32_t Client::code(const base::Token& token, const std::string& name,
                      const std::function<cluster::Body()>& make) {
  {
    Impl::Lock lock(*impl_);
    auto found = impl_->codes.find(token);
    if (found != impl_->codes.end()) return found->second;
  }
  cluster::Body body = make();
  Impl::Lock lock(*impl_);
  impl_->require_open();
  auto number = static_cast<uint32_t>(impl_->codes.size() + 1);
  auto [found, added] = impl_->codes.try_emplace(token, number);
  if (added) impl_->apply(cluster::CodeSubmitted{{number, token, name, std::move(body)}});
  return found->second;
}

TaskNumber Client::submit(cluster::SubmitTask task) {
  Impl::Lock lock(*impl_);
  impl_->require_open();
  auto known = impl_->state.by_key.find(task.key);
  if (known != impl_->state.by_key.end()) {
    impl_->apply(cluster::FutureRetained{known->second});
    return known->second;
  }
  TaskNumber number = ++impl_->state.last_number;
  task.number = number;
  task.wanted = true;
  impl_->apply(cluster::TaskSubmitted{std::move(task)});
  return number;
}

TaskNumber Client::submit_hidden(cluster::SubmitTask task) {
  Impl::Lock lock(*impl_);
  impl_->require_open();
  TaskNumber number = ++impl_->state.last_number;
  task.number = number;
  task.wanted = false;
  impl_->apply(cluster::TaskSubmitted{std::move(task)});
  return number;
}

void Client::end_group() {
  Impl::Lock lock(*impl_);
  impl_->apply(cluster::GroupSubmitted{});
}

TaskNumber Client::join(std::string key, std::vector<TaskNumber> parts) {
  Impl::Lock lock(*impl_);
  impl_->require_open();
  TaskNumber number = ++impl_->state.last_number;
  impl_->apply(cluster::FuturesJoined{number, std::move(key), std::move(parts)});
  return number;
}

std::optional<TaskNumber> Client::find(const std::string& key) {
  Impl::Lock lock(*impl_);
  auto found = impl_->state.by_key.find(key);
  if (found == impl_->state.by_key.end()) return {};
  impl_->apply(cluster::FutureRetained{found->second});
  return found->second;
}

void Client::retain(TaskNumber number) {
  Impl::Lock lock(*impl_);
  impl_->apply(cluster::FutureRetained{number});
}

void Client::release(TaskNumber number) {
  Impl::Lock lock(*impl_);
  impl_->apply(cluster::FutureReleased{number});
}

void Client::cancel(TaskNumber number, bool force) {
  Impl::Lock lock(*impl_);
  impl_->apply(cluster::FutureCancelled{number, force});
}

void Client::retry(TaskNumber number) {
  Impl::Lock lock(*impl_);
  impl_->apply(cluster::FutureRetried{number});
}

// ---- what became of futures

FutureStatus Client::status(TaskNumber number) const { return ending(number).status; }

Ending Client::ending(TaskNumber number) const {
  std::lock_guard lock(impl_->mutex);
  const cluster::FutureRecord* future = impl_->state.find(number);
  if (!future) return {FutureStatus::kCancelled, nullptr, nullptr};
  return {future->status, future->fault, future->value};
}

std::string Client::key(TaskNumber number) const {
  std::lock_guard lock(impl_->mutex);
  const cluster::FutureRecord* future = impl_->state.find(number);
  return future ? future->key : "";
}

bool Client::wait(const std::vector<TaskNumber>& numbers, bool all, Timeout timeout,
                  const Poll& poll) {
  size_t next = 0;
  auto done = [&](TaskNumber number) {
    const cluster::FutureRecord* future = impl_->state.find(number);
    return !future || future->status != FutureStatus::kPending;
  };
  return impl_->wait(timeout, poll, [&] {
    if (!all) return numbers.empty() || std::any_of(numbers.begin(), numbers.end(), done);
    while (next < numbers.size() && done(numbers[next])) ++next;
    return next == numbers.size();
  });
}

std::optional<std::vector<Ending>> Client::values(const std::vector<TaskNumber>& numbers,
                                                  Timeout timeout, const Poll& poll,
                                                  bool stop_at_failure) {
  // Wishes are taken back however the wait ends.
  struct Wishes {
    Impl& impl;
    const std::vector<TaskNumber>& numbers;
    Wishes(Impl& of, const std::vector<TaskNumber>& wanted) : impl(of), numbers(wanted) {
      Impl::Lock lock(impl);
      for (TaskNumber number : numbers) impl.apply(cluster::ValueWanted{number});
    }
    ~Wishes() {
      Impl::Lock lock(impl);
      for (TaskNumber number : numbers) impl.apply(cluster::ValueUnwanted{number});
    }
  } wishes(*impl_, numbers);
  std::vector<Ending> endings;
  auto end_of = [&](TaskNumber number) -> Ending {
    const cluster::FutureRecord* future = impl_->state.find(number);
    if (!future) return {FutureStatus::kCancelled, nullptr, nullptr};
    return {future->status, future->fault, future->value};
  };
  auto open = [](const Ending& ending) {
    return ending.status == FutureStatus::kPending ||
           (ending.status == FutureStatus::kFinished && !ending.value);
  };
  auto failed = [](const Ending& ending) {
    return ending.status != FutureStatus::kPending && ending.status != FutureStatus::kFinished;
  };
  int64_t failures = -1;
  bool complete = impl_->wait(timeout, poll, [&] {
    while (endings.size() < numbers.size()) {
      Ending ending = end_of(numbers[endings.size()]);
      if (open(ending)) break;
      endings.push_back(std::move(ending));
    }
    if (endings.size() == numbers.size()) return true;
    if (!stop_at_failure || failures == impl_->failures) return false;
    failures = impl_->failures;
    bool any = std::any_of(numbers.begin(), numbers.end(),
                           [&](TaskNumber number) { return failed(end_of(number)); });
    while (any && endings.size() < numbers.size()) {
      endings.push_back(end_of(numbers[endings.size()]));
    }
    return any;
  });
  if (!complete) return {};
  return endings;
}

void Client::watch(TaskNumber number, std::shared_ptr<Completions> completions) {
  Impl::Lock lock(*impl_);
  const cluster::FutureRecord* future = impl_->state.find(number);
  if (future && future->status == FutureStatus::kPending) {
    impl_->watchers[number].push_back(completions);
  } else {
    completions->push(number);
  }
}

// ---- data and facts

TaskNumber Client::scatter(const std::string& key, const data::Frames& value,
                           const std::vector<std::pair<cluster::WorkerId, std::string>>& workers,
                           const Poll& poll) {
  if (workers.empty()) throw base::value_error("[scatter] there are no workers to put data on");
  std::vector<uint64_t> numbers;
  {
    Impl::Lock lock(*impl_);
    impl_->require_open();
    for (const auto& [id, address] : workers) {
      uint64_t number = ++impl_->last_question;
      numbers.push_back(number);
      impl_->puts[number];
      auto put = std::make_shared<NodeEntry>(PutValue{number, key, value});
      impl_->loop->post([this, address = address, put] { impl_->say(address, std::move(*put)); });
    }
  }
  impl_->wait({}, poll, [&] {
    return std::all_of(numbers.begin(), numbers.end(),
                       [&](uint64_t n) { return impl_->puts[n].has_value(); });
  });
  Impl::Lock lock(*impl_);
  cluster::ScatteredTask task;
  task.key = key;
  for (const data::BufferPtr& b : value.buffers) task.nbytes += static_cast<int64_t>(b->size());
  task.nbytes += static_cast<int64_t>(value.header.size());
  std::string error;
  for (size_t i = 0; i < numbers.size(); ++i) {
    PutDone done = *impl_->puts.extract(numbers[i]).mapped();
    if (done.error.empty()) {
      task.holders.push_back(workers[i].first);
    } else {
      error = done.error;
    }
  }
  if (task.holders.empty()) throw base::Error(base::ErrorKind::kOs, "[scatter] " + error);
  impl_->require_open();
  auto known = impl_->state.by_key.find(key);
  task.number = ++impl_->state.last_number;
  TaskNumber number = task.number;
  if (known != impl_->state.by_key.end()) impl_->state.by_key.erase(known);
  impl_->apply(cluster::DataScattered{std::move(task)});
  return number;
}

void Client::replicate(TaskNumber number, int32_t copies, std::vector<cluster::WorkerId> workers) {
  Impl::Lock lock(*impl_);
  impl_->require_open();
  impl_->outgoing.emplace_back(cluster::ReplicateTask{number, copies, std::move(workers)});
  impl_->flush_soon();
}

void Client::rebalance(std::vector<TaskNumber> numbers, std::vector<cluster::WorkerId> workers) {
  Impl::Lock lock(*impl_);
  impl_->require_open();
  impl_->outgoing.emplace_back(cluster::RebalanceTasks{std::move(numbers), std::move(workers)});
  impl_->flush_soon();
}

void Client::retire(cluster::WorkerId worker) {
  Impl::Lock lock(*impl_);
  impl_->require_open();
  impl_->outgoing.emplace_back(cluster::RetireWorker{worker});
  impl_->flush_soon();
}

bool Client::restart(Timeout timeout, const Poll& poll) {
  int64_t before;
  {
    Impl::Lock lock(*impl_);
    impl_->require_open();
    before = impl_->restarts;
    impl_->outgoing.emplace_back(cluster::RestartCluster{});
    impl_->flush_soon();
  }
  return impl_->wait(timeout, poll, [&] { return impl_->restarts > before || impl_->state.lost; });
}

std::string Client::ask(const std::string& question, const std::vector<std::string>& arguments,
                        const Poll& poll) {
  uint64_t number;
  {
    Impl::Lock lock(*impl_);
    impl_->require_open();
    number = ++impl_->last_question;
    impl_->answers[number];
    auto entry = std::make_shared<NodeEntry>(Ask{number, question, arguments});
    impl_->loop->post([this, entry] {
      impl_->flush();  // what was said before comes first
      if (impl_->scheduler) impl_->scheduler->send(encode(*entry));
    });
  }
  impl_->wait({}, poll, [&] { return impl_->answers[number] || impl_->state.lost; });
  Impl::Lock lock(*impl_);
  std::optional<Answer> answer = std::move(impl_->answers.extract(number).mapped());
  if (!answer) impl_->require_open();
  if (!answer->error.empty()) throw base::value_error(answer->error);
  return answer->json;
}

}  // namespace dusk::node
