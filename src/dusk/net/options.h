// Who we are to a peer, what proves it, and how much of a peer we put up with.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "dusk/base/error.h"

namespace dusk::net {

// What each side says first. Peers of the same major version understand each other when their
// minor versions are at most one apart.
struct Hello {
  uint16_t major = 0;
  uint16_t minor = 0;
  std::string role;     // "scheduler", "worker", "client"...
  std::string name;     // of this process, for errors and logs
  std::string details;  // opaque here

  bool operator==(const Hello&) const = default;
};

// PEM files. tls:// needs all three: both sides show a certificate that `ca_file` vouches for. The
// name in a certificate is not compared with the address: who has one belongs to the cluster.
struct TlsOptions {
  std::string ca_file;
  std::string certificate;
  std::string key;
};

// Each limit that a peer exceeds ends that peer's connection, with a reason that names the limit.
struct Limits {
  int64_t handshake_us = 10'000'000;  // from connecting or accepting to the peer's whole hello
  int64_t handshake_bytes = 1 << 20;  // role, name and details together
  int64_t handshakes_open = 256;      // of a listener; one more ends the oldest of them

  int64_t control_bytes = int64_t{256} << 20;
  int64_t buffers = 1 << 16;                  // of a message
  int64_t message_bytes = int64_t{64} << 30;  // control and buffers
  int64_t stall_us = 300'000'000;             // no progress inside a message or a write
  int64_t queue_bytes = int64_t{64} << 30;    // waiting to be sent
  int64_t close_us = 5'000'000;               // for what is queued to leave after close()

  // Not limits but levels of queued_bytes(): on_drained tells when it has been above `high_water`
  // and is at or below `low_water` again.
  int64_t high_water = int64_t{32} << 20;
  int64_t low_water = int64_t{8} << 20;

  // TCP: probes after so many seconds of silence, every so many, and so many before giving up.
  int keepalive_idle_s = 30;
  int keepalive_interval_s = 10;
  int keepalive_probes = 6;

  // unix://: buffers of at least so many bytes are put into shared memory that the peer maps; 0:
  // none.
  int64_t share_min = 256 << 10;
};

struct NetOptions {
  Hello hello;
  TlsOptions tls;
  Limits limits;
  // A listener tells why it turned somebody away, on the loop's thread. May be empty.
  std::function<void(const base::Error& reason)> on_refused;
};

}  // namespace dusk::net
