// Listening and connecting, for every scheme of Address.
#pragma once

#include <functional>
#include <memory>

#include "dusk/base/result.h"
#include "dusk/net/address.h"
#include "dusk/net/connection.h"
#include "dusk/net/loop.h"
#include "dusk/net/options.h"

namespace dusk::net {

// Closes when it is dropped. Accepted connections live on.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual Address address() const = 0;  // with the real port
  virtual void close() = 0;             // any thread; on_accept may still be called meanwhile
};

// Binds and listens before it returns, on any thread. Throws Error(kOs) when the system refuses,
// and Error(kValue) for tls:// without certificates. on_accept is called on the loop's thread, with
// connections whose handshake is done. A unix path that nobody listens on is taken over.
std::unique_ptr<Listener> listen(Loop& loop, const Address& address, const NetOptions& options,
                                 std::function<void(ConnectionPtr)> on_accept);

// Connects and shakes hands within limits.handshake_us. `done` is called once, on the loop's thread
// and never inside connect(); its error says what happened to whom. Any thread. Throws
// Error(kValue) for tls:// without certificates.
void connect(Loop& loop, const Address& address, const NetOptions& options,
             std::function<void(base::Result<ConnectionPtr>)> done);

}  // namespace dusk::net
