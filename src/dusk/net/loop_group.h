// Loops that share one thread: what passes between them wakes nobody.
//
// Each of them keeps its functions, timers and sockets to itself, and can go while the others run
// on.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "dusk/net/loop.h"

namespace dusk::net {

class LoopGroup {
 public:
  LoopGroup();
  ~LoopGroup();  // REQUIRES: no loop is left; not on the group's thread
  LoopGroup(const LoopGroup&) = delete;
  LoopGroup& operator=(const LoopGroup&) = delete;

  // The loop runs until remove(). Any thread but the group's.
  void add(Loop& loop);
  // Returns when the loop does not run any more; what was posted to it before is done. Any thread
  // but the group's.
  void remove(Loop& loop);

  // The one for everything of this process that shares; it ends with the last who keeps it.
  static std::shared_ptr<LoopGroup> shared();

 private:
  struct Member {
    Loop* loop;
    bool ready = false;  // sockets are
  };
  void run();
  bool prepare_to_sleep();
  void woken();
  void call(const std::function<void()>& function);

  Loop control_;  // for add and remove
  int epoll_ = -1;
  bool ended_ = false;           // on the thread
  std::vector<Member> members_;  // on the thread; the first is control_
  std::thread thread_;
};

}  // namespace dusk::net
