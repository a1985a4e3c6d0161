// One thread of callbacks: posted functions, timers, and sockets that became ready.
//
// run() belongs to one thread at a time; what it calls may use every method. A tick is: wait until
// something happens, then timers that are due, ready sockets and posted functions, and last the
// functions given to at_tick_end(). Functions must not throw.
//
// How a loop that runs out of work waits for more is patience.h's business.
//
// Sockets that are watched belong to the loop. What is left when a loop goes (functions, timers,
// connections) is dropped without a call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

struct epoll_event;

namespace dusk::net {

class Mailbox;

// What belongs to a loop, mostly because it wants to know when a file descriptor is ready.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_ready(uint32_t events) = 0;  // EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP
  virtual void on_loop_gone() = 0;             // drops what it refers to; not watched any more
};

class Loop {
 public:
  Loop();   // throws Error(kOs) when the system refuses descriptors
  ~Loop();  // not while run() is running
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs callbacks on the calling thread until stop(). Can be called again afterwards.
  void run();
  // Ends the present run(), or the next one if there is none. Any thread.
  void stop();
  // Calls `function` on the loop's thread, in the order of posting. Any thread.
  void post(std::function<void()> function);

  // Calls `function` once, no earlier than in `microseconds`. The loop's thread, or before run().
  using TimerId = uint64_t;
  TimerId after(int64_t microseconds, std::function<void()> function);
  // Does nothing when the timer has fired or was cancelled already.
  void cancel(TimerId timer);
  // Microseconds of a monotonic clock; read anew with each call. Any thread.
  int64_t now() const;
  // Whether the caller is on the thread in run(). Any thread.
  bool in_loop() const;

  // Calls `function` when this tick's other callbacks are done, before the loop waits again. The
  // loop's thread.
  void at_tick_end(std::function<void()> function);

  // The rest serves the transports, on the loop's thread.
  //
  // Tells `watcher` about `events` on `descriptor` for as long as they last (level-triggered);
  // called again it changes the events. The loop shares the watcher until unwatch().
  void watch(int descriptor, uint32_t events, std::shared_ptr<Watcher> watcher);
  void unwatch(int descriptor);
  // The same ownership for what has no descriptor: shared until forget().
  void keep(std::shared_ptr<Watcher> watcher);
  void forget(Watcher* watcher);
  // Memory to read into, valid until the callback returns.
  std::span<std::byte> scratch();
  // For posting from those who may outlive the loop.
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

 private:
  friend class LoopGroup;
  struct State;

  void enter();  // the calling thread is the loop's until leave()
  void leave();
  // Whether the next tick has something to do already.
  bool busy() const;
  int64_t until_timer() const;  // microseconds; -1 without timers
  int descriptor() const;       // readable when a socket is ready or mail has come to a sleeper
  void tick(bool look_at_sockets);
  void dispatch(std::span<const epoll_event> events);

  std::shared_ptr<Mailbox> mailbox_;
  std::unique_ptr<State> state_;
};

}  // namespace dusk::net
