#include "dusk/cli/addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "dusk/base/error.h"

namespace dusk::cli {
namespace {

std::string number_of(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  const void* bytes =
      address->sa_family == AF_INET6
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr)
          : &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  return inet_ntop(address->sa_family, bytes, text, sizeof text) ? text : "";
}

std::string address_of_interface(const std::string& name) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) throw base::value_error("[interface] cannot list the interfaces");
  std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owner(list, freeifaddrs);
  std::string names;
  for (const ifaddrs* i = list; i; i = i->ifa_next) {
    if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET) continue;
    if (name == i->ifa_name) return number_of(i->ifa_addr);
    names += (names.empty() ? "" : ", ") + std::string(i->ifa_name);
  }
  throw base::value_error("[interface] '" + name +
                          "' is no interface with an IPv4 address; there are " + names);
}

// The address from which this machine would talk to `peer`. Nothing is sent.
std::string address_towards(const net::Address& peer) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(peer.host.c_str(), std::to_string(peer.port).c_str(), &hints, &found) != 0) {
    throw base::value_error("[worker] the scheduler's host '" + peer.host + "' is not known");
  }
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  for (const addrinfo* a = found; a; a = a->ai_next) {
    int descriptor = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, 0);
    if (descriptor < 0) continue;
    sockaddr_storage mine{};
    socklen_t size = sizeof mine;
    bool fine = connect(descriptor, a->ai_addr, a->ai_addrlen) == 0 &&
                getsockname(descriptor, reinterpret_cast<sockaddr*>(&mine), &size) == 0;
    close(descriptor);
    if (fine) return number_of(reinterpret_cast<sockaddr*>(&mine));
  }
  throw base::value_error("[worker] there is no way to the scheduler's host '" + peer.host + "'");
}

std::string fresh_socket_path() {
  static int count = 0;
  const char* folder = std::getenv("TMPDIR");
  return std::string(folder && *folder ? folder : "/tmp") + "/dusk-" + std::to_string(getpid()) +
         "-" + std::to_string(++count);
}

}  // namespace

void Endpoint::add_options(CLI::App& app) {
  app.add_option("--host", host,
                 "Where to listen: a name or number of this machine, or the path of a Unix socket");
  app.add_option("--interface", interface, "Network interface to listen on, such as eth0");
  app.add_option("--protocol", protocol, "tcp, tls or unix")
      ->check(CLI::IsMember({"tcp", "tls", "unix"}));
  app.add_option("--tls-ca-file", tls.ca_file, "PEM file: the authority of the cluster");
  app.add_option("--tls-cert", tls.certificate, "PEM file: the certificate of this process");
  app.add_option("--tls-key", tls.key, "PEM file: its key");
}

net::Address Endpoint::listen_address(const net::Address* towards) const {
  net::Address address;
  if (protocol == "unix") {
    std::string path = host.empty() ? fresh_socket_path() : host;
    if (!path.starts_with("unix://")) path = "unix://" + path;
    return net::Address::parse(path);
  }
  if (protocol == "tls" && (tls.ca_file.empty() || tls.certificate.empty() || tls.key.empty())) {
    throw base::value_error(
        "[tls] both sides show certificates: give --tls-ca-file, --tls-cert and --tls-key");
  }
  if (!host.empty() && !interface.empty()) {
    throw base::value_error("[listen] give --host or --interface, not both");
  }
  address.scheme = protocol == "tls" ? net::Address::Scheme::kTls : net::Address::Scheme::kTcp;
  address.port = static_cast<uint16_t>(port);
  if (!host.empty()) {
    address.host = host;
  } else if (!interface.empty()) {
    address.host = address_of_interface(interface);
  } else if (towards && !towards->host.empty()) {
    address.host = address_towards(*towards);
  } else {
    address.host = "127.0.0.1";
  }
  return address;
}

std::string read_scheduler_file(const std::string& path, int64_t patience_us) {
  auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(patience_us);
  for (;;) {
    std::ifstream file(path);
    if (file) {
      auto json = nlohmann::json::parse(file, nullptr, false);
      if (json.is_object() && json.contains("address") && json["address"].is_string()) {
        return json["address"].get<std::string>();
      }
    }
    if (std::chrono::steady_clock::now() >= end) {
      throw base::value_error(
          "[scheduler-file] " + path + (file ? " does not" : " cannot be read: it must") +
          " hold JSON with an 'address', as `dusk scheduler --scheduler-file` writes it");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

// Whoever reads it meets the whole file or none.
void write_scheduler_file(const std::string& path, const std::string& address) {
  nlohmann::json json{{"type", "Scheduler"},
                      {"address", address},
                      {"services", nlohmann::json::object()},
                      {"workers", nlohmann::json::object()},
                      {"pid", getpid()}};
  std::string draft = path + "." + std::to_string(getpid());
  bool written = static_cast<bool>(std::ofstream(draft) << json.dump(2) << '\n');
  if (!written || std::rename(draft.c_str(), path.c_str()) != 0) {
    throw base::Error(base::ErrorKind::kOs, "[scheduler-file] " + path + " cannot be written");
  }
}

}  // namespace dusk::cli
