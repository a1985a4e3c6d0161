#include "dusk/cli/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fstream>

#include "dusk/base/error.h"

namespace dusk::cli {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void hold_signals() {
  sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

Ending::Ending() {
  sigset_t set = ending_signals();
  event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  if (event_ < 0 || signals_ < 0) {
    throw base::Error(base::ErrorKind::kOs, "[process] the system refuses descriptors");
  }
}

Ending::~Ending() {
  close(event_);
  close(signals_);
}

void Ending::ask() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = write(event_, &one, sizeof one);
}

bool Ending::wait(int alive_descriptor) {
  pollfd watched[3] = {{event_, POLLIN, 0}, {signals_, POLLIN, 0}, {alive_descriptor, POLLIN, 0}};
  bool signalled = false;
  for (;;) {
    if (poll(watched, 3, -1) < 0 && errno != EINTR) break;
    signalled = watched[1].revents != 0;
    if (signalled || watched[0].revents != 0) break;
    char ignored[64];
    if (watched[2].revents != 0 && read(alive_descriptor, ignored, sizeof ignored) <= 0) break;
  }
  sigset_t set = ending_signals();
  signalfd_siginfo taken;
  if (signalled) [[maybe_unused]]
    ssize_t got = read(signals_, &taken, sizeof taken);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  return signalled;
}

void Announcement::add_options(CLI::App& app) {
  app.add_option("--pid-file", pid_file, "File to write the process's number to");
  app.add_option("--ready-fd", ready_descriptor,
                 "Open descriptor that gets the address and a line's end as soon as it is known");
  app.add_option("--alive-fd", alive_descriptor,
                 "Open descriptor at whose end (its other side was closed) this process ends");
}

void Announcement::announce(const std::string& address) {
  for (int descriptor : {ready_descriptor, alive_descriptor}) {
    if (descriptor >= 0 && fcntl(descriptor, F_GETFD) < 0) {
      throw base::value_error("[process] " + std::to_string(descriptor) +
                              " is no open descriptor: pass it on to this process");
    }
  }
  if (!pid_file.empty() && !(std::ofstream(pid_file) << getpid() << std::endl)) {
    throw base::Error(base::ErrorKind::kOs, "[pid-file] " + pid_file + " cannot be written");
  }
  if (ready_descriptor >= 0) {
    std::string line = address + "\n";
    bool written =
        write(ready_descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    close(ready_descriptor);
    ready_descriptor = -1;
    if (!written) throw base::Error(base::ErrorKind::kOs, "[ready-fd] nobody reads the address");
  }
}

void Announcement::take_back() {
  if (!pid_file.empty()) unlink(pid_file.c_str());
}

}  // namespace dusk::cli
