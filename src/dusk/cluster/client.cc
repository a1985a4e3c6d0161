#include "dusk/cluster/client.h"

#include <map>
#include <utility>

namespace dusk::cluster {
namespace {

class ClientStep {
 public:
  ClientStep(ClientState& state, ClientActions& out) : s_(state), out_(out) {}

  void on(TaskSubmitted& event) {
    SubmitTask& task = event.task;
    if (task.wanted) add(task.number, task.key);
    if (!s_.lost) out_.requests.emplace_back(std::move(task));
  }
  void on(CodeSubmitted& event) {
    if (!s_.lost) out_.requests.emplace_back(std::move(event.code));
  }
  void on(GroupSubmitted&) {
    if (!s_.lost) out_.requests.emplace_back(SubmitEnd{});
  }
  void on(DataScattered& event) {
    add(event.task.number, event.task.key);
    if (!s_.lost) out_.requests.emplace_back(std::move(event.task));
  }
  void on(FuturesMade& event) {
    for (const auto& [number, key] : event.futures) add(number, key);
  }
  void on(FuturesJoined& event) {
    FutureRecord& whole = s_.futures[event.number];
    whole.key = std::move(event.key);
    whole.references = 1;
    whole.joined = true;
    whole.parts = std::move(event.parts);
    await_parts(event.number, whole);
  }
  void on(FutureRetained& event) {
    if (FutureRecord* future = find(event.number)) ++future->references;
  }
  void on(FutureReleased& event) {
    FutureRecord* future = find(event.number);
    if (!future || --future->references > 0) return;
    if (future->joined) return end_whole(event.number, *future);
    bool told = future->status == FutureStatus::kCancelled;
    auto key = s_.by_key.find(future->key);
    if (key != s_.by_key.end() && key->second == event.number) s_.by_key.erase(key);
    drop(future->value);
    s_.futures.erase(event.number);
    if (!s_.lost && !told) out_.requests.emplace_back(ReleaseTask{event.number});
  }
  void on(FutureCancelled& event) {
    FutureRecord* future = find(event.number);
    if (!future || future->status == FutureStatus::kCancelled || s_.lost) return;
    if (future->joined) return cancel_parts(event.number, event.force);
    out_.requests.emplace_back(CancelTask{event.number, event.force});
    settle(event.number, *future, FutureStatus::kCancelled);
  }
  void on(FutureRetried& event) {
    FutureRecord* future = find(event.number);
    if (!future || future->status != FutureStatus::kError || s_.lost) return;
    if (future->joined) return retry_parts(event.number, *future);
    future->fault = nullptr;
    settle(event.number, *future, FutureStatus::kPending);
    out_.requests.emplace_back(RetryTask{event.number});
  }
  void on(ValueWanted& event) {
    FutureRecord* future = find(event.number);
    if (!future) return;
    ++future->value_wants;
    seek(event.number, *future);
  }
  void on(ValueUnwanted& event) {
    FutureRecord* future = find(event.number);
    if (!future || --future->value_wants > 0) return;
    if (future->value && future->nbytes > kKeptMax) drop(future->value);
  }
  void on(NewsCame& event) {
    for (ClientNews& news : event.news) std::visit([&](auto& n) { hear(n); }, news);
  }
  void on(ValuesCame& event) {
    for (auto& [task, value] : event.values) {
      TaskNumber number = end_fetch(task);
      FutureRecord* future = find(number);
      if (!future || future->task != task) {
        drop(value);
        continue;
      }
      drop(std::exchange(future->value, std::move(value)));
      if (future->value_wants > 0) out_.valued.push_back(number);
    }
    for (auto& [task, why] : event.broken) {
      TaskNumber number = end_fetch(task);
      FutureRecord* future = find(number);
      if (!future || future->task != task) continue;
      auto fault = std::make_shared<Fault>();
      fault->kind = base::ErrorKind::kType;
      fault->message = why;
      fault->task = future->key;
      future->fault = std::move(fault);
      settle(number, *future, FutureStatus::kError);
    }
    for (TaskId task : event.gone) missing(task, event.from);
  }
  void on(HolderUnreachable& event) {
    for (TaskId task : event.tasks) missing(task, event.worker);
  }
  void on(SchedulerLost& event) {
    s_.lost = event.reason;
    for (auto& [number, future] : s_.futures) {
      if (future.status == FutureStatus::kPending || !future.value) {
        settle(number, future, FutureStatus::kCancelled);
      }
    }
  }

  void finish() {
    for (auto& [worker, tasks] : fetches_) {
      out_.fetch.push_back({worker, s_.addresses[worker], std::move(tasks)});
    }
  }

 private:
  static constexpr int64_t kKeptMax = 65536;  // bytes of a value that stays for the next caller

  FutureRecord* find(TaskNumber number) {
    auto found = s_.futures.find(number);
    return found == s_.futures.end() ? nullptr : &found->second;
  }
  template <class B>
  void drop(B&& body) {
    if (body) out_.dropped.push_back(std::move(body));
  }
  void add(TaskNumber number, const std::string& key) {
    FutureRecord& future = s_.futures[number];
    future.key = key;
    future.references = 1;
    if (s_.lost) future.status = FutureStatus::kCancelled;
    s_.by_key[key] = number;
  }
  void settle(TaskNumber number, FutureRecord& future, FutureStatus status) {
    future.status = status;
    if (status == FutureStatus::kCancelled) {
      auto key = s_.by_key.find(future.key);
      if (key != s_.by_key.end() && key->second == number) s_.by_key.erase(key);
    }
    out_.changed.push_back(number);
    if (status != FutureStatus::kPending) tell_wholes(number, future);
  }

  // ---- joined futures

  void await_parts(TaskNumber number, FutureRecord& whole) {
    whole.parts_open = 0;
    for (TaskNumber part : whole.parts) {
      FutureRecord* future = find(part);
      FutureStatus status = future ? future->status : FutureStatus::kCancelled;
      if (status == FutureStatus::kFinished) continue;
      if (status != FutureStatus::kPending) {
        if (future) whole.fault = future->fault;
        return settle(number, whole, status);
      }
      ++whole.parts_open;
      s_.wholes[part].push_back(number);
    }
    if (whole.parts_open == 0) settle(number, whole, FutureStatus::kFinished);
  }
  void tell_wholes(TaskNumber number, const FutureRecord& part) {
    auto waiting = s_.wholes.extract(number);
    if (waiting.empty()) return;
    FutureStatus status = part.status;
    FaultPtr fault = part.fault;
    for (TaskNumber whole_number : waiting.mapped()) {
      FutureRecord* whole = find(whole_number);
      if (!whole || whole->status != FutureStatus::kPending) continue;
      if (status == FutureStatus::kFinished) {
        if (--whole->parts_open > 0) continue;
      } else {
        whole->fault = fault;
      }
      settle(whole_number, *whole, status);
    }
  }
  void end_whole(TaskNumber number, FutureRecord& whole) {
    std::vector<TaskNumber> parts = std::move(whole.parts);
    s_.futures.erase(number);
    for (TaskNumber part : parts) {
      auto waiting = s_.wholes.find(part);
      if (waiting != s_.wholes.end() && std::erase(waiting->second, number) > 0 &&
          waiting->second.empty()) {
        s_.wholes.erase(waiting);
      }
      FutureReleased released{part};
      on(released);
    }
  }
  void cancel_parts(TaskNumber number, bool force) {
    std::vector<TaskNumber> parts = find(number)->parts;
    for (TaskNumber part : parts) {
      FutureCancelled cancelled{part, force};
      on(cancelled);
    }
    FutureRecord& whole = *find(number);
    if (whole.status != FutureStatus::kCancelled) settle(number, whole, FutureStatus::kCancelled);
  }
  void retry_parts(TaskNumber number, FutureRecord& whole) {
    std::vector<TaskNumber> parts = whole.parts;
    for (TaskNumber part : parts) {
      FutureRetried retried{part};
      on(retried);
    }
    whole.fault = nullptr;
    settle(number, whole, FutureStatus::kPending);
    await_parts(number, whole);
  }
  // Gets the value, if somebody waits for it and it can be had.
  void seek(TaskNumber number, FutureRecord& future) {
    if (future.value_wants == 0 || future.status != FutureStatus::kFinished) return;
    if (future.joined) return;
    if (future.value) {
      out_.valued.push_back(number);
    } else if (!future.fetching) {
      future.fetching = true;
      s_.by_task[future.task] = number;
      fetches_[future.holder].push_back(future.task);
    }
  }
  TaskNumber end_fetch(TaskId task) {
    auto found = s_.by_task.find(task);
    if (found == s_.by_task.end()) return 0;
    TaskNumber number = found->second;
    s_.by_task.erase(found);
    if (FutureRecord* future = find(number)) future->fetching = false;
    return number;
  }
  void missing(TaskId task, WorkerId holder) {
    TaskNumber number = end_fetch(task);
    FutureRecord* future = find(number);
    if (!future || future->status != FutureStatus::kFinished || s_.lost) return;
    if (future->task != task) return seek(number, *future);
    // News of another holder, or of a new computation, follow.
    future->status = FutureStatus::kPending;
    out_.requests.emplace_back(MissingTask{number, holder});
  }

  void hear(HolderAddress& news) { s_.addresses[news.worker] = std::move(news.address); }
  void hear(TaskFinished& news) {
    FutureRecord* future = find(news.number);
    if (!future || future->status == FutureStatus::kCancelled) return drop(news.value);
    future->task = news.task;
    future->nbytes = news.nbytes;
    future->holder = news.holder;
    if (news.value) drop(std::exchange(future->value, std::move(news.value)));
    settle(news.number, *future, FutureStatus::kFinished);
    seek(news.number, *future);
  }
  void hear(TaskFailed& news) {
    FutureRecord* future = find(news.number);
    if (!future || future->status == FutureStatus::kCancelled) return;
    future->fault = std::move(news.fault);
    settle(news.number, *future, FutureStatus::kError);
  }
  void hear(TaskCancelled& news) {
    FutureRecord* future = find(news.number);
    if (future && future->status != FutureStatus::kCancelled) {
      settle(news.number, *future, FutureStatus::kCancelled);
    }
  }
  void hear(TaskLost& news) {
    FutureRecord* future = find(news.number);
    if (!future || future->value || future->status == FutureStatus::kCancelled) return;
    settle(news.number, *future, FutureStatus::kPending);
  }
  void hear(WorkerRetired& news) { out_.retired.push_back(news.worker); }
  void hear(ClusterRestarted&) { out_.restarted = true; }

  ClientState& s_;
  ClientActions& out_;
  std::map<WorkerId, std::vector<TaskId>> fetches_;
};

}  // namespace

std::string_view to_string(FutureStatus status) {
  switch (status) {
    case FutureStatus::kPending: return "pending";
    case FutureStatus::kFinished: return "finished";
    case FutureStatus::kError: return "error";
    case FutureStatus::kCancelled: return "cancelled";
    case FutureStatus::kLost: return "lost";
  }
  return "unknown";
}

void step(ClientState& state, ClientEvent event, ClientActions& out) {
  ClientStep step(state, out);
  std::visit([&](auto& e) { step.on(e); }, event);
  step.finish();
}

}  // namespace dusk::cluster
