#include "dusk/net/loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <map>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dusk/base/check.h"
#include "dusk/base/clock.h"
#include "dusk/net/mailbox.h"
#include "dusk/net/patience.h"
#include "dusk/net/system_error.h"

namespace dusk::net {
namespace {

constexpr size_t kScratchBytes = size_t{256} << 10;

int64_t now_us() { return base::now_ns() / 1000; }

// A descriptor's number comes back after close(); its generation does not, so that an event for
// the one before is not taken for one of its successor.
struct Watch {
  std::shared_ptr<Watcher> watcher;
  uint32_t events = 0;
  uint32_t generation = 0;
};

}  // namespace

struct Loop::State {
  int epoll = -1;
  std::atomic<std::thread::id> thread;
  std::vector<Watch> watches;  // by descriptor
  uint32_t generation = 0;
  std::unordered_map<Watcher*, std::shared_ptr<Watcher>> kept;
  std::map<std::pair<int64_t, TimerId>, std::function<void()>> timers;  // by time due
  std::unordered_map<TimerId, int64_t> due;
  TimerId last_timer = 0;
  std::vector<std::function<void()>> posted;
  std::vector<std::function<void()>> tick_end;
  std::vector<std::function<void()>> ending;
  std::unique_ptr<std::byte[]> scratch = std::make_unique_for_overwrite<std::byte[]>(kScratchBytes);

  // Microseconds until the next timer; -1 without any.
  int64_t until_timer(int64_t now) const;
  void fire_timers(int64_t now);
  void tell(const epoll_event& event);
  void end_tick();
};

int64_t Loop::State::until_timer(int64_t now) const {
  if (timers.empty()) return -1;
  return std::max<int64_t>(0, timers.begin()->first.first - now);
}

void Loop::State::fire_timers(int64_t now) {
  while (!timers.empty() && timers.begin()->first.first <= now) {
    auto timer = timers.extract(timers.begin());
    due.erase(timer.key().second);
    timer.mapped()();
  }
}

void Loop::State::tell(const epoll_event& event) {
  auto descriptor = static_cast<size_t>(event.data.u64 & 0xFFFFFFFF);
  auto generation = static_cast<uint32_t>(event.data.u64 >> 32);
  if (descriptor >= watches.size()) return;
  const Watch& watch = watches[descriptor];
  if (!watch.watcher || watch.generation != generation) return;
  std::shared_ptr<Watcher> watcher = watch.watcher;  // it may end its watch
  watcher->on_ready(event.events);
}

// What is added meanwhile waits for the end of the next tick, which comes at once.
void Loop::State::end_tick() {
  ending.swap(tick_end);
  for (auto& function : ending) function();
  ending.clear();
}

Loop::Loop() : mailbox_(std::make_shared<Mailbox>()), state_(std::make_unique<State>()) {
  state_->epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = 0xFFFFFFFF;  // no descriptor: tell() passes over it
  if (state_->epoll < 0 ||
      epoll_ctl(state_->epoll, EPOLL_CTL_ADD, mailbox_->descriptor(), &event) != 0) {
    base::Error error = system_error("[loop] no descriptor to wait with");
    if (state_->epoll >= 0) ::close(state_->epoll);
    throw error;
  }
}

Loop::~Loop() {
  DUSK_CHECK(state_->thread.load() == std::thread::id(), "a loop goes while it runs");
  mailbox_->close();
  std::vector<Watch> watches = std::move(state_->watches);
  state_->watches.clear();
  for (Watch& watch : watches) {
    if (watch.watcher) watch.watcher->on_loop_gone();
  }
  auto kept = std::move(state_->kept);
  state_->kept.clear();
  for (auto& [watcher, owner] : kept) watcher->on_loop_gone();
  ::close(state_->epoll);
}

void Loop::run() {
  DUSK_CHECK(state_->thread.load() == std::thread::id(), "a loop runs on one thread at a time");
  enter();
  struct Leave {
    Loop& loop;
    ~Leave() { loop.leave(); }
  } at_end{*this};
  Patience patience;
  std::array<epoll_event, kEventsAtOnce> events;
  while (!mailbox_->take_stop()) {
    int count = busy() ? wait_for_events(state_->epoll, events, 0)
                       : patience.wait(
                             state_->epoll, events, [&] { return mailbox_->has_mail(); },
                             [&] { return state_->until_timer(now_us()); },
                             [&](bool sleeps) {
                               if (sleeps) return mailbox_->prepare_to_wait();
                               mailbox_->woken();
                               return true;
                             });
    dispatch(std::span(events).first(static_cast<size_t>(count)));
  }
}

void Loop::enter() { state_->thread = std::this_thread::get_id(); }
void Loop::leave() { state_->thread = std::thread::id(); }

bool Loop::busy() const { return !state_->tick_end.empty() || mailbox_->has_mail(); }

int64_t Loop::until_timer() const { return state_->until_timer(now_us()); }

int Loop::descriptor() const { return state_->epoll; }

void Loop::tick(bool look_at_sockets) {
  std::array<epoll_event, kEventsAtOnce> events;
  int count = look_at_sockets ? wait_for_events(state_->epoll, events, 0) : 0;
  dispatch(std::span(events).first(static_cast<size_t>(count)));
}

void Loop::dispatch(std::span<const epoll_event> events) {
  state_->fire_timers(now());
  for (const epoll_event& event : events) state_->tell(event);
  mailbox_->take(state_->posted);
  for (auto& function : state_->posted) function();
  state_->posted.clear();
  state_->end_tick();
}

void Loop::stop() { mailbox_->stop(); }

void Loop::post(std::function<void()> function) { mailbox_->post(std::move(function)); }

Loop::TimerId Loop::after(int64_t microseconds, std::function<void()> function) {
  TimerId id = ++state_->last_timer;
  int64_t due = now() + std::max<int64_t>(0, microseconds);
  state_->timers.emplace(std::pair(due, id), std::move(function));
  state_->due.emplace(id, due);
  return id;
}

void Loop::cancel(TimerId timer) {
  auto found = state_->due.find(timer);
  if (found == state_->due.end()) return;
  auto dropped = state_->timers.extract({found->second, timer});
  state_->due.erase(found);
}

int64_t Loop::now() const { return now_us(); }

bool Loop::in_loop() const { return state_->thread.load() == std::this_thread::get_id(); }

void Loop::at_tick_end(std::function<void()> function) {
  state_->tick_end.push_back(std::move(function));
}

void Loop::watch(int descriptor, uint32_t events, std::shared_ptr<Watcher> watcher) {
  auto index = static_cast<size_t>(descriptor);
  if (index >= state_->watches.size()) state_->watches.resize(index + 1);
  Watch& watch = state_->watches[index];
  bool known = watch.watcher != nullptr;
  if (!known) watch.generation = ++state_->generation;
  if (known && watch.events == events) return;
  watch.events = events;
  watch.watcher = std::move(watcher);
  epoll_event event{};
  event.events = events;
  event.data.u64 = uint64_t{watch.generation} << 32 | static_cast<uint32_t>(descriptor);
  int done = epoll_ctl(state_->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event);
  DUSK_CHECK(done == 0, "epoll refuses descriptor " + std::to_string(descriptor));
}

void Loop::unwatch(int descriptor) {
  auto index = static_cast<size_t>(descriptor);
  if (index >= state_->watches.size() || !state_->watches[index].watcher) return;
  std::shared_ptr<Watcher> watcher = std::move(state_->watches[index].watcher);
  state_->watches[index].watcher = nullptr;
  epoll_ctl(state_->epoll, EPOLL_CTL_DEL, descriptor, nullptr);
}

void Loop::keep(std::shared_ptr<Watcher> watcher) {
  Watcher* key = watcher.get();
  state_->kept.emplace(key, std::move(watcher));
}

void Loop::forget(Watcher* watcher) { auto owner = state_->kept.extract(watcher); }

std::span<std::byte> Loop::scratch() { return {state_->scratch.get(), kScratchBytes}; }

}  // namespace dusk::net
