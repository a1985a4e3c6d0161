// What all processes of a cluster agree on.
#pragma once

#include <cstdint>
#include <string>

#include "dusk/net/options.h"

namespace dusk::node {

// Grows by one with every change that older processes do not understand by skipping it.
inline constexpr uint16_t kProtocolMajor = 1;
inline constexpr uint16_t kProtocolMinor = 0;

inline net::NetOptions net_options(std::string role, std::string name, std::string details,
                                   net::TlsOptions tls = {}) {
  net::NetOptions options;
  options.hello = {kProtocolMajor, kProtocolMinor, std::move(role), std::move(name),
                   std::move(details)};
  options.tls = std::move(tls);
  return options;
}

}  // namespace dusk::node
