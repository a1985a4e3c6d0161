// Connecting to tcp, tls and unix addresses.
#pragma once

#include <functional>

#include "dusk/net/stream.h"
#include "dusk/net/transport.h"

namespace dusk::net {

void dial_socket(Loop& loop, const Address& address, const NetOptions& options,
                 StreamMaker make_stream, std::function<void(base::Result<ConnectionPtr>)> done);

}  // namespace dusk::net
