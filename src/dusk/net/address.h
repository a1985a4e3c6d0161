// Where a process listens or is reached, as users write it:
//
//   tcp://10.0.0.1:8786   tls://[::1]:8786   unix:///run/dusk/a.sock   inproc://name
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dusk::net {

struct Address {
  enum class Scheme { kTcp, kTls, kUnix, kInproc };
  Scheme scheme = Scheme::kTcp;
  std::string host;   // tcp and tls: a name or a number, IPv6 without its brackets
  uint16_t port = 0;  // tcp and tls; listening on port 0 takes any free one
  std::string path;   // unix: an absolute path of at most 107 bytes; inproc: a name

  // Throws Error(kValue) that says what is wrong with `text`.
  static Address parse(std::string_view text);
  // What parse() reads back as an equal address.
  std::string text() const;

  bool operator==(const Address&) const = default;
};

}  // namespace dusk::net
