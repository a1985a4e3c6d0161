#include "dusk/node/nanny.h"

#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include "dusk/net/transport.h"
#include "dusk/node/entries.h"
#include "dusk/node/loop_thread.h"
#include "dusk/node/protocol.h"

namespace dusk::node {
namespace {

using State = ChildFacts::State;

constexpr size_t kTailBytes = 8192;
constexpr size_t kTailLines = 20;
constexpr int64_t kSoon = 1'000'000;      // an end so soon after the start is no good sign
constexpr int64_t kPauseFirst = 100'000;  // before the next start, then
constexpr int64_t kPauseMost = 10'000'000;

std::string last_lines(const std::string& text) {
  size_t at = text.size();
  for (size_t lines = 0; at > 0; --at) {
    if (text[at - 1] == '\n' && at != text.size() && ++lines == kTailLines) break;
  }
  return text.substr(at);
}

// Tells a function that a descriptor can be read.
class Readable : public net::Watcher {
 public:
  explicit Readable(std::function<void()> function) : function_(std::move(function)) {}
  void on_ready(uint32_t) override { function_(); }
  void on_loop_gone() override { function_ = nullptr; }

 private:
  std::function<void()> function_;
};

struct Child {
  ChildSettings settings;
  ChildFacts facts;
  std::unique_ptr<ChildProcess> process;
  std::string tail;
  std::string said;    // on the ready descriptor
  std::string reason;  // why it is being killed
  int64_t started = 0;
  int32_t failed_starts = 0;
  int64_t pause = 0;
  bool stopping = false;
};

}  // namespace

struct Nanny::Impl {
  explicit Impl(NannySettings given) : settings(std::move(given)) {
    loop->post([this] { look(); });
  }
  ~Impl() {
    loop.call([this] {
      stopping = true;
      for (auto& [number, child] : children) forget(child);
      children.clear();
      if (scheduler) scheduler->close("the nanny ends");
    });
    loop.stop();
  }

  // ---- life of a child, on the loop's thread

  void launch(ChildNumber number) {
    Child& child = children.at(number);
    child.process = std::make_unique<ChildProcess>(child.settings.command);
    child.started = loop->now();
    child.said.clear();
    child.reason.clear();
    set(child, State::kStarting);
    watch(child.process->end_descriptor(), [this, number] { ended(number); });
    watch(child.process->error_descriptor(), [this, number] { hear(number); });
    watch(child.process->ready_descriptor(), [this, number] { hear_ready(number); });
  }

  void watch(int descriptor, std::function<void()> function) {
    loop->watch(descriptor, EPOLLIN, std::make_shared<Readable>(std::move(function)));
  }

  // What it says goes on to our own stderr.
  void hear(ChildNumber number) {
    Child& child = children.at(number);
    char buffer[4096];
    for (;;) {
      ssize_t got = read(child.process->error_descriptor(), buffer, sizeof buffer);
      if (got < 0) return;
      if (got == 0) return loop->unwatch(child.process->error_descriptor());
      (void)!write(STDERR_FILENO, buffer, static_cast<size_t>(got));
      child.tail.append(buffer, static_cast<size_t>(got));
      if (child.tail.size() > 2 * kTailBytes) child.tail.erase(0, child.tail.size() - kTailBytes);
    }
  }

  void hear_ready(ChildNumber number) {
    Child& child = children.at(number);
    char buffer[512];
    ssize_t got = read(child.process->ready_descriptor(), buffer, sizeof buffer);
    if (got < 0) return;
    if (got == 0) return loop->unwatch(child.process->ready_descriptor());
    child.said.append(buffer, static_cast<size_t>(got));
    size_t end = child.said.find('\n');
    if (end == std::string::npos) return;
    child.failed_starts = 0;
    child.facts.address = child.said.substr(0, end);
    set(child, State::kReady);
  }

  void ended(ChildNumber number) {
    Child& child = children.at(number);
    hear(number);  // its last words
    bool was_ready = child.facts.state == State::kReady;
    forget(child);
    ChildEnd end = child.process->reap();
    child.process.reset();
    bool asked = child.stopping || letting_go || stopping;
    bool restart = end.code == kRestartStatus || (end.code != 0 && !asked);
    std::string why = "worker " + child.settings.name + " was " + end.text();
    if (!child.reason.empty())
      why = "worker " + child.settings.name + " was ended: " + child.reason;
    if (end.signal == 0 && child.reason.empty())
      why = "worker " + child.settings.name + " " + end.text();
    child.facts.last_end = why;
    if (!asked && end.code != 0 && end.code != kRestartStatus) {
      if (was_ready) report(child, why);
      say(why + (restart ? "; it is started again" : ""));
    }
    if (!was_ready && restart && ++child.failed_starts >= settings.failed_starts_max) {
      say("worker " + child.settings.name + " does not start; it is given up");
      restart = false;
    }
    if (!restart || stopping) return set(child, State::kEnded);
    ++child.facts.restarts;
    bool soon =
        loop->now() - child.started < kSoon && end.code != kRestartStatus && child.reason.empty();
    child.pause = soon ? std::clamp(child.pause * 2, kPauseFirst, kPauseMost) : 0;
    set(child, State::kWaiting);
    loop->after(child.pause, [this, number] { launch_again(number); });
  }

  void launch_again(ChildNumber number) {
    auto found = children.find(number);
    if (found == children.end() || found->second.facts.state != State::kWaiting) return;
    if (found->second.stopping || letting_go) return set(found->second, State::kEnded);
    try {
      launch(number);
    } catch (const base::Error& error) {
      found->second.facts.last_end = error.what();
      say(error.what());
      set(found->second, State::kEnded);
    }
  }

  void forget(Child& child) {
    if (!child.process) return;
    loop->unwatch(child.process->end_descriptor());
    loop->unwatch(child.process->error_descriptor());
    loop->unwatch(child.process->ready_descriptor());
  }

  void set(Child& child, State state) {
    std::lock_guard lock(mutex);
    child.facts.state = state;
    if (state != State::kReady) child.facts.address.clear();
    child.facts.pid = child.process ? child.process->pid() : 0;
    changed.notify_all();
  }

  void stop(ChildNumber number, int64_t grace_us) {
    auto found = children.find(number);
    if (found == children.end()) return;
    Child& child = found->second;
    child.stopping = true;
    if (child.facts.state == State::kWaiting) set(child, State::kEnded);
    if (!child.process) return;
    child.process->send_signal(grace_us > 0 ? SIGTERM : SIGKILL);
    child.process->send_signal(SIGCONT);
    loop->after(grace_us, [this, number] {
      auto again = children.find(number);
      if (again != children.end() && again->second.process)
        again->second.process->send_signal(SIGKILL);
    });
  }

  void let_go() {
    letting_go = true;
    for (auto& [number, child] : children) {
      if (child.facts.state == State::kStarting && child.process) {
        child.process->send_signal(SIGKILL);
      } else if (child.facts.state == State::kWaiting) {
        set(child, State::kEnded);
      }
    }
  }

  bool restart(ChildNumber number, const std::string& reason) {
    auto found = children.find(number);
    if (found == children.end()) return false;
    Child& child = found->second;
    if (child.process) {
      child.reason = reason;
      child.process->send_signal(SIGKILL);
    } else if (child.facts.state == State::kEnded) {
      child.failed_starts = 0;
      child.stopping = false;
      launch(number);
    }
    return true;
  }

  void look() {
    if (stopping) return;
    for (auto& [number, child] : children) {
      int64_t limit = child.settings.memory_limit;
      if (!child.process || limit <= 0 || settings.terminate_fraction <= 0) continue;
      int64_t used = child.process->memory();
      if (static_cast<double>(used) <= settings.terminate_fraction * static_cast<double>(limit))
        continue;
      if (!child.reason.empty()) continue;
      child.reason = "its process used " + std::to_string(used >> 20) + " MiB, more than " +
                     std::to_string(static_cast<int>(settings.terminate_fraction * 100)) +
                     " % of its memory limit of " + std::to_string(limit >> 20) +
                     " MiB (distributed.worker.memory.terminate)";
      child.process->send_signal(SIGKILL);
    }
    loop->after(settings.watch_us, [this] { look(); });
  }

  // ---- telling others

  void say(const std::string& text) {
    if (settings.quiet || stopping) return;
    std::string line = "dusk nanny: " + text + "\n";
    (void)!write(STDERR_FILENO, line.data(), line.size());
  }

  void report(const Child& child, const std::string& why) {
    unsaid.push_back(WorkerEnded{child.facts.address, why, last_lines(child.tail)});
    deliver();
  }

  void deliver() {
    if (scheduler) {
      for (WorkerEnded& entry : unsaid) scheduler->send(encode(NodeEntry(std::move(entry))));
      unsaid.clear();
    } else {
      connect();
    }
  }

  void connect() {
    if (connecting || stopping) return;
    connecting = true;
    auto options = net_options("nanny", "nanny", "", settings.tls);
    net::connect(
        loop.loop(), settings.scheduler, options, [this](base::Result<net::ConnectionPtr> made) {
          connecting = false;
          if (!made.ok()) return unsaid.clear();  // nobody is left to be told
          scheduler = std::move(made).value();
          scheduler->start(
              {[](net::Message) {}, [this](const base::Error&) { scheduler = nullptr; }, {}});
          deliver();
        });
  }

  NannySettings settings;
  std::map<ChildNumber, Child> children;  // the loop's thread; facts under the mutex
  ChildNumber last = 0;
  bool letting_go = false;
  bool stopping = false;
  net::ConnectionPtr scheduler;
  bool connecting = false;
  std::vector<WorkerEnded> unsaid;
  std::mutex mutex;
  std::condition_variable changed;
  LoopThread loop;
};

Nanny::Nanny(NannySettings settings) : impl_(std::make_shared<Impl>(std::move(settings))) {
  impl_->loop->post([impl = impl_.get()] { impl->connect(); });
}
Nanny::~Nanny() = default;

ChildNumber Nanny::start(ChildSettings settings) {
  ChildNumber number = 0;
  std::unique_ptr<base::Error> failure;
  impl_->loop.call([&] {
    number = ++impl_->last;
    {
      std::lock_guard lock(impl_->mutex);
      Child& child = impl_->children[number];
      child.facts.number = number;
      child.facts.name = settings.name;
      child.settings = std::move(settings);
    }
    try {
      impl_->launch(number);
    } catch (const base::Error& error) {
      std::lock_guard lock(impl_->mutex);
      impl_->children.erase(number);
      failure = std::make_unique<base::Error>(error);
    }
  });
  if (failure) throw *failure;
  return number;
}

bool Nanny::restart(ChildNumber number, const std::string& reason) {
  bool done = false;
  impl_->loop.call([&] { done = impl_->restart(number, reason); });
  return done;
}

void Nanny::stop(ChildNumber number, int64_t grace_us) {
  impl_->loop.call([&] { impl_->stop(number, grace_us); });
}

void Nanny::let_go() {
  impl_->loop.call([&] { impl_->let_go(); });
}

std::vector<ChildFacts> Nanny::children() const {
  std::vector<ChildFacts> all;
  impl_->loop.call([&] {
    for (auto& [number, child] : impl_->children) {
      child.facts.log_tail = last_lines(child.tail);
      all.push_back(child.facts);
    }
  });
  return all;
}

bool Nanny::wait(bool ready, int64_t timeout_us) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->changed.wait_for(lock, std::chrono::microseconds(timeout_us), [&] {
    return std::ranges::all_of(impl_->children, [&](const auto& item) {
      State state = item.second.facts.state;
      return state == State::kEnded || (ready && state == State::kReady);
    });
  });
}

}  // namespace dusk::node
