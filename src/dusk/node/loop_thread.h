// A loop with a thread of its own.
#pragma once

#include <future>
#include <thread>

#include "dusk/net/loop.h"

namespace dusk::node {

class LoopThread {
 public:
  LoopThread() : thread_([this] { loop_.run(); }) {}
  ~LoopThread() { stop(); }
  net::Loop& loop() { return loop_; }
  net::Loop* operator->() { return &loop_; }
  // Ends the thread; what was posted before is done. Not from the loop's thread.
  void stop() {
    if (!thread_.joinable()) return;
    loop_.post([this] { loop_.stop(); });
    thread_.join();
  }
  // Calls `function` on the loop's thread and waits for it. Not from the loop's thread.
  template <class F>
  void call(F function) {
    std::promise<void> done;
    loop_.post([&] {
      function();
      done.set_value();
    });
    done.get_future().wait();
  }

 private:
  net::Loop loop_;
  std::thread thread_;
};

}  // namespace dusk::node
