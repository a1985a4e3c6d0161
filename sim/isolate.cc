#include "sim/isolate.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "dusk/base/check.h"

namespace dusk::sim {
namespace {

constexpr size_t kTextMax = 60'000;  // less than a pipe holds

// What a process says of one world, in one write.
struct Verdict {
  uint64_t seed = 0;
  uint64_t hash = 0;
  Time end = 0;
  Stats stats;
  Trace::Seen seen;
  uint64_t text = 0;  // bytes that follow
};

void put(int pipe, const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    ssize_t n = write(pipe, at, size);
    if (n <= 0) _exit(3);
    at += n;
    size -= static_cast<size_t>(n);
  }
}

bool get(int pipe, void* data, size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    ssize_t n = read(pipe, at, size);
    if (n <= 0) return false;
    at += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

std::string get_all(int pipe) {
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(pipe, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(n));
  }
  return text.substr(0, kTextMax);
}

void say(int pipe, uint64_t seed, const Outcome& outcome) {
  std::string text = outcome.failure.substr(0, kTextMax);
  Verdict verdict{seed, outcome.hash, outcome.end, outcome.stats, outcome.seen, text.size()};
  put(pipe, &verdict, sizeof verdict);
  put(pipe, text.data(), text.size());
}

Outcome one(const Plan& plan, const MakeMutator& mutator) {
  std::unique_ptr<Mutator> bug = mutator ? mutator() : nullptr;
  World world(plan, bug.get());
  return world.run();
}

struct Child {
  pid_t process = 0;
  int verdicts = 0;
  int errors = 0;
};

Child start(int seconds, const std::function<void(int verdicts)>& work) {
  int verdicts[2], errors[2];
  DUSK_CHECK(pipe(verdicts) == 0 && pipe(errors) == 0, "no pipes");
  pid_t process = fork();
  DUSK_CHECK(process >= 0, "no process");
  if (process == 0) {
    close(verdicts[0]);
    close(errors[0]);
    dup2(errors[1], STDERR_FILENO);
    rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    rlimit time{static_cast<rlim_t>(seconds), static_cast<rlim_t>(seconds)};
    setrlimit(RLIMIT_CPU, &time);
    work(verdicts[1]);
    _exit(0);
  }
  close(verdicts[1]);
  close(errors[1]);
  return {process, verdicts[0], errors[0]};
}

// How it ended; empty when it is well.
std::string finish(const Child& child) {
  std::string said = get_all(child.errors);
  int status = 0;
  waitpid(child.process, &status, 0);
  close(child.verdicts);
  close(child.errors);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return "";
  if (!WIFSIGNALED(status)) return "the process ended early: " + said;
  if (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGXCPU) return "it never ends\n" + said;
  return said.empty() ? std::string("signal ") + strsignal(WTERMSIG(status)) : said;
}

bool hear(int pipe, uint64_t* seed, Outcome* outcome) {
  Verdict verdict;
  if (!get(pipe, &verdict, sizeof verdict)) return false;
  *seed = verdict.seed;
  *outcome = {std::string(verdict.text, ' '), verdict.hash, verdict.end, verdict.stats,
              verdict.seen};
  return get(pipe, outcome->failure.data(), verdict.text);
}

}  // namespace

Outcome run_isolated(const Plan& plan, const MakeMutator& mutator, int seconds) {
  Child child = start(seconds, [&](int verdicts) { say(verdicts, 0, one(plan, mutator)); });
  uint64_t seed = 0;
  Outcome outcome;
  bool told = hear(child.verdicts, &seed, &outcome);
  std::string end = finish(child);
  if (!told) outcome.failure = end.empty() ? "it says nothing" : end;
  return outcome;
}

Failed run_seeds(uint64_t first, const std::function<bool(uint64_t)>& go_on,
                 const std::function<Plan(uint64_t)>& plan, const EachOutcome& each,
                 const MakeMutator& mutator) {
  constexpr uint64_t kBatch = 50;
  constexpr int kSeconds = 300;
  uint64_t next = first;
  while (go_on(next - first)) {
    Child child = start(kSeconds, [&](int verdicts) {
      for (uint64_t seed = next; seed < next + kBatch && go_on(seed - first); ++seed) {
        say(verdicts, seed, one(plan(seed), mutator));
      }
    });
    uint64_t seed = 0;
    Outcome outcome;
    Failed failed;
    while (hear(child.verdicts, &seed, &outcome)) {
      each(seed, outcome);
      next = seed + 1;
      if (outcome.failure.empty()) continue;
      failed = {seed, outcome.failure};
      kill(child.process, SIGKILL);
      break;
    }
    std::string end = finish(child);
    if (!failed.failure.empty()) return failed;
    if (!end.empty()) return {next, end};
  }
  return {};
}

}  // namespace dusk::sim
