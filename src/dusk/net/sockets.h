// Sockets of the system: made, bound, and named.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "dusk/base/result.h"
#include "dusk/net/address.h"
#include "dusk/net/options.h"

namespace dusk::net {

// A file descriptor that closes.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int number() const { return number_; }
  int release();

 private:
  int number_;
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Whether resolve() needs no name server.
bool is_numeric(const Address& address);
// At least one; waits for name servers when the host is a name. For tcp, tls and unix.
base::Result<std::vector<SocketAddress>> resolve(const Address& address);

// Throws Error(kOs). A unix path that nobody listens on is taken over; only its owner may connect.
Descriptor bind_and_listen(const Address& address);
// Its port; 0 when it has none.
uint16_t port_of(int descriptor);
// The peer's address as text; a unix peer has the address that it was reached at.
std::string peer_text(int descriptor, const Address& address);
// No delay, and probes that find dead peers. Does nothing for unix sockets.
void configure(int descriptor, const Limits& limits);

}  // namespace dusk::net
