// Functions on their way to the thread of a loop, which may be gone by then.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

namespace dusk::net {

class Mailbox {
 public:
  Mailbox();  // throws Error(kOs) when there are no descriptors left
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Any thread. False when the loop is gone: `function` is dropped.
  bool post(std::function<void()> function);
  void stop();

  // The loop's side. Moves what is there to the end of `functions`.
  void take(std::vector<std::function<void()>>& functions);
  // Readable when somebody posted after prepare_to_wait(), until woken().
  int descriptor() const { return descriptor_; }
  // Whether there may be something to do; costs no lock.
  bool has_mail() const { return has_mail_.load(std::memory_order_relaxed); }
  // False when there is something to do already, so that waiting would be wrong.
  bool prepare_to_wait();
  void woken();
  // Whether stop() was called; forgets it.
  bool take_stop();
  // What is left is dropped, and whatever comes.
  void close();

 private:
  void announce();  // REQUIRES: mutex_ is held

  int descriptor_;
  std::atomic<bool> has_mail_{false};
  std::mutex mutex_;
  std::vector<std::function<void()>> functions_;
  bool waiting_ = false;
  bool signalled_ = false;
  bool stopped_ = false;
  bool closed_ = false;
};

}  // namespace dusk::net
