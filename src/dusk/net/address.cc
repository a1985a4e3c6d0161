#include "dusk/net/address.h"

#include <charconv>

#include "dusk/base/error.h"

namespace dusk::net {
namespace {

constexpr size_t kUnixPathMax = 107;  // sun_path with its closing zero

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw base::value_error("[address] '" + std::string(text) + "' " + why);
}

uint16_t parse_port(std::string_view text, std::string_view digits) {
  uint16_t port = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    refuse(text, "needs a port from 0 to 65535 after its host");
  }
  return port;
}

void parse_host(std::string_view text, std::string_view rest, Address& address) {
  bool bracketed = rest.starts_with('[');
  size_t colon = bracketed ? rest.find("]:") : rest.rfind(':');
  if (colon == std::string_view::npos) refuse(text, "has no port: write host:port");
  address.host = rest.substr(bracketed, colon - bracketed);
  address.port = parse_port(text, rest.substr(colon + (bracketed ? 2 : 1)));
  if (address.host.empty()) refuse(text, "has no host: 0.0.0.0 listens on every interface");
  if (!bracketed && address.host.find(':') != std::string::npos) {
    refuse(text, "has an IPv6 host: put it into brackets");
  }
  if (address.host.find_first_of(std::string_view("[]/@ \t\n\0", 8)) != std::string::npos) {
    refuse(text, "has characters that no host has");
  }
}

}  // namespace

Address Address::parse(std::string_view text) {
  size_t end = text.find("://");
  std::string_view scheme = text.substr(0, end);
  if (end == std::string_view::npos) {
    refuse(text, "has no scheme: write tcp://, tls://, unix:// or inproc:// before it");
  }
  std::string_view rest = text.substr(end + 3);
  Address address;
  if (scheme == "tcp" || scheme == "tls") {
    address.scheme = scheme == "tcp" ? Scheme::kTcp : Scheme::kTls;
    parse_host(text, rest, address);
  } else if (scheme == "unix") {
    address.scheme = Scheme::kUnix;
    address.path = rest;
    if (!rest.starts_with('/')) refuse(text, "needs an absolute path");
    if (rest.size() > kUnixPathMax) refuse(text, "has a path of more than 107 bytes");
    if (rest.find('\0') != std::string_view::npos) refuse(text, "has a zero byte in its path");
  } else if (scheme == "inproc") {
    address.scheme = Scheme::kInproc;
    address.path = rest;
    if (rest.empty()) refuse(text, "needs a name");
  } else {
    refuse(text, "has an unknown scheme: tcp, tls, unix and inproc are known");
  }
  return address;
}

std::string Address::text() const {
  switch (scheme) {
    case Scheme::kUnix: return "unix://" + path;
    case Scheme::kInproc: return "inproc://" + path;
    default: break;
  }
  bool brackets = host.find(':') != std::string::npos;
  return (scheme == Scheme::kTcp ? "tcp://" : "tls://") + (brackets ? "[" + host + "]" : host) +
         ":" + std::to_string(port);
}

}  // namespace dusk::net
