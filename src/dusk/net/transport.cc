#include "dusk/net/transport.h"

#include <utility>

#include "dusk/net/hello.h"
#include "dusk/net/inproc.h"
#include "dusk/net/socket_dialer.h"
#include "dusk/net/socket_listener.h"

namespace dusk::net {

std::unique_ptr<Listener> listen(Loop& loop, const Address& address, const NetOptions& options,
                                 std::function<void(ConnectionPtr)> on_accept) {
  encode_hello(options.hello, options.limits);
  switch (address.scheme) {
    case Address::Scheme::kTcp:
    case Address::Scheme::kUnix:
      return listen_on_socket(loop, address, options, std::move(on_accept));
    case Address::Scheme::kInproc:
      return listen_inproc(loop, address, options, std::move(on_accept));
    default: throw base::not_implemented("[listen] " + address.text() + ": see docs/status.md");
  }
}

void connect(Loop& loop, const Address& address, const NetOptions& options,
             std::function<void(base::Result<ConnectionPtr>)> done) {
  encode_hello(options.hello, options.limits);
  switch (address.scheme) {
    case Address::Scheme::kTcp:
    case Address::Scheme::kUnix: return dial_socket(loop, address, options, std::move(done));
    case Address::Scheme::kInproc: return dial_inproc(loop, address, options, std::move(done));
    default: throw base::not_implemented("[connect] " + address.text() + ": see docs/status.md");
  }
}

}  // namespace dusk::net
