// Loops on threads, and both ends of a connection, for tests.
#pragma once

#include <unistd.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "dusk/net/testing_certificates.h"
#include "dusk/net/transport.h"

namespace dusk::net::testing {

// Runs while it lives.
class LoopThread {
 public:
  LoopThread() : thread_([this] { loop.run(); }) {}
  ~LoopThread() {
    loop.stop();
    thread_.join();
  }
  // Runs `function` on the loop's thread and waits for it.
  void call(const std::function<void()>& function) {
    std::mutex mutex;
    std::condition_variable done;
    bool over = false;
    loop.post([&] {
      function();
      std::lock_guard lock(mutex);
      over = true;
      done.notify_one();
    });
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return over; });
  }

  Loop loop;

 private:
  std::thread thread_;
};

// What one end of a connection saw. Filled on a loop's thread, read by the test.
class Seen {
 public:
  void message(Message message) {
    std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    changed_.notify_all();
  }
  void closed(const base::Error& reason) {
    std::lock_guard lock(mutex_);
    closings_.push_back(reason);
    changed_.notify_all();
  }
  void drained() {
    std::lock_guard lock(mutex_);
    ++drained_;
    changed_.notify_all();
  }
  Handler handler() {
    return {[this](Message m) { message(std::move(m)); },
            [this](const base::Error& reason) { closed(reason); }, [this] { drained(); },
            [this](int64_t bytes) { return reserve(bytes); }};
  }
  // What its connection answers when it is asked for memory: yes by default.
  void grant(bool granted) {
    std::lock_guard lock(mutex_);
    granted_ = granted;
  }
  // The bytes that it was asked for, each time; waits until it was asked so often.
  std::vector<int64_t> asked(size_t times) {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return asked_.size() >= times; });
    return asked_;
  }

  // Waits until there are so many; what is there when nothing comes for 20 seconds.
  std::vector<Message> messages(size_t count) {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return messages_.size() >= count; });
    return messages_;
  }
  void forget() {
    std::lock_guard lock(mutex_);
    messages_.clear();
  }
  // "" when it is not closed in time.
  std::string why_closed() {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return !closings_.empty(); });
    return closings_.empty() ? "" : closings_.front().what();
  }
  base::ErrorKind closed_kind() {
    why_closed();
    std::lock_guard lock(mutex_);
    return closings_.at(0).kind();
  }
  int times_closed() {
    std::lock_guard lock(mutex_);
    return static_cast<int>(closings_.size());
  }
  int times_drained(int count) {
    std::unique_lock lock(mutex_);
    wait(lock, [&] { return drained_ >= count; });
    return drained_;
  }

 private:
  bool reserve(int64_t bytes) {
    std::lock_guard lock(mutex_);
    asked_.push_back(bytes);
    changed_.notify_all();
    return granted_;
  }
  template <class Condition>
  void wait(std::unique_lock<std::mutex>& lock, Condition condition) {
    changed_.wait_for(lock, std::chrono::seconds(20), condition);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Message> messages_;
  std::vector<base::Error> closings_;
  std::vector<int64_t> asked_;
  bool granted_ = true;
  int drained_ = 0;
};

// A value that another thread gives, to be taken once.
template <class T>
class Promise {
 public:
  void give(T value) {
    std::lock_guard lock(mutex_);
    value_ = std::move(value);
    changed_.notify_all();
  }
  // Throws std::bad_optional_access when nothing comes for 20 seconds.
  T get() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return value_.has_value(); });
    T value = std::move(value_.value());
    value_.reset();
    return value;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<T> value_;
};

inline std::string fresh_name() {
  static int count = 0;
  return "dusk-net-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

// An address to listen on that nobody else uses.
inline Address free_address(const std::string& scheme) {
  if (scheme == "unix") return Address::parse("unix:///tmp/" + fresh_name() + ".sock");
  if (scheme == "inproc") return Address::parse("inproc://" + fresh_name());
  return Address::parse(scheme + "://127.0.0.1:0");
}

inline NetOptions options_of(const std::string& role, const std::string& name) {
  NetOptions options;
  options.hello = {1, 0, role, name, "details of " + name};
  options.limits.share_min = 0;  // what Unix sockets do with bytes is a test of its own
  static const TlsOptions tls = authority().issue("everyone");
  options.tls = tls;
  return options;
}

inline base::Result<ConnectionPtr> connect_and_wait(Loop& loop, const Address& address,
                                                    const NetOptions& options) {
  Promise<base::Result<ConnectionPtr>> promise;
  connect(loop, address, options,
          [&](base::Result<ConnectionPtr> result) { promise.give(std::move(result)); });
  return promise.get();
}

inline data::BufferPtr patterned(size_t size, unsigned seed) {
  data::BufferPtr buffer = data::Buffer::allocate(size);
  for (size_t i = 0; i < size; ++i) {
    buffer->data()[i] = static_cast<std::byte>((i * 2654435761u + seed) >> 13);
  }
  return buffer;
}

inline Message message_of(std::string control, std::vector<data::BufferPtr> buffers = {}) {
  return {std::move(control), std::move(buffers)};
}

// Both ends of one connection, each on a loop of its own, and started.
struct Ends {
  explicit Ends(const std::string& scheme, NetOptions server = options_of("scheduler", "s"),
                NetOptions client = options_of("worker", "w")) {
    Promise<ConnectionPtr> promise;
    listener = listen(there.loop, free_address(scheme), server, [&](ConnectionPtr connection) {
      connection->start(accepted_saw.handler());
      promise.give(connection);
    });
    connected = connect_and_wait(here.loop, listener->address(), client).or_throw();
    here.call([&] { connected->start(connected_saw.handler()); });
    accepted = promise.get();
  }
  // Closes both ends, on their threads.
  ~Ends() {
    here.call([&] { connected->close("the test is over"); });
    connected_saw.why_closed();
    accepted_saw.why_closed();
    listener->close();
    there.call([&] { accepted.reset(); });
    here.call([&] { connected.reset(); });
  }
  void send(Message message) {
    here.call([&] { connected->send(std::move(message)); });
  }

  Seen accepted_saw;
  Seen connected_saw;
  LoopThread there;
  LoopThread here;
  std::unique_ptr<Listener> listener;
  ConnectionPtr accepted;
  ConnectionPtr connected;
};

}  // namespace dusk::net::testing
