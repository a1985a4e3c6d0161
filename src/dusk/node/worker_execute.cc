// Threads that run tasks, and the state machine between them.
#include "dusk/base/clock.h"
#include "dusk/node/worker_impl.h"

namespace dusk::node {
namespace {

// Of the task that this thread runs: it has left the worker's threads.
thread_local bool seceded = false;

}  // namespace

const Language* WorkerCode::language(const Languages& languages) const {
  if (!body_ || body_->header.empty()) return nullptr;
  auto found = languages.find(body_->header[0]);
  return found == languages.end() ? nullptr : found->second.get();
}

std::shared_ptr<const Code> WorkerCode::load(const Languages& languages) {
  std::lock_guard lock(mutex_);
  if (loaded_) return loaded_;
  if (failure_) std::rethrow_exception(failure_);
  try {
    const Language* known = language(languages);
    if (!known) {
      throw Unable("[" + name_ + "] this worker cannot run the task: it has no " +
                   (body_ && body_->header.starts_with('p') ? "Python" : "such language") +
                   "; start workers that have");
    }
    loaded_ = known->load(name_, *body_);
    return loaded_;
  } catch (const base::Error&) {
    failure_ = std::current_exception();
    throw;
  }
}

// A moving average, which large results raise at once.
void WorkerCode::measured(int64_t nbytes) {
  int64_t before = expected();
  int64_t now = nbytes > before ? nbytes : before - (before - nbytes) / 4;
  if (now != before) expected_.store(now, std::memory_order_relaxed);
}

void Worker::Impl::apply(cluster::WorkerEvent event) {
  cluster::WorkerActions out;
  cluster::step(state, std::move(event), out);
  for (cluster::DefineCode& code : out.define) {
    codes[code.code] = std::make_shared<WorkerCode>(std::move(code.name), std::move(code.body));
  }
  for (const cluster::Adopt& adopt : out.adopt) store.adopt(adopt.task, adopt.key);
  for (cluster::StartRun& start : out.start) prepare(std::move(start.order));
  std::vector<std::shared_ptr<void>> garbage;
  for (cluster::TaskId task : out.drop) {
    StoredPtr gone = store.take(task);
    if (gone && gone->foreign()) garbage.push_back(std::move(gone));
  }
  for (cluster::CodeId code : out.drop_codes) {
    auto found = codes.extract(code);
    if (!found.empty()) garbage.push_back(std::move(found.mapped()));
  }
  if (!garbage.empty()) discard(std::move(garbage));
  for (const cluster::RunName& name : out.cancel) {
    auto found = executing.find(name);
    if (found != executing.end()) found->second->store(true);
  }
  for (const cluster::RunName& name : out.resume) resumed.insert(name);
  if (!out.resume.empty()) resume_wake.notify_all();
  std::move(out.reports.begin(), out.reports.end(), std::back_inserter(reports));
  std::move(out.fetch.begin(), out.fetch.end(), std::back_inserter(for_loop.fetch));
  for (cluster::WorkerId peer : out.drop_peers) for_loop.drop_peers.push_back(peer);
  if (out.close) for_loop.close = std::move(out.close);
}

// Takes hold of what the run needs, before anybody can drop it.
void Worker::Impl::prepare(cluster::RunTask order) {
  Job job;
  auto code = codes.find(order.code);
  if (code != codes.end()) job.code = code->second;
  for (const cluster::Input& input : order.inputs) {
    job.inputs.emplace_back(store.find(input.task));
  }
  job.cancelled = std::make_shared<std::atomic<bool>>(false);
  executing[{order.task, order.attempt}] = job.cancelled;
  job.order = std::move(order);
  queue.push_back(std::move(job));
  wake.notify_one();
}

void Worker::Impl::add_thread() {
  {
    std::lock_guard lock(threads->mutex);
    ++threads->count;
  }
  std::thread([self = shared_from_this(), count = threads]() mutable {
    pthread_setname_np(pthread_self(), "dusk-task");
    self->work();
    self.reset();  // before anybody hears that this thread has gone
    std::lock_guard lock(count->mutex);
    if (--count->count == 0) count->none.notify_all();
  }).detach();
}

void Worker::Impl::work() {
  std::unique_lock lock(mutex);
  for (;;) {
    wake.wait(lock, [&] { return stopping || surplus > 0 || !queue.empty(); });
    if (stopping || surplus > 0) break;
    Job job = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    seceded = false;
    cluster::RunEnded ended = execute(job);
    bool away = seceded;
    lock.lock();
    executing.erase({ended.task, ended.attempt});
    for (cluster::TaskId task : job.lost) apply(cluster::ValueLost{task});
    apply(std::move(ended));
    bool idle = queue.empty();
    lock.unlock();
    job = {};  // without the mutex: what goes here may take other locks
    flush_soon(!idle);
    lock.lock();
    if (away) ++surplus;  // another thread took this one's place
    if (away) break;
  }
  if (surplus > 0 && !stopping) --surplus;
}

cluster::RunEnded Worker::Impl::execute(Job& job) {
  cluster::RunEnded ended;
  ended.task = job.order.task;
  ended.attempt = job.order.attempt;
  int64_t begin = loop->now();
  try {
    if (!job.code) throw base::runtime_error("[" + job.order.key + "] its code is not here");
    std::shared_ptr<const Code> code = job.code->load(settings.languages);
    Call call{job.order.key, job.order.arguments, job.cancelled.get(),
              &worker,       ended.task,          ended.attempt};
    MemoryCharge room = room_for(job, *code, call);
    std::vector<data::Value> inputs = inputs_of(job);
    Outcome outcome = code->run(call, std::move(inputs));
    ended.nbytes = outcome.nbytes;
    job.code->measured(outcome.nbytes);
    auto stored = std::make_shared<StoredValue>(std::move(outcome.value), std::move(outcome.frames),
                                                outcome.nbytes);
    if (job.order.report_value && ended.nbytes <= settings.value_inline_max &&
        stored->way() == StoredValue::Way::kAtOnce) {
      ended.value = stored->frames();
    }
    store.put(ended.task, std::move(stored));
  } catch (const ValueLost&) {
    ended.reschedule = true;
  } catch (const RescheduleRequest&) {
    ended.reschedule = true;
  } catch (const Unable& error) {
    fail(ended, job, error, cluster::FaultCause::kUnable);
  } catch (const base::Error& error) {
    fail(ended, job, error);
  } catch (const std::bad_alloc&) {
    fail(ended, job, base::Error(base::ErrorKind::kMemory, "out of memory"));
  } catch (const std::exception& error) {
    fail(ended, job, base::runtime_error(error.what()));
  }
  ended.duration_us = loop->now() - begin;
  return ended;
}

// Throws ValueLost when one cannot be read back; all that cannot are noted.
std::vector<data::Value> Worker::Impl::inputs_of(Job& job) {
  std::vector<data::Value> inputs;
  inputs.reserve(job.inputs.size());
  for (size_t i = 0; i < job.inputs.size(); ++i) {
    const PinnedValue& stored = job.inputs[i];
    if (!stored) throw base::runtime_error("[" + job.order.key + "] an input is not here");
    try {
      inputs.push_back(stored->value(decode));
    } catch (const ValueLost&) {
      job.lost.push_back(job.order.inputs[i].task);
    }
  }
  if (!job.lost.empty()) throw ValueLost("[" + job.order.key + "] an input is lost");
  return inputs;
}

void Worker::Impl::fail(cluster::RunEnded& ended, const Job& job, const base::Error& error,
                        cluster::FaultCause cause) {
  auto fault = std::make_shared<cluster::Fault>();
  fault->cause = cause;
  fault->kind = error.kind();
  fault->message = error.what();
  fault->task = job.order.key;
  fault->worker = address;
  // An operation of one language may call another's.
  for (const auto& [letter, language] : settings.languages) {
    if (!fault->exception) fault->exception = language->encode_exception(error);
  }
  ended.fault = std::move(fault);
}

void Worker::secede(const Call& call) {
  if (seceded) return;
  seceded = true;
  {
    std::lock_guard lock(impl_->mutex);
    impl_->add_thread();
    impl_->apply(cluster::RunLeftThread{call.task, call.attempt});
  }
  impl_->flush_soon(false);
}

void Worker::rejoin(const Call& call) {
  if (!seceded) return;
  cluster::RunName name{call.task, call.attempt};
  {
    std::unique_lock lock(impl_->mutex);
    impl_->apply(cluster::RunWantsBack{call.task, call.attempt});
    impl_->resume_wake.wait(lock,
                            [&] { return impl_->stopping || impl_->resumed.erase(name) > 0; });
    ++impl_->surplus;
  }
  impl_->wake.notify_one();
  seceded = false;
  impl_->flush_soon(false);
}

}  // namespace dusk::node
