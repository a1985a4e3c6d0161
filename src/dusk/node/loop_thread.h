// A loop that runs: on a thread of its own, or on the one that everything inproc:// shares.
#pragma once

#include <pthread.h>

#include <algorithm>
#include <future>
#include <memory>
#include <span>
#include <thread>

#include "dusk/net/address.h"
#include "dusk/net/loop.h"
#include "dusk/net/loop_group.h"

namespace dusk::node {

class LoopThread {
 public:
  LoopThread() { begin(); }
  // For somebody at these addresses, or who talks to them. In one process the scheduler, workers
  // and clients take one thread in turns: a message between them costs no change of threads.
  explicit LoopThread(std::span<const net::Address> addresses) {
    bool inside = std::any_of(addresses.begin(), addresses.end(), [](const net::Address& address) {
      return address.scheme == net::Address::Scheme::kInproc;
    });
    if (inside) {
      group_ = net::LoopGroup::shared();
      group_->add(loop_);
    } else {
      begin();
    }
  }
  ~LoopThread() { stop(); }
  net::Loop& loop() { return loop_; }
  net::Loop* operator->() { return &loop_; }
  // The loop runs no more; what was posted before is done. Not from the loop's thread.
  void stop() {
    if (group_) group_->remove(loop_);
    group_.reset();
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
  void begin() {
    thread_ = std::thread([this] { loop_.run(); });
    pthread_setname_np(thread_.native_handle(), "dusk-loop");
  }

  net::Loop loop_;
  std::shared_ptr<net::LoopGroup> group_;
  std::thread thread_;
};

}  // namespace dusk::node
