// The fingerprint of a world: a hash over everything that was said, in order, and when. Counts
// which kinds of messages were seen, so that a test can tell that a simulation covers them.
#pragma once

#include <array>
#include <cstdint>

#include "dusk/cluster/scheduler.h"
#include "sim/random.h"

namespace dusk::sim {

class Trace {
 public:
  template <class... Parts>
  void add(Parts... parts) {
    hash_ = mix(hash_, static_cast<uint64_t>(parts)...);
  }
  void add(cluster::Time now, cluster::WorkerId to, const cluster::WorkerOrder& order);
  void add(cluster::Time now, cluster::WorkerId from, const cluster::WorkerReport& report);
  void add(cluster::Time now, cluster::ClientId to, const cluster::ClientNews& news);
  void add(cluster::Time now, cluster::ClientId from, const cluster::ClientRequest& request);
  uint64_t hash() const { return hash_; }
  // One line on standard error for every message.
  void set_log(bool on) { log_ = on; }

  template <class Message>
  using Counts = std::array<uint64_t, std::variant_size_v<Message>>;
  struct Seen {
    Counts<cluster::WorkerOrder> orders{};
    Counts<cluster::WorkerReport> reports{};
    Counts<cluster::ClientNews> news{};
    Counts<cluster::ClientRequest> requests{};
    void add(const Seen& other);
  };
  const Seen& seen() const { return seen_; }

 private:
  uint64_t hash_ = 0;
  bool log_ = false;
  Seen seen_;
};

}  // namespace dusk::sim
