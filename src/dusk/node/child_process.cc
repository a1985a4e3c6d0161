#include "dusk/node/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <thread>

#include "dusk/base/error.h"
#include "dusk/net/system_error.h"

namespace dusk::node {
namespace {

constexpr int kReady = 3;
constexpr int kAboveStandard = 10;

// A pipe whose ends are out of the way of what a child gets under fixed numbers.
struct Pipe {
  int read = -1;
  int write = -1;

  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw net::system_error("[nanny] no pipe");
    read = fcntl(ends[0], F_DUPFD_CLOEXEC, kAboveStandard);
    write = fcntl(ends[1], F_DUPFD_CLOEXEC, kAboveStandard);
    close(ends[0]);
    close(ends[1]);
    if (read < 0 || write < 0) throw net::system_error("[nanny] no pipe");
  }
  ~Pipe() {
    if (read >= 0) close(read);
    if (write >= 0) close(write);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  static int take(int& end) { return std::exchange(end, -1); }
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

pid_t spawn(const ChildCommand& command, int input, int errors, int ready) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ready, kReady);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  auto arguments = pointers(command.arguments);
  auto environment = pointers(command.environment);
  pid_t pid = -1;
  int failure =
      posix_spawn(&pid, arguments[0], &actions, &attributes, arguments.data(), environment.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) {
    throw net::system_error("[nanny] " + command.arguments[0] + " does not start", failure);
  }
  return pid;
}

void no_waiting(int descriptor) { fcntl(descriptor, F_SETFL, O_NONBLOCK); }

}  // namespace

std::string ChildEnd::text() const {
  if (signal != 0) {
    const char* name = strsignal(signal);
    return "killed by signal " + std::to_string(signal) +
           (name ? " (" + std::string(name) + ")" : "");
  }
  return code < 0 ? "gone" : "ended with exit status " + std::to_string(code);
}

ChildProcess::ChildProcess(const ChildCommand& command) {
  if (command.arguments.empty()) throw base::value_error("[nanny] no command");
  Pipe input;
  Pipe errors;
  Pipe ready;
  no_waiting(input.write);
  auto size = static_cast<ssize_t>(command.input.size());
  if (write(input.write, command.input.data(), command.input.size()) != size) {
    throw base::value_error("[nanny] the text for a child's stdin is too long");
  }
  pid_ = spawn(command, input.read, errors.write, ready.write);
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (pidfd_ < 0) {
    int code = errno;
    send_signal(SIGKILL);
    waitpid(pid_, nullptr, 0);
    throw net::system_error("[nanny] a process cannot be watched", code);
  }
  no_waiting(errors.read);
  no_waiting(ready.read);
  input_ = Pipe::take(input.write);
  errors_ = Pipe::take(errors.read);
  ready_ = Pipe::take(ready.read);
}

ChildProcess::~ChildProcess() {
  if (!reaped_) {
    send_signal(SIGKILL);
    reap();
  }
  for (int descriptor : {pidfd_, input_, errors_, ready_}) {
    if (descriptor >= 0) close(descriptor);
  }
}

void ChildProcess::send_signal(int signal) {
  if (!reaped_ && pid_ > 0) kill(pid_, signal);
}

ChildEnd ChildProcess::reap() {
  int status = 0;
  pid_t got;
  do {
    got = waitpid(pid_, &status, 0);
  } while (got < 0 && errno == EINTR);
  reaped_ = true;
  ChildEnd end;
  if (got != pid_) return end;  // somebody else in this process has waited for it
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.code = WEXITSTATUS(status);
  return end;
}

int64_t ChildProcess::memory() const {
  std::string path = "/proc/" + std::to_string(pid_) + "/statm";
  std::FILE* file = std::fopen(path.c_str(), "r");
  if (!file) return 0;
  long long total = 0;
  long long resident = 0;
  int read = std::fscanf(file, "%lld %lld", &total, &resident);
  std::fclose(file);
  return read == 2 ? resident * sysconf(_SC_PAGESIZE) : 0;
}

void die_with_parent(int input) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::thread([input] {
    char byte;
    ssize_t got;
    do {
      got = read(input, &byte, 1);
    } while (got > 0 || (got < 0 && errno == EINTR));
    kill(getpid(), SIGKILL);
  }).detach();
}

}  // namespace dusk::node
