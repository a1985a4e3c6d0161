// Which addresses a process listens on and is told to go to.
#pragma once

#include <string>

#include "dusk/net/address.h"
#include "dusk/net/options.h"

namespace CLI {
class App;
}

namespace dusk::cli {

// The options that scheduler and worker have in common.
struct Endpoint {
  std::string host;
  int port = 0;
  std::string interface;
  std::string protocol = "tcp";
  net::TlsOptions tls;

  // Adds --host, --interface, --protocol and --tls-*.
  void add_options(CLI::App& app);
  // Where to listen. `towards` is whom the others are near to: what this machine is called from
  // there is what others are told. Throws ValueError for what does not fit together.
  net::Address listen_address(const net::Address* towards) const;
};

// The address out of a file that a scheduler has written. Waits up to `patience_us` for it.
std::string read_scheduler_file(const std::string& path, int64_t patience_us);
void write_scheduler_file(const std::string& path, const std::string& address);

}  // namespace dusk::cli
