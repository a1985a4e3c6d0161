#include "sim/worker_node.h"

#include "sim/random.h"
#include "sim/scheduler_node.h"
#include "sim/world.h"

namespace dusk::sim {

using namespace cluster;

namespace {

constexpr Time kBeat = kSecond / 2;
constexpr Time kPatience = kSecond;    // with values that are about to be adopted
constexpr Time kRead = 300;            // until it is known that a value cannot be read
constexpr int64_t kFitsAlways = 2500;  // bytes of a result that need no room of their own

WorkerOptions worker_options(const Config& config, int32_t threads, int64_t gpus) {
  WorkerOptions options;
  options.threads = threads;
  options.fetches_max = static_cast<int32_t>(config.fetches_max);
  options.fetch_batch = config.fetch_batch;
  if (gpus > 0) options.resources["GPU"] = static_cast<double>(gpus);
  return options;
}

}  // namespace

WorkerNode::WorkerNode(World& world, uint32_t slot, uint32_t incarnation, int32_t threads,
                       int64_t gpus)
    : world_(world),
      slot_(slot),
      threads_(threads),
      gpus_(gpus),
      node_(world.network.add_node()),
      address_("w" + std::to_string(slot) + "." + std::to_string(incarnation)),
      state_(worker_options(world.plan.config, threads, gpus)),
      courier_(world, node_) {
  world_.network.after(node_, kBeat, [this] { beat(); });
}

bool WorkerNode::alive() const { return world_.network.alive(node_); }

void WorkerNode::join(Holds holds) {
  WorkerJoined joined;
  joined.info.address = address_;
  joined.info.name = "w" + std::to_string(slot_);
  joined.info.threads = threads_;
  if (gpus_ > 0) joined.info.resources["GPU"] = static_cast<double>(gpus_);
  for (auto& [key, value] : holds) {
    joined.holds.emplace_back(key, value.nbytes);
    put(key, value);
  }
  scheduler_ = world_.scheduler->accept(*this, std::move(joined));
}

void WorkerNode::beat() {
  world_.network.after(node_, kBeat, [this] { beat(); });
  if (scheduler_) world_.scheduler->from_worker(scheduler_, node_, Heartbeat{});
}

// ---- its end

void WorkerNode::die(bool lose_words) {
  if (!alive()) return;
  ++world_.stats.deaths;
  world_.network.end(node_, lose_words);
}

void WorkerNode::finish(const std::string&) {
  flush();
  world_.network.end(node_, false);
  world_.worker_ended(*this);
}

void WorkerNode::scheduler_closed() {
  scheduler_ = nullptr;
  world_.network.end(node_, false);
  world_.worker_ended(*this);
}

// The connection to the scheduler breaks. One that comes back has its results by their keys.
void WorkerNode::cut_connection(bool come_back) {
  if (!alive() || !scheduler_) return;
  if (!come_back || world_.network.frozen(node_)) return world_.network.cut(scheduler_);
  ++world_.abandoned;
  world_.network.cut(scheduler_);
  world_.network.close(scheduler_, node_);
  scheduler_ = nullptr;
  Holds holds;
  for (auto& [task, value] : store_) {
    auto key = keys_.find(task);
    if (key != keys_.end() && !value.broken) holds[key->second] = value;
  }
  for (auto& [key, value] : named_) holds[key] = value;
  state_ = WorkerState(worker_options(world_.plan.config, threads_, gpus_));
  paused_since_.reset();
  for (auto& [id, address] : peers_) courier_.drop(address);
  store_.clear();
  named_.clear();
  keys_.clear();
  running_.clear();
  codes_.clear();
  peers_.clear();
  reports_.clear();
  ++life_;
  for (Waiting& asked : std::exchange(waiting_, {})) serve(asked.tasks, asked.answer);
  join(std::move(holds));
}

// ---- the machine

void WorkerNode::obey(std::vector<WorkerOrder> orders) {
  for (const WorkerOrder& order : orders) world_.trace.add(world_.now(), state_.self, order);
  apply(OrdersCame{std::move(orders)});
  if (!alive()) return;
  for (Waiting& asked : std::exchange(waiting_, {})) serve(asked.tasks, asked.answer);
}

void WorkerNode::apply(WorkerEvent event) {
  if (!alive() || world_.checker.failed()) return;
  WorkerActions out;
  if (world_.mutator) world_.mutator->before(state_, event);
  step(state_, std::move(event), out);
  if (world_.mutator) world_.mutator->after(state_, out);
  validate(state_);
  perform(out);
}

void WorkerNode::perform(WorkerActions& out) {
  for (DefineCode& code : out.define) codes_.insert(code.code);
  for (const Adopt& adopt : out.adopt) {
    auto named = named_.extract(adopt.key);
    if (named.empty()) {
      world_.checker.fail(address_ + " adopts what it does not have: " + adopt.key);
      return;
    }
    store_[adopt.task] = named.mapped();
    keys_[adopt.task] = adopt.key;
  }
  for (StartRun& run : out.start) start(std::move(run.order));
  for (TaskId task : out.drop) {
    if (store_.erase(task)) freed_at_ = world_.now();
    keys_.erase(task);
  }
  for (CodeId code : out.drop_codes) codes_.erase(code);
  for (const RunName& name : out.cancel) {
    auto found = running_.find(name);
    if (found == running_.end()) continue;
    found->second.cancelled = true;
    if (world_.chance("stop", name.task.packed(), name.attempt, 2)) {
      world_.network.after(node_, 10, [this, name, life = life_] {
        if (life == life_) end_run(name);
      });
    }
  }
  for (const RunName& name : out.resume) {
    auto found = running_.find(name);
    if (found == running_.end()) continue;
    found->second.on_thread = true;
    world_.network.after(node_, found->second.rest, [this, name, life = life_] {
      if (life == life_) end_run(name);
    });
  }
  std::move(out.reports.begin(), out.reports.end(), std::back_inserter(reports_));
  for (const Fetch& wanted : out.fetch) fetch(wanted);
  for (WorkerId peer : out.drop_peers) {
    auto known = peers_.extract(peer);
    if (!known.empty()) courier_.drop(known.mapped());
  }
  check();
  if (!reports_.empty()) report_soon();
  if (out.close) finish(*out.close);
}

// What the worker promises: values are where the machine says, threads and resources suffice.
void WorkerNode::check() {
  size_t held = 0;
  for (const auto& [task, datum] : state_.data) {
    if (datum.state != Datum::State::kHeld) continue;
    ++held;
    if (!store_.count(task)) world_.checker.fail(address_ + " says it has what it has not");
  }
  if (held != store_.size()) world_.checker.fail(address_ + " keeps values that it does not know");
  int32_t busy = 0;
  int64_t gpus = 0;
  for (const auto& [name, run] : running_) {
    busy += run.on_thread;
    gpus += world_.plan.tasks[run.task].gpus;
  }
  if (busy > threads_) world_.checker.fail(address_ + " runs more tasks than it has threads");
  if (gpus > gpus_) world_.checker.fail(address_ + " gives away more GPUs than it has");
}

// ---- runs

void WorkerNode::start(RunTask order) {
  RunName name{order.task, order.attempt};
  Execution run;
  run.task = task_of_key(order.key);
  run.began = world_.now();
  const TaskSpec& spec = world_.plan.tasks[run.task];
  if (state_.paused) world_.checker.fail(address_ + " starts a task while its memory is full");
  if (!codes_.count(order.code)) world_.checker.fail(order.key + " runs without its code");
  if (order.inputs.size() != spec.inputs.size()) world_.checker.fail(order.key + " lacks inputs");
  for (const Input& input : order.inputs) {
    auto found = store_.find(input.task);
    if (found == store_.end()) return world_.checker.fail(order.key + " runs without an input");
    run.inputs.push_back(found->second.number);
    run.broken |= found->second.broken;
    if (found->second.damaged) run.lost.push_back(input.task);
  }
  run.fate = fate(run);
  run.order = std::move(order);
  auto& here = running_[name] = std::move(run);
  live(name, here);
}

// A run that cannot read its inputs does not come to execute its task.
WorkerNode::Execution::Fate WorkerNode::fate(const Execution& run) {
  using enum Execution::Fate;
  if (!run.lost.empty()) return kLose;
  const TaskSpec& spec = world_.plan.tasks[run.task];
  if (spec.foreign && !knows_foreign(slot_)) return kUnable;
  uint64_t count = world_.executions[run.task]++;
  ++world_.stats.executions;
  auto among = [&](int64_t n) { return n < 0 || count < static_cast<uint64_t>(n); };
  if (among(spec.kills)) return kDie;
  if (among(spec.reschedules)) return kReschedule;
  return among(spec.failures) ? kRaise : kResult;
}

void WorkerNode::live(RunName name, Execution& run) {
  const TaskSpec& spec = world_.plan.tasks[run.task];
  Time duration = std::max<Time>(spec.duration * world_.slots[slot_].slow / 100, 1);
  auto later = [&](Time delay, auto then) {
    world_.network.after(node_, delay, [this, name, then, life = life_] {
      if (life == life_ && running_.count(name)) then(this, name);
    });
  };
  if (run.fate == Execution::Fate::kDie) {
    return later(duration / 2, [](WorkerNode* self, RunName) { self->world_.poisoned(*self); });
  }
  if (run.fate == Execution::Fate::kLose || run.fate == Execution::Fate::kUnable) {
    return later(std::min(duration, kRead), [](WorkerNode* self, RunName n) { self->end_run(n); });
  }
  if (spec.secedes > 0) {
    later(duration / 3, [](WorkerNode* self, RunName n) {
      self->running_.at(n).on_thread = false;
      self->apply(RunLeftThread{n.task, n.attempt});
    });
  }
  if (spec.secedes > 1) {
    run.rest = duration / 3;
    later(2 * (duration / 3) + 1, [](WorkerNode* self, RunName n) {
      self->apply(RunWantsBack{n.task, n.attempt});
    });
    return;  // goes on when the machine gives it a thread
  }
  later(duration, [](WorkerNode* self, RunName n) { self->end_run(n); });
}

void WorkerNode::fail(RunEnded& ended, const Execution& run, const std::string& why,
                      base::ErrorKind kind, FaultCause cause) {
  auto fault = std::make_shared<Fault>();
  fault->cause = cause;
  fault->kind = kind;
  fault->message = why;
  fault->task = run.order.key;
  fault->worker = address_;
  ended.fault = std::move(fault);
}

RunEnded WorkerNode::outcome(const RunName& name, const Execution& run) {
  const TaskSpec& spec = world_.plan.tasks[run.task];
  RunEnded ended;
  ended.task = name.task;
  ended.attempt = name.attempt;
  ended.duration_us = (world_.now() - run.began) * world_.slots[slot_].skew / 100;
  if (run.fate == Execution::Fate::kUnable) {
    fail(ended, run, "it has no such language", base::ErrorKind::kRuntime, FaultCause::kUnable);
  } else if (run.cancelled && world_.now() - run.began < spec.duration) {
    fail(ended, run, "it was told to stop");
  } else if (run.broken) {
    fail(ended, run, "an input of it could not be serialised");
  } else if (run.fate == Execution::Fate::kRaise) {
    fail(ended, run, "it raises");
  } else if (run.fate == Execution::Fate::kReschedule || run.fate == Execution::Fate::kLose) {
    ended.reschedule = true;
  } else if (spec.nbytes > world_.plan.config.memory_limit) {
    fail(ended, run, "its result is too large for this worker");
  } else if (spec.nbytes > kFitsAlways && wedged()) {
    fail(ended, run, "there is no room for its result", base::ErrorKind::kMemory);
  } else if (world_.slots[slot_].disks_full > 0) {
    fail(ended, run, "its result cannot be kept: the disk is full");
  } else {
    ended.nbytes = spec.nbytes;
  }
  return ended;
}

void WorkerNode::end_run(RunName name) {
  auto found = running_.find(name);
  if (found == running_.end()) return;
  Execution run = std::move(found->second);
  running_.erase(found);
  RunEnded ended = outcome(name, run);
  for (TaskId task : run.lost) lose(task);
  if (!ended.fault && !ended.reschedule) {
    const TaskSpec& spec = world_.plan.tasks[run.task];
    SimValue value{combine(run.task, run.inputs), ended.nbytes, spec.unsendable != 0, false};
    world_.checker.computed(run.task, value.number);
    store_[name.task] = value;
    keys_[name.task] = run.order.key;
    bool small = ended.nbytes <= world_.plan.config.inline_max;
    if (run.order.report_value && small && !value.unsendable) {
      ended.value = world_.body_of(value.number);
    }
  }
  apply(std::move(ended));
}

// ---- values

void WorkerNode::fetch(const Fetch& wanted) {
  std::string address = wanted.address + "/" + std::to_string(wanted.from.value);
  peers_[wanted.from] = address;
  courier_.get(address, wanted.tasks, [this, from = wanted.from, life = life_](const Reply* r) {
    if (life != life_) return;
    if (!r) return apply(FetchFailed{from});
    Fetched fetched{from, {}, r->gone};
    for (const auto& [task, value] : r->values) {
      fetched.values.emplace_back(task, value.nbytes);
      store_[task] = value;
    }
    apply(std::move(fetched));
  });
}

void WorkerNode::serve(const std::vector<TaskId>& tasks, std::function<void(Reply)> answer,
                       bool patient) {
  bool disk = false;
  for (TaskId task : tasks) {
    auto found = store_.find(task);
    if (found == store_.end()) {
      if (patient && !named_.empty() && scheduler_) {
        waiting_.push_back({tasks, std::move(answer)});
        if (std::exchange(waiting_timed_, true)) return;
        world_.network.after(node_, kPatience, [this] {
          waiting_timed_ = false;
          for (Waiting& asked : std::exchange(waiting_, {}))
            serve(asked.tasks, asked.answer, false);
        });
        return;
      }
      continue;
    }
    disk |= found->second.damaged;
  }
  if (!disk) return answer(collect(tasks));
  world_.network.after(node_, kRead, [this, tasks, answer] { answer(collect(tasks)); });
}

Reply WorkerNode::collect(const std::vector<TaskId>& tasks) {
  Reply reply;
  for (TaskId task : tasks) {
    auto found = store_.find(task);
    if (found == store_.end() || found->second.damaged) {
      if (found != store_.end()) lose(task);
      reply.gone.push_back(task);
      continue;
    }
    SimValue copy = found->second;
    copy.broken |= copy.unsendable;
    reply.values.emplace_back(task, copy);
  }
  return reply;
}

void WorkerNode::put(const std::string& key, const SimValue& value) {
  named_[key] = value;
  apply(ValuePut{key, value.nbytes});
}

// ---- reports

void WorkerNode::report_soon() {
  if (flush_on_) return;
  flush_on_ = true;
  auto delay = static_cast<Time>(mix(world_.plan.config.seed, node_, ++flushes_) % 400);
  world_.network.after(node_, delay, [this] { flush(); });
}

void WorkerNode::flush() {
  flush_on_ = false;
  auto reports = std::exchange(reports_, {});
  if (reports.empty() || !scheduler_) return;
  world_.scheduler->from_worker(scheduler_, node_, WorkerReported{{}, std::move(reports)});
}

std::string WorkerNode::leftovers() const {
  std::string text;
  for (const auto& [task, value] : store_) {
    auto key = keys_.find(task);
    text += " value of " + (key == keys_.end() ? std::to_string(task.slot) : key->second);
  }
  // What a client has put here and could not tell the scheduler of stays.
  if (world_.abandoned == 0) {
    for (const auto& [key, value] : named_) text += " unclaimed " + key;
    if (!state_.puts.empty()) text += " puts";
  }
  for (const auto& [name, run] : running_) text += " run of " + run.order.key;
  for (const auto& [task, run] : state_.runs) text += " record of " + run.order.key;
  if (!state_.data.empty()) text += " " + std::to_string(state_.data.size()) + " data";
  if (!state_.cancelled.empty()) text += " cancelled runs";
  return text;
}

}  // namespace dusk::sim
