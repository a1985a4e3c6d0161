#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

#include "dusk/cli/addresses.h"
#include "dusk/cli/commands.h"
#include "dusk/cli/process.h"
#include "dusk/cli/quantities.h"
#include "dusk/node/native_language.h"
#include "dusk/node/worker.h"

namespace dusk::cli {
namespace {

struct Options {
  Endpoint endpoint;
  Announcement announcement;
  std::string scheduler;
  std::string scheduler_file;
  bool no_python = false;
  int32_t threads = 0;
  int32_t workers = 1;
  std::string name;
  std::string memory_limit = "auto";
  std::string local_directory;
  node::WorkerSettings defaults;
  double target_fraction = defaults.target_fraction;
  double spill_fraction = defaults.spill_fraction;
  double pause_fraction = defaults.pause_fraction;
  std::string resources;
  std::string death_timeout = "30";
};

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

node::WorkerSettings settings_of(const Options& options) {
  node::WorkerSettings settings;
  int64_t patience = parse_duration(options.death_timeout);
  std::string address = options.scheduler;
  if (address.empty()) {
    if (options.scheduler_file.empty()) {
      throw base::value_error("[worker] give the scheduler's address, or --scheduler-file");
    }
    address = read_scheduler_file(options.scheduler_file, patience);
  } else if (address.find("://") == std::string::npos) {
    address = options.endpoint.protocol + "://" + address;
  }
  settings.scheduler = net::Address::parse(address);
  settings.connect_timeout_us = patience;
  Endpoint endpoint = options.endpoint;
  if (endpoint.protocol.empty()) endpoint.protocol = address.substr(0, address.find("://"));
  settings.listen = endpoint.listen_address(&settings.scheduler);
  settings.tls = endpoint.tls;
  auto processors = static_cast<int32_t>(std::max(1u, std::thread::hardware_concurrency()));
  settings.threads =
      options.threads > 0 ? options.threads : std::max(1, processors / options.workers);
  settings.memory_limit = parse_memory_limit(options.memory_limit, settings.threads);
  settings.target_fraction = options.target_fraction;
  settings.spill_fraction = options.spill_fraction;
  settings.pause_fraction = options.pause_fraction;
  settings.local_directory = options.local_directory;
  settings.owns_process = options.workers == 1;
  settings.resources = parse_resources(options.resources);
  settings.languages = node::native_languages();
  return settings;
}

int run(Options& options) {
  if (!options.no_python) {
    throw base::value_error(
        "[worker] this program has no Python: give --no-python for a worker that runs native "
        "tasks only, or start one that has with `python -m dusk worker`");
  }
  node::WorkerSettings settings = settings_of(options);
  Ending ending;
  std::mutex mutex;
  std::string reason;
  settings.on_closed = [&](const std::string& why) {
    std::lock_guard lock(mutex);
    reason = why;
    ending.ask();
  };
  std::vector<std::unique_ptr<node::Worker>> workers;
  for (int32_t i = 0; i < options.workers; ++i) {
    node::WorkerSettings own = settings;
    own.name = options.name;
    if (options.workers > 1) {
      if (!own.name.empty()) own.name += "-" + std::to_string(i);
      own.listen = options.endpoint.listen_address(&settings.scheduler);
    }
    workers.push_back(std::make_unique<node::Worker>(std::move(own)));
    say("Start worker at: " + workers.back()->address());
  }
  options.announcement.announce(workers.front()->address());
  bool signalled = ending.wait(options.announcement.alive_descriptor);
  std::string why;
  {
    std::lock_guard lock(mutex);
    why = reason;
  }
  // Its end is an accident unless the scheduler itself, or a signal, has asked for it.
  bool lost = std::any_of(workers.begin(), workers.end(),
                          [](const auto& worker) { return worker->lost_scheduler(); });
  for (auto& worker : workers) worker->close("the worker was stopped");
  workers.clear();
  options.announcement.take_back();
  say(signalled || why.empty() ? "Stopped worker" : "Stopped worker: " + why);
  return lost ? 1 : 0;
}

}  // namespace

std::function<int()> worker_command(CLI::App& app) {
  auto options = std::make_shared<Options>();
  options->endpoint.protocol = "";
  options->endpoint.add_options(app);
  options->announcement.add_options(app);
  app.add_option("scheduler", options->scheduler, "Address of the scheduler");
  app.add_option("--scheduler-file", options->scheduler_file,
                 "File with the scheduler's address, written by `dusk scheduler`");
  app.add_flag("--no-python", options->no_python, "A worker without Python, for native tasks");
  app.add_option("--nthreads", options->threads, "Threads that run tasks (all processors)")
      ->check(CLI::PositiveNumber);
  app.add_option("--nworkers", options->workers, "Workers in this process (1)")
      ->check(CLI::PositiveNumber);
  app.add_option("--name", options->name, "What the worker is called (its address)");
  app.add_option("--memory-limit", options->memory_limit,
                 "Bytes as 4GiB, a part of the machine's memory as 0.5, auto, or 0 for none");
  app.add_option("--local-directory", options->local_directory,
                 "Where values go for which there is no memory (the system's temporary directory)");
  auto add_fraction = [&](const char* name, double& fraction, const char* what) {
    app.add_option(name, fraction, what)->check(CLI::Range(0.0, 1.0))->capture_default_str();
  };
  add_fraction("--memory-target-fraction", options->target_fraction,
               "Of the limit: counted values beyond it go to disk; 0: never");
  add_fraction("--memory-spill-fraction", options->spill_fraction,
               "Of the limit: process memory beyond it sends values to disk; 0: never");
  add_fraction("--memory-pause-fraction", options->pause_fraction,
               "Of the limit: process memory beyond it stops new tasks; 0: never");
  app.add_option("--resources", options->resources, "What tasks can ask for: \"GPU=2 MEM=100e9\"");
  app.add_option("--worker-port", options->endpoint.port,
                 "Port for data from and to others; 0 takes a free one")
      ->check(CLI::Range(0, 65535));
  app.add_option("--death-timeout", options->death_timeout,
                 "Time to wait for the scheduler before giving up (30 s)");
  return [options] { return run(*options); };
}

}  // namespace dusk::cli
