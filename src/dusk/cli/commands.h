// The commands of the program. Each adds itself to the program's options; what it returns runs it
// and gives the exit code.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace dusk::cli {

std::function<int()> scheduler_command(CLI::App& app);
std::function<int()> worker_command(CLI::App& app);

}  // namespace dusk::cli
