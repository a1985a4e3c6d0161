// Listening on tcp, tls and unix addresses.
#pragma once

#include <functional>
#include <memory>

#include "dusk/net/stream.h"
#include "dusk/net/transport.h"

namespace dusk::net {

std::unique_ptr<Listener> listen_on_socket(Loop& loop, const Address& address,
                                           const NetOptions& options, StreamMaker make_stream,
                                           std::function<void(ConnectionPtr)> on_accept);

}  // namespace dusk::net
