#include "dusk/runtime/worker_pool.h"

#include <pthread.h>

#include <atomic>

#include "dusk/base/check.h"

namespace dusk::runtime {
namespace {

thread_local bool pool_thread = false;
std::atomic<WorkerPool*> current{nullptr};

}  // namespace

WorkerPool& WorkerPool::process() {
  static const bool ready = [] {
    current = new WorkerPool;  // threads may outlive every static
    pthread_atfork(&before_fork, &after_fork_in_parent, &after_fork_in_child);
    return true;
  }();
  (void)ready;
  return *current.load(std::memory_order_acquire);
}

bool WorkerPool::on_pool_thread() { return pool_thread; }

void WorkerPool::before_fork() { current.load()->mutex_.lock(); }
void WorkerPool::after_fork_in_parent() { current.load()->mutex_.unlock(); }
void WorkerPool::after_fork_in_child() { current = new WorkerPool; }  // the old one has no threads

void WorkerPool::offer(const std::shared_ptr<Crew>& crew, int first, int last,
                       bool may_start_threads) {
  std::lock_guard lock(mutex_);
  for (int seat = first; seat < last; ++seat) offers_.push_back({crew, seat});
  while (may_start_threads && idle_ < offers_.size()) {
    ++idle_;
    threads_.emplace_back([this] { serve(); });
  }
  offered_.notify_all();
}

void WorkerPool::dismiss(Crew& crew, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  std::erase_if(offers_, [&](const Offer& o) { return o.crew.get() == &crew; });
  auto left = [&] { return !working_.contains(&crew); };
  if (patience.count() < 0) {
    left_.wait(lock, left);
  } else {
    left_.wait_for(lock, patience, left);
  }
}

void WorkerPool::stop() {
  DUSK_CHECK(!pool_thread, "a pool thread cannot wait for its own end");
  std::vector<std::thread> threads;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    threads.swap(threads_);
    offered_.notify_all();
  }
  for (std::thread& t : threads) t.join();
  std::lock_guard lock(mutex_);
  stopping_ = false;
}

void WorkerPool::serve() {
  pool_thread = true;
  std::unique_lock lock(mutex_);
  while (true) {
    offered_.wait(lock, [&] { return stopping_ || !offers_.empty(); });
    if (offers_.empty()) break;
    Offer taken = std::move(offers_.front());
    offers_.pop_front();
    --idle_;
    const Crew* crew = taken.crew.get();
    ++working_[crew];
    lock.unlock();
    taken.crew->work(taken.seat);
    taken.crew.reset();  // before anybody hears of it; the last to hold an abandoned run ends it
    lock.lock();
    ++idle_;
    if (--working_[crew] == 0) {
      working_.erase(crew);
      left_.notify_all();
    }
  }
  --idle_;
}

}  // namespace dusk::runtime
