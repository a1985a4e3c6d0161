#include "dusk/net/sockets.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "dusk/net/system_error.h"

namespace dusk::net {
namespace {

constexpr int kBacklog = 4096;

base::Result<std::vector<SocketAddress>> look_up(const Address& address, int flags) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags;
  addrinfo* found = nullptr;
  std::string port = std::to_string(address.port);
  int code = getaddrinfo(address.host.c_str(), port.c_str(), &wanted, &found);
  if (code != 0) {
    std::string why = code == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(code);
    return base::Error(base::ErrorKind::kOs, address.text() + ": " + why);
  }
  std::vector<SocketAddress> all;
  for (const addrinfo* info = found; info; info = info->ai_next) {
    SocketAddress& one = all.emplace_back();
    one.length = info->ai_addrlen;
    std::memcpy(&one.storage, info->ai_addr, info->ai_addrlen);
  }
  freeaddrinfo(found);
  return all;
}

SocketAddress unix_address(const std::string& path) {
  SocketAddress address;
  auto* name = reinterpret_cast<sockaddr_un*>(&address.storage);
  name->sun_family = AF_UNIX;
  std::memcpy(name->sun_path, path.c_str(), path.size() + 1);
  address.length = sizeof(sockaddr_un);
  return address;
}

// A socket file that refuses connections is what a dead process left.
void remove_stale(const std::string& path, const SocketAddress& address) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  Descriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connect(probe.number(), address.get(), address.length) != 0 && errno == ECONNREFUSED) {
    unlink(path.c_str());
  }
}

bool bind_one(const Address& address, const SocketAddress& where, Descriptor& result) {
  Descriptor made(socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (made.number() < 0) return false;
  int on = 1;
  if (where.family() == AF_UNIX) {
    remove_stale(address.path, where);
  } else {
    setsockopt(made.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  if (bind(made.number(), where.get(), where.length) != 0) return false;
  if (where.family() == AF_UNIX && chmod(address.path.c_str(), 0600) != 0) return false;
  if (::listen(made.number(), kBacklog) != 0) return false;
  result = std::move(made);
  return true;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int Descriptor::release() { return std::exchange(number_, -1); }

bool is_numeric(const Address& address) {
  return address.scheme == Address::Scheme::kUnix || look_up(address, AI_NUMERICHOST).ok();
}

base::Result<std::vector<SocketAddress>> resolve(const Address& address) {
  if (address.scheme == Address::Scheme::kUnix) return std::vector{unix_address(address.path)};
  auto number = look_up(address, AI_NUMERICHOST);
  return number.ok() ? number : look_up(address, 0);
}

Descriptor bind_and_listen(const Address& address) {
  auto places = resolve(address);
  if (!places.ok())
    throw base::Error(base::ErrorKind::kOs, "[listen] " + std::string(places.error().what()));
  Descriptor result;
  for (const SocketAddress& place : places.value()) {
    if (bind_one(address, place, result)) return result;
  }
  throw system_error("[listen] " + address.text());
}

uint16_t port_of(int descriptor) {
  SocketAddress address;
  address.length = sizeof address.storage;
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address.storage), &address.length);
  if (address.family() == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
  }
  if (address.family() == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port);
  }
  return 0;
}

std::string peer_text(int descriptor, const Address& address) {
  if (address.scheme == Address::Scheme::kUnix) return address.text();
  SocketAddress peer;
  peer.length = sizeof peer.storage;
  char host[NI_MAXHOST] = "?";
  char port[NI_MAXSERV] = "0";
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer.storage), &peer.length) == 0) {
    getnameinfo(peer.get(), peer.length, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
  }
  Address text = address;
  text.host = host;
  text.port = static_cast<uint16_t>(std::stoul(port));
  return text.text();
}

void configure(int descriptor, const Limits& limits) {
  int on = 1;
  if (setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) return;
  setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &limits.keepalive_idle_s, sizeof(int));
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &limits.keepalive_interval_s, sizeof(int));
  setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &limits.keepalive_probes, sizeof(int));
}

}  // namespace dusk::net
