// The threads that runs share.
//
// A run has seats; a pool thread that takes one works for that run until it is done, then looks
// for another. Threads are started on demand and kept. After fork() the child has an empty pool.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace dusk::runtime {

// One run's side of the pool.
class Crew {
 public:
  virtual ~Crew() = default;
  // Called by a pool thread that took seat `seat`; returns when there is nothing left to do.
  virtual void work(int seat) = 0;
};

class WorkerPool {
 public:
  static WorkerPool& process();
  // True on a pool thread.
  static bool on_pool_thread();

  // Offers seats [first, last) of `crew`; starts threads for those that no idle thread is free to
  // take, if it may.
  void offer(const std::shared_ptr<Crew>& crew, int first, int last, bool may_start_threads);
  // Takes back the seats that nobody took and waits until every taken one is left, or for
  // `patience` if that is not negative. Threads that left hold no reference any more.
  void dismiss(Crew& crew, std::chrono::milliseconds patience = std::chrono::milliseconds(-1));
  // Ends all threads once they are idle. REQUIRES: not on a pool thread.
  void stop();

 private:
  struct Offer {
    std::shared_ptr<Crew> crew;
    int seat;
  };

  void serve();
  static void before_fork();
  static void after_fork_in_parent();
  static void after_fork_in_child();

  std::mutex mutex_;
  std::condition_variable offered_;
  std::condition_variable left_;
  std::deque<Offer> offers_;
  std::map<const Crew*, int> working_;  // threads at each crew
  size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace dusk::runtime
