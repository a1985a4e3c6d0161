// DUSK_CHECK states what must hold if Dusk itself is right. Always on; a failure is our own bug
// and ends the process with the condition, the place and the message.
#pragma once

#include <string>

namespace dusk::base {

[[noreturn]] void check_failed(const char* condition, const char* file, int line,
                               const std::string& message);

}  // namespace dusk::base

#define DUSK_CHECK(condition, message) \
  (static_cast<bool>(condition)        \
       ? void(0)                       \
       : ::dusk::base::check_failed(#condition, __FILE__, __LINE__, (message)))
