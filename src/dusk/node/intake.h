// Memory for messages that are being received: each is granted before its buffers exist, or its
// connection waits. On the loop's thread.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "dusk/net/connection.h"
#include "dusk/node/memory_budget.h"

namespace dusk::node {

class Intake {
 public:
  explicit Intake(MemoryBudgetPtr budget) : budget_(std::move(budget)) {}

  // The answer to net::Handler::reserve.
  bool ask(const net::ConnectionPtr& connection, int64_t bytes);
  // A message has come: what was granted for it counts until this goes.
  MemoryCharge arrived(const net::ConnectionPtr& connection);
  void gone(const net::Connection* connection);
  // Lets those who wait ask again.
  void retry();
  // Closes the connections that wait for longer than `patience_us` although no memory was set free.
  void give_up(int64_t patience_us);
  // While it is so only what keeps things going is let in.
  void set_paused(bool paused) { paused_ = paused; }

 private:
  struct Entry {
    net::ConnectionPtr connection;
    MemoryCharge granted;
    int64_t refused = 0;  // bytes that it waits for
    int64_t since = 0;    // when it was refused first
  };
  MemoryBudgetPtr budget_;
  std::map<const net::Connection*, Entry> entries_;
  bool paused_ = false;
};

}  // namespace dusk::node
