#include "dusk/net/system_error.h"

#include <system_error>

namespace dusk::net {

std::string system_text(int code) { return std::generic_category().message(code); }

base::Error system_error(const std::string& what, int code) {
  return {base::ErrorKind::kOs, what + ": " + system_text(code)};
}

}  // namespace dusk::net
