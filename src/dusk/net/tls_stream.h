// tls://: TLS 1.3 over a socket.
#pragma once

#include <memory>

#include "dusk/net/stream.h"
#include "dusk/net/tls_context.h"

namespace dusk::net {

enum class TlsSide { kListener, kDialer };

// Takes over the connected socket. The handshake happens inside the first reads and writes.
StreamPtr tls_stream(int descriptor, std::shared_ptr<const TlsContext> context, TlsSide side);

}  // namespace dusk::net
