// Keeps worker processes running: starts them, starts them again when they die or outgrow their
// memory, and says why.
//
// One thread watches all of them, by what the system tells: it needs nothing from a worker, which
// may be stopped or hold any lock. Whoever ends unasked is reported to the scheduler with its last
// lines, so that the errors of tasks that it took along can show them.
//
// A worker process is ready when it has written its address and a newline to descriptor 3. It ends
// with exit status 0 when it should not come back, with kRestartStatus when it was told to restart.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dusk/net/address.h"
#include "dusk/net/options.h"
#include "dusk/node/child_process.h"

namespace dusk::node {

inline constexpr int kRestartStatus = 75;

struct NannySettings {
  net::Address scheduler;
  net::TlsOptions tls;
  double terminate_fraction = 0.95;  // of a child's memory_limit; 0: it may take what it likes
  int64_t watch_us = 100'000;        // between looks at their memory
  int32_t failed_starts_max = 3;     // in a row without getting ready, then it is given up
  bool quiet = false;                // no line on stderr about who ended
};

struct ChildSettings {
  std::string name;
  ChildCommand command;
  int64_t memory_limit = 0;  // bytes; 0: none
};

using ChildNumber = int64_t;

struct ChildFacts {
  enum class State { kStarting, kReady, kWaiting, kEnded };  // kWaiting: for the next start
  ChildNumber number = 0;
  std::string name;
  State state = State::kStarting;
  int64_t pid = 0;
  std::string address;  // of the ready one
  int32_t restarts = 0;
  std::string last_end;  // why the last one ended; empty: none has
  std::string log_tail;  // last lines on stderr
};

class Nanny {
 public:
  explicit Nanny(NannySettings settings);
  ~Nanny();  // kills what still runs

  // Any thread but the nanny's. Throws Error(kOs) when it cannot be started.
  ChildNumber start(ChildSettings settings);
  // Kills it and starts it again. False: there is no such child.
  bool restart(ChildNumber number, const std::string& reason);
  // Ends it for good: SIGTERM, and SIGKILL after `grace_us`. Returns at once.
  void stop(ChildNumber number, int64_t grace_us);
  // Children that end by themselves from now on are not started again; those that are not ready yet
  // end.
  void let_go();
  std::vector<ChildFacts> children() const;
  // True when each child is ready or has ended for good (`ready`), or when all have ended. Waits
  // for `timeout_us` at most.
  bool wait(bool ready, int64_t timeout_us) const;

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace dusk::node
