// A worker's memory: how much is used, what leaves it, when nothing more is let in.
#include <malloc.h>

#include <algorithm>

#include "dusk/base/clock.h"
#include "dusk/data/buffer.h"
#include "dusk/data/shared_memory.h"
#include "dusk/node/process_memory.h"
#include "dusk/node/worker_impl.h"

namespace dusk::node {
namespace {

// Of a limit: what is let go by threads comes back by others, but not for ever.
constexpr double kPoolFraction = 0.05;
// What is being sent is copied into shared memory, which no charge counts.
constexpr double kBlocksFraction = 0.05;
constexpr size_t kBlocksMax = size_t{256} << 20;
// A paused worker goes on when it uses clearly less than the level.
constexpr double kResumeFraction = 0.95;
constexpr int64_t kEstimateMin = 64 << 10;  // tasks with smaller results never wait

int64_t share(double fraction, int64_t of) {
  return static_cast<int64_t>(fraction * static_cast<double>(of));
}

}  // namespace

void Worker::Impl::set_up_memory() {
  SpillSettings spill;
  bool spills =
      settings.memory_limit > 0 && (settings.target_fraction > 0 || settings.spill_fraction > 0);
  if (spills) {
    directory = std::make_unique<LocalDirectory>(settings.local_directory);
    spill.directory = directory->path();
    spill.bytes_max = settings.spill_bytes_max;
  }
  if (settings.owns_process && settings.memory_limit > 0) {
    data::pool::set_free_limit(static_cast<size_t>(share(kPoolFraction, settings.memory_limit)));
    data::shared_memory::set_blocks_max(
        std::min(kBlocksMax, static_cast<size_t>(share(kBlocksFraction, settings.memory_limit))));
  }
  SpillerHooks hooks;
  hooks.order = [this](std::vector<Store::Entry>& entries) { order_for_spilling(entries); };
  hooks.serialise = [this](StoredPtr stored) {
    {
      std::lock_guard lock(serialiser_mutex);
      bool known =
          std::find(to_serialise.begin(), to_serialise.end(), stored) != to_serialise.end();
      if (!known) to_serialise.push_back(std::move(stored));
    }
    serialiser_wake.notify_one();
  };
  hooks.discard = [this](std::shared_ptr<void> thing) { discard({std::move(thing)}); };
  spiller = std::make_unique<Spiller>(store, budget, std::move(spill), std::move(hooks));
  budget->attach([this] { spiller->wake(); }, [this] { loop->post([this] { intake.retry(); }); });
}

int64_t Worker::Impl::used_memory() const {
  if (!settings.owns_process) return budget->held() + budget->reserved();
  // What the pool keeps is there for the next who asks.
  return std::max<int64_t>(process_memory() - static_cast<int64_t>(data::pool::free_bytes()), 0);
}

void Worker::Impl::watch_memory() {
  if (ended || settings.memory_limit <= 0) return;
  look_at_memory();
  loop->after(settings.memory_interval_us, [this] { watch_memory(); });
}

// On the loop's thread.
void Worker::Impl::look_at_memory() {
  const int64_t limit = settings.memory_limit;
  int64_t used = used_memory();
  if (settings.owns_process) {
    budget->set_unmanaged(std::max<int64_t>(used - budget->held() - budget->reserved(), 0));
  }
  int64_t spill = share(settings.spill_fraction, limit);
  if (settings.owns_process && spill > 0 && used > spill) {
    data::pool::trim();
    malloc_trim(0);
    used = used_memory();
    double lower = settings.target_fraction > 0 ? settings.target_fraction : kResumeFraction;
    int64_t down_to = std::min(share(lower, limit), spill);
    if (used > spill) spiller->want(used - down_to);
  }
  if (settings.pause_fraction <= 0) return;
  bool paused = paused_since != 0;
  int64_t level = share(settings.pause_fraction, limit);
  bool pause = used > (paused ? share(kResumeFraction, level) : level);
  int64_t now = base::now_ns() / 1000;
  if (pause != paused) paused_since = pause ? now : 0;
  intake.set_paused(pause);
  bool stuck =
      pause && now - std::max(paused_since, budget->freed_at()) >= settings.memory_patience_us;
  if (stuck) paused_since = now;  // the next time after as long
  {
    std::lock_guard lock(mutex);
    stuck = stuck && state.busy == 0;
    if (pause != paused || stuck) apply(cluster::MemoryPaused{pause, stuck});
  }
  if (pause != paused || stuck) flush_soon(false);
  if (!pause && paused) intake.retry();
  intake.give_up(settings.memory_patience_us);
}

// On the spiller's thread: first those that nobody here waits for, the largest of them first, then
// those that are needed last.
void Worker::Impl::order_for_spilling(std::vector<Store::Entry>& entries) {
  struct Candidate {
    std::optional<cluster::Priority> next_use;
    Store::Entry entry;
  };
  std::vector<Candidate> candidates;
  candidates.reserve(entries.size());
  {
    std::lock_guard lock(mutex);
    for (Store::Entry& entry : entries) {
      candidates.push_back({cluster::next_use(state, entry.first), std::move(entry)});
    }
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    if (a.next_use.has_value() != b.next_use.has_value()) return !a.next_use.has_value();
    if (a.next_use && !(*a.next_use == *b.next_use)) return *b.next_use < *a.next_use;
    if (a.entry.second->nbytes() != b.entry.second->nbytes()) {
      return a.entry.second->nbytes() > b.entry.second->nbytes();
    }
    return a.entry.first < b.entry.first;
  });
  entries.clear();
  for (Candidate& candidate : candidates) entries.push_back(std::move(candidate.entry));
}

// Waits for memory for the result, by its bound or else by what others of its kind had, and for the
// inputs that must be read back. On the task's thread.
MemoryCharge Worker::Impl::room_for(Job& job, const Code& code, const Call& call) {
  if (settings.memory_limit <= 0) return {};
  int64_t bytes = code.bound(call);
  bool estimate = bytes < 0;
  if (estimate) bytes = job.code->expected() < kEstimateMin ? 0 : job.code->expected();
  for (const PinnedValue& input : job.inputs) {
    if (input && !input->in_memory()) bytes += input->nbytes();
  }
  if (bytes == 0) return {};
  auto room = budget->reserve(bytes, *job.cancelled, job.order.key, estimate);
  if (!room) throw base::Error(base::ErrorKind::kCancelled, "[" + job.order.key + "] not wanted");
  return std::move(*room);
}

// Any thread.
void Worker::Impl::value_lost(cluster::TaskId task) {
  {
    std::lock_guard lock(mutex);
    apply(cluster::ValueLost{task});
  }
  flush_soon(false);
}

}  // namespace dusk::node
