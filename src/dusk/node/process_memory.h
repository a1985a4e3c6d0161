// What the system knows of this process and machine.
#pragma once

#include <cstdint>
#include <string>

namespace dusk::node {

int64_t process_memory();  // resident bytes of this process
std::string host_name();

}  // namespace dusk::node
