// Both ends of a connection inside one process.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "dusk/net/connection.h"
#include "dusk/net/loop.h"
#include "dusk/net/options.h"

namespace dusk::net {

class Mailbox;

// What one end is made of. `mailbox` is the loop's: other threads may use only that.
struct InprocSide {
  Loop& loop;
  const NetOptions& options;
  std::shared_ptr<Mailbox> mailbox;
};

// The first is the listener's end. Any thread; each end is then used on its loop's.
std::pair<ConnectionPtr, ConnectionPtr> inproc_pair(const InprocSide& listener,
                                                    const InprocSide& dialer,
                                                    const std::string& address);

}  // namespace dusk::net
