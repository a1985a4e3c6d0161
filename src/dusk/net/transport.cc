#include "dusk/net/transport.h"

#include <utility>

#include "dusk/net/hello.h"
#include "dusk/net/inproc.h"
#include "dusk/net/socket_dialer.h"
#include "dusk/net/socket_listener.h"
#include "dusk/net/tls_stream.h"

namespace dusk::net {
namespace {

StreamMaker stream_maker(const Address& address, const NetOptions& options, TlsSide side) {
  if (address.scheme != Address::Scheme::kTls) return plain_stream;
  auto context = std::make_shared<const TlsContext>(options.tls);
  return [context, side](int descriptor) { return tls_stream(descriptor, context, side); };
}

}  // namespace

std::unique_ptr<Listener> listen(Loop& loop, const Address& address, const NetOptions& options,
                                 std::function<void(ConnectionPtr)> on_accept) {
  encode_hello(options.hello, options.limits);  // one that is too long is refused here
  if (address.scheme == Address::Scheme::kInproc) {
    return listen_inproc(loop, address, options, std::move(on_accept));
  }
  return listen_on_socket(loop, address, options,
                          stream_maker(address, options, TlsSide::kListener), std::move(on_accept));
}

void connect(Loop& loop, const Address& address, const NetOptions& options,
             std::function<void(base::Result<ConnectionPtr>)> done) {
  encode_hello(options.hello, options.limits);
  if (address.scheme == Address::Scheme::kInproc) {
    return dial_inproc(loop, address, options, std::move(done));
  }
  dial_socket(loop, address, options, stream_maker(address, options, TlsSide::kDialer),
              std::move(done));
}

}  // namespace dusk::net
