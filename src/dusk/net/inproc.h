// inproc://: both ends in one process. Messages move by pointer; names live in a registry of the
// process. Handshake, order, back-pressure and closing are those of the other transports; limits on
// sizes of messages are not, since both ends are one program.
#pragma once

#include <functional>
#include <memory>

#include "dusk/net/transport.h"

namespace dusk::net {

std::unique_ptr<Listener> listen_inproc(Loop& loop, const Address& address,
                                        const NetOptions& options,
                                        std::function<void(ConnectionPtr)> on_accept);

void dial_inproc(Loop& loop, const Address& address, const NetOptions& options,
                 std::function<void(base::Result<ConnectionPtr>)> done);

}  // namespace dusk::net
