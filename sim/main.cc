// dusk_sim: worlds from seeds, until one breaks a promise or the time is over.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "dusk/base/error.h"
#include "sim/isolate.h"
#include "sim/shrink.h"
#include "sim/workload.h"

namespace dusk::sim {
namespace {

constexpr const char* kUsage =
    "dusk_sim [--seed N] [--minutes M] [--count C] [--workers W] [--tasks T] [--no-faults]\n"
    "         [--hash] [--print] [--plan FILE [--log]]\n"
    "  --seed N       the first seed; the following ones are N+1, ... (default: from the clock)\n"
    "  --minutes M    how long (default 1); with --count C: how many worlds instead\n"
    "  --workers W, --tasks T   how many in each world (default: by the seed)\n"
    "  --hash         one line a world: its seed and the hash of its trace\n"
    "  --print        the plan of the seed, without running it\n"
    "  --plan FILE    runs a plan; with --log every message is shown\n";

struct Arguments {
  uint64_t seed = 0;
  double minutes = 1;
  uint64_t count = 0;
  PlanOptions options;
  bool hash = false;
  bool print = false;
  bool log = false;
  std::string plan;
};

bool parse(int argc, char** argv, Arguments& a) {
  auto clock = std::chrono::system_clock::now().time_since_epoch();
  a.seed = static_cast<uint64_t>(clock.count()) / 1000;
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    if (name == "--hash") {
      a.hash = true;
    } else if (name == "--log") {
      a.log = true;
    } else if (name == "--print") {
      a.print = true;
    } else if (name == "--no-faults") {
      a.options.faults = false;
    } else if (i + 1 == argc) {
      return false;
    } else if (name == "--seed") {
      a.seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (name == "--minutes") {
      a.minutes = std::strtod(argv[++i], nullptr);
    } else if (name == "--count") {
      a.count = std::strtoull(argv[++i], nullptr, 10);
    } else if (name == "--workers") {
      a.options.workers = static_cast<uint32_t>(std::strtoul(argv[++i], nullptr, 10));
    } else if (name == "--tasks") {
      a.options.tasks = static_cast<uint32_t>(std::strtoul(argv[++i], nullptr, 10));
    } else if (name == "--plan") {
      a.plan = argv[++i];
    } else {
      return false;
    }
  }
  return true;
}

int run_file(const Arguments& arguments) {
  std::ifstream file(arguments.plan);
  std::stringstream text;
  text << file.rdbuf();
  if (arguments.log) {
    Plan plan = parse_plan(text.str());
    World world(plan);
    world.trace.set_log(true);
    Outcome outcome = world.run();
    std::printf("%s\n", outcome.failure.c_str());
    return outcome.failure.empty() ? 0 : 1;
  }
  Outcome outcome = run_isolated(parse_plan(text.str()));
  std::printf("trace %016llx\n%s\n", static_cast<unsigned long long>(outcome.hash),
              outcome.failure.empty() ? "every promise is kept" : outcome.failure.c_str());
  return outcome.failure.empty() ? 0 : 1;
}

void explain(const Failed& failed, const Arguments& arguments) {
  std::printf("seed %llu breaks a promise:\n%s\n\nshrinking...\n",
              static_cast<unsigned long long>(failed.seed), failed.failure.c_str());
  std::fflush(stdout);
  Plan small = shrink(make_plan(failed.seed, arguments.options),
                      [](const Plan& plan) { return !run_isolated(plan, {}, 10).failure.empty(); });
  std::printf("the smallest plan found (for kRegressions in sim/regressions.cc):\n\n%s\n%s\n",
              to_text(small).c_str(), run_isolated(small).failure.c_str());
}

int run_all(const Arguments& arguments) {
  auto begin = std::chrono::steady_clock::now();
  auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  uint64_t worlds = 0;
  Stats sum;
  auto each = [&](uint64_t seed, const Outcome& outcome) {
    ++worlds;
    sum.steps += outcome.stats.steps;
    sum.executions += outcome.stats.executions;
    sum.deaths += outcome.stats.deaths;
    sum.delivered += outcome.stats.delivered;
    sum.errors += outcome.stats.errors;
    sum.lost += outcome.stats.lost;
    sum.refused += outcome.stats.refused;
    if (arguments.hash) {
      std::printf("%llu %016llx\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(outcome.hash));
    }
  };
  auto go_on = [&](uint64_t done) {
    return arguments.count > 0 ? done < arguments.count : seconds() < arguments.minutes * 60;
  };
  Failed failed = run_seeds(
      arguments.seed, go_on, [&](uint64_t seed) { return make_plan(seed, arguments.options); },
      each);
  if (!failed.failure.empty()) {
    explain(failed, arguments);
    return 1;
  }
  if (arguments.hash) return 0;
  std::printf(
      "%llu worlds from seed %llu in %.0f s: %llu scheduler steps, %llu task executions, "
      "%llu worker deaths,\n%llu unreadable values, %llu tasks for full workers only; "
      "%llu values and %llu errors delivered; every promise is kept\n",
      static_cast<unsigned long long>(worlds), static_cast<unsigned long long>(arguments.seed),
      seconds(), static_cast<unsigned long long>(sum.steps),
      static_cast<unsigned long long>(sum.executions), static_cast<unsigned long long>(sum.deaths),
      static_cast<unsigned long long>(sum.lost), static_cast<unsigned long long>(sum.refused),
      static_cast<unsigned long long>(sum.delivered), static_cast<unsigned long long>(sum.errors));
  return 0;
}

}  // namespace
}  // namespace dusk::sim

int main(int argc, char** argv) {
  dusk::sim::Arguments arguments;
  if (!dusk::sim::parse(argc, argv, arguments)) {
    std::fputs(dusk::sim::kUsage, stderr);
    return 2;
  }
  try {
    if (arguments.print) {
      auto plan = dusk::sim::make_plan(arguments.seed, arguments.options);
      std::fputs(dusk::sim::to_text(plan).c_str(), stdout);
      return 0;
    }
    return arguments.plan.empty() ? run_all(arguments) : run_file(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
