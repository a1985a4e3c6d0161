// Moves values out of a worker's memory when there are too many, on a thread of its own, which
// also reads those that others ask for back from disk.
//
// Values that no run needs go first, then those that are needed last. Nothing here waits for
// another language: what only that one can serialise is given to `serialise` and written when it
// has been; what is let go goes through `discard`. A full disk ends an attempt; the next comes a
// little later.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "dusk/node/spill_files.h"
#include "dusk/node/store.h"

namespace dusk::node {

struct SpillerHooks {
  // Sorts values by who may leave memory first. On the spiller's thread.
  std::function<void(std::vector<Store::Entry>&)> order;
  // Calls the value's frames(true) on a thread that may wait, then wake().
  std::function<void(StoredPtr)> serialise;
  std::function<void(std::shared_ptr<void>)> discard;
};

struct SpillFacts {
  int64_t bytes = 0;    // on disk
  std::string failure;  // why the last attempt moved too little; empty: it did not
};

class Spiller {
 public:
  // `settings.directory` may be empty: then nothing leaves memory.
  Spiller(Store& store, MemoryBudgetPtr budget, SpillSettings settings, SpillerHooks hooks);
  ~Spiller();
  void stop();  // what was given to later() and has not begun is dropped

  // Looks whether the budget is exceeded. Any thread.
  void wake();
  // So many bytes should leave memory, whatever the budget says.
  void want(int64_t bytes);
  // Calls `read` on the spiller's thread, before more is moved.
  void later(std::function<void()> read);
  SpillFacts facts() const;

 private:
  void work();
  void do_reads();
  void relieve();
  std::string move_out(int64_t bytes, bool* more_to_come);

  Store& store_;
  const MemoryBudgetPtr budget_;
  const bool enabled_;
  SpillFiles files_;
  const SpillerHooks hooks_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> reads_;
  bool woken_ = false;
  bool stop_ = false;
  int64_t wanted_ = 0;
  std::string failure_;
  int64_t full_until_ = 0;  // microseconds; the spiller's thread only
  std::thread thread_;
};

}  // namespace dusk::node
