#include "dusk/node/spiller.h"

#include <algorithm>

#include "dusk/base/clock.h"

namespace dusk::node {
namespace {

constexpr int64_t kBytesMin = 16 << 10;  // smaller values are not worth two blocks on disk
constexpr int64_t kFullFor = 200'000;    // microseconds until a full disk is tried again

int64_t now_us() { return base::now_ns() / 1000; }

}  // namespace

Spiller::Spiller(Store& store, MemoryBudgetPtr budget, SpillSettings settings, SpillerHooks hooks)
    : store_(store),
      budget_(std::move(budget)),
      enabled_(!settings.directory.empty()),
      files_(std::move(settings)),
      hooks_(std::move(hooks)),
      thread_([this] { work(); }) {}

Spiller::~Spiller() { stop(); }

void Spiller::stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
    reads_.clear();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Spiller::wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_one();
}

void Spiller::want(int64_t bytes) {
  {
    std::lock_guard lock(mutex_);
    wanted_ = std::max(wanted_, bytes);
    woken_ = true;
  }
  wake_.notify_one();
}

void Spiller::later(std::function<void()> read) {
  {
    std::lock_guard lock(mutex_);
    if (stop_) return;
    reads_.push_back(std::move(read));
  }
  wake_.notify_one();
}

SpillFacts Spiller::facts() const {
  std::lock_guard lock(mutex_);
  return {files_.bytes(), failure_};
}

void Spiller::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stop_ || woken_ || !reads_.empty(); });
    if (stop_) return;
    bool relief = std::exchange(woken_, false);
    lock.unlock();
    do_reads();
    if (relief) relieve();
    lock.lock();
  }
}

void Spiller::do_reads() {
  for (;;) {
    std::function<void()> read;
    {
      std::lock_guard lock(mutex_);
      if (reads_.empty() || stop_) return;
      read = std::move(reads_.front());
      reads_.pop_front();
    }
    read();
  }
}

void Spiller::relieve() {
  budget_->relief_begins();
  int64_t bytes = 0;
  {
    std::lock_guard lock(mutex_);
    bytes = std::exchange(wanted_, 0);
  }
  bytes = std::max(bytes, budget_->excess());
  bool more_to_come = false;
  std::string failure = bytes > 0 ? move_out(bytes, &more_to_come) : "";
  {
    std::lock_guard lock(mutex_);
    failure_ = failure;
  }
  budget_->relief_ends(failure, more_to_come);
}

// What kept it from moving as much; empty: nothing did.
std::string Spiller::move_out(int64_t bytes, bool* more_to_come) {
  if (!enabled_) return "spilling is switched off";
  if (now_us() < full_until_) return facts().failure;
  std::vector<Store::Entry> entries = store_.in_memory(kBytesMin);
  hooks_.order(entries);
  std::string failure;
  int64_t moved = 0;
  for (auto& [task, value] : entries) {
    if (moved >= bytes) return {};
    do_reads();
    {
      std::lock_guard lock(mutex_);
      if (stop_) return {};
    }
    if (store_.find(task) != value) continue;  // dropped meanwhile
    StoredValue::Left left = value->leave_memory(files_);
    if (left.garbage && left.foreign) hooks_.discard(std::move(left.garbage));
    switch (left.how) {
      case StoredValue::Leave::kGone: moved += value->nbytes(); break;
      case StoredValue::Leave::kForeign:
        moved += value->nbytes();  // soon
        *more_to_come = true;
        hooks_.serialise(value);
        break;
      case StoredValue::Leave::kKept: break;
      case StoredValue::Leave::kFailed: failure = left.error; break;
      case StoredValue::Leave::kFull: full_until_ = now_us() + kFullFor; return left.error;
    }
  }
  if (moved >= bytes) return {};
  return failure.empty() ? "what is left in memory is in use" : failure;
}

}  // namespace dusk::node
