#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "dusk/cli/addresses.h"
#include "dusk/cli/commands.h"
#include "dusk/cli/process.h"
#include "dusk/cli/quantities.h"
#include "dusk/node/scheduler.h"

namespace dusk::cli {
namespace {

struct Options {
  Endpoint endpoint;
  Announcement announcement;
  std::string scheduler_file;
  std::string idle_timeout;
  std::string worker_ttl;
  std::string no_workers_timeout;
  cluster::SchedulerOptions scheduler;
};

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

int run(Options& options) {
  node::SchedulerSettings settings;
  settings.options = options.scheduler;
  for (auto [text, time] :
       {std::pair{&options.idle_timeout, &settings.options.idle_timeout},
        std::pair{&options.worker_ttl, &settings.options.worker_ttl},
        std::pair{&options.no_workers_timeout, &settings.options.no_workers_timeout}}) {
    if (!text->empty()) *time = parse_duration(*text);
  }
  settings.listen = {options.endpoint.listen_address(nullptr)};
  settings.tls = options.endpoint.tls;
  Ending ending;
  settings.on_shut_down = [&ending] { ending.ask(); };
  node::Scheduler scheduler(std::move(settings));
  std::string address = scheduler.addresses().at(0);
  say("Scheduler at: " + address);
  if (!options.scheduler_file.empty()) write_scheduler_file(options.scheduler_file, address);
  options.announcement.announce(address);
  bool signalled = ending.wait(options.announcement.alive_descriptor);
  scheduler.close(signalled ? "the scheduler was stopped" : "the scheduler has ended");
  options.announcement.take_back();
  if (!options.scheduler_file.empty()) std::remove(options.scheduler_file.c_str());
  say("Stopped scheduler at " + address);
  return 0;
}

}  // namespace

std::function<int()> scheduler_command(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->endpoint.port = 8786;
  options->endpoint.add_options(app);
  options->announcement.add_options(app);
  cluster::SchedulerOptions& scheduler = options->scheduler;
  app.add_option("--port", options->endpoint.port, "Port to listen on; 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--scheduler-file", options->scheduler_file,
                 "File to write the address to, as JSON, for workers and clients");
  app.add_option("--idle-timeout", options->idle_timeout, "Time without tasks after which to end");
  app.add_option("--worker-ttl", options->worker_ttl,
                 "Silence after which a worker counts as lost (5 minutes)");
  app.add_option("--no-workers-timeout", options->no_workers_timeout,
                 "Time without any worker after which tasks fail");
  app.add_option("--allowed-failures", scheduler.allowed_failures,
                 "Workers that may die under a task before it fails (3)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--worker-saturation", scheduler.worker_saturation,
                 "Root tasks that a worker holds, per thread (1.1); inf: all")
      ->check(CLI::PositiveNumber);
  return [options] { return run(*options); };
}

}  // namespace dusk::cli
