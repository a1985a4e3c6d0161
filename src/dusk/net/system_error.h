// What the system said, as an Error.
#pragma once

#include <cerrno>
#include <string>

#include "dusk/base/error.h"

namespace dusk::net {

// The system's words for an errno.
std::string system_text(int code);

// "`what`: the system's words for `code`", kind kOs.
base::Error system_error(const std::string& what, int code = errno);

}  // namespace dusk::net
