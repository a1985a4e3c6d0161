// The program `dusk`.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "dusk/base/error.h"
#include "dusk/cli/commands.h"
#include "dusk/cli/process.h"

namespace {

constexpr int kBadOptions = 2;

bool callers_mistake(const dusk::base::Error& error) {
  return error.kind() == dusk::base::ErrorKind::kValue;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace dusk;
  cli::hold_signals();
  CLI::App app("Dusk's cluster processes: a scheduler and workers without Python", "dusk");
  app.require_subcommand(1);
  CLI::App& scheduler = *app.add_subcommand("scheduler", "Start a scheduler");
  CLI::App& worker = *app.add_subcommand("worker", "Start a worker for native tasks");
  auto run_scheduler = cli::scheduler_command(scheduler);
  auto run_worker = cli::worker_command(worker);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadOptions;
  }
  try {
    return scheduler.parsed() ? run_scheduler() : run_worker();
  } catch (const base::Error& error) {
    std::fprintf(stderr, "dusk: %s\n", error.what());
    return callers_mistake(error) ? kBadOptions : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dusk: %s\n", error.what());
    return 1;
  }
}
