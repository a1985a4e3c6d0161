// A process that this one starts and watches: its end, its words on stderr, its memory.
//
// What it gets beside its command: text on stdin, which then stays open for as long as this process
// lives, stderr as a pipe to here, and descriptor 3, on which it says when it is ready.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace dusk::node {

struct ChildCommand {
  std::vector<std::string> arguments;    // the first is the program, as a path
  std::vector<std::string> environment;  // "NAME=value", all of it
  std::string input;                     // at most 64 KiB
};

// How a process ended.
struct ChildEnd {
  int code = -1;   // exit status; -1: none
  int signal = 0;  // that killed it; 0: none
  std::string text() const;
};

class ChildProcess {
 public:
  // Starts it. Throws Error(kOs). The child is told of the end of the thread that this is called on
  // when it asks the system for that (see die_with_parent).
  explicit ChildProcess(const ChildCommand& command);
  ~ChildProcess();  // kills and reaps what still runs
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  int end_descriptor() const { return pidfd_; }     // readable when it has ended
  int error_descriptor() const { return errors_; }  // its stderr, non-blocking
  int ready_descriptor() const { return ready_; }   // its descriptor 3, non-blocking
  void send_signal(int signal);                     // nothing when it was reaped
  // REQUIRES: it has ended.
  ChildEnd reap();
  int64_t memory() const;  // resident bytes; 0 when that cannot be told

 private:
  pid_t pid_ = -1;
  bool reaped_ = false;
  int pidfd_ = -1;
  int input_ = -1;
  int errors_ = -1;
  int ready_ = -1;
};

// In a child: the process ends when its parent's thread or process does, whatever its own threads
// are doing. `input` is the descriptor that the parent keeps open.
void die_with_parent(int input);

}  // namespace dusk::node
