// The process around a scheduler or a worker: signals, and what tells others about it.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace dusk::cli {

// Blocks the signals that end a process. Before the first thread.
void hold_signals();

// Until the process should end. One per process.
class Ending {
 public:
  Ending();
  ~Ending();
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;

  // Ends wait(). Any thread.
  void ask();
  // Until ask(), SIGINT or SIGTERM, or until nobody holds the other end of `alive_descriptor`
  // (-1: none). True for a signal. Afterwards the next signal ends the process at once.
  bool wait(int alive_descriptor);

 private:
  int event_;
  int signals_;
};

// Whom a process tells that it has started.
struct Announcement {
  int ready_descriptor = -1;
  int alive_descriptor = -1;
  std::string pid_file;

  void add_options(CLI::App& app);
  // Writes the address and a line's end to the descriptor and closes it; writes the pid file.
  // Throws Error(kOs).
  void announce(const std::string& address);
  void take_back();  // removes the pid file
};

}  // namespace dusk::cli
