#include "dusk/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace dusk::base {

void check_failed(const char* condition, const char* file, int line, const std::string& message) {
  std::fprintf(stderr, "dusk: internal check failed: %s (%s:%d) %s\n", condition, file, line,
               message.c_str());
  std::abort();
}

}  // namespace dusk::base
