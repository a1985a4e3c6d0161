#include "sim/workload.h"

#include <algorithm>

namespace dusk::sim {
namespace {

constexpr uint32_t kInputsMax = 4;

// What some worlds have and others not, so that each is met alone and together with others.
struct Traits {
  explicit Traits(Random& random)
      : failing(random.one_in(2)),
        poison(random.one_in(4)),
        resources(random.one_in(3)),
        restricted(random.one_in(3)),
        long_running(random.one_in(3)),
        rescheduling(random.one_in(4)),
        unsendable(random.one_in(6)),
        large(random.one_in(5)),
        priorities(random.one_in(3)),
        foreign(random.one_in(5)),
        duration(random.one_in(4)   ? 100'000
                 : random.one_in(3) ? 100
                                    : 5000) {}
  bool failing, poison, resources, restricted, long_running, rescheduling, unsendable, large,
      priorities, foreign;
  int64_t duration;
};

int64_t some_or_all(Random& random) { return random.one_in(5) ? -1 : random.between(1, 3); }

void add_inputs(TaskSpec& task, Random& random, uint32_t self) {
  if (self == 0 || random.one_in(4)) return;
  uint32_t reach = random.one_in(5) ? self : std::min(self, 12u);
  for (uint32_t n = 1 + random.below(kInputsMax); n > 0; --n) {
    uint32_t input = self - 1 - random.below(reach);
    if (std::find(task.inputs.begin(), task.inputs.end(), input) == task.inputs.end()) {
      task.inputs.push_back(input);
    }
  }
}

TaskSpec make_task(const Traits& traits, Random& random, uint32_t self, uint32_t slots) {
  TaskSpec task;
  add_inputs(task, random, self);
  task.duration = random.between(1, traits.duration);
  task.nbytes = random.one_in(8) ? random.between(1, 1 << 24) : random.between(1, 5000);
  task.retries = random.one_in(3) ? random.between(1, 4) : 0;
  if (traits.failing && random.one_in(12)) task.failures = some_or_all(random);
  if (traits.poison && random.one_in(25)) task.kills = some_or_all(random);
  if (traits.resources && random.one_in(6)) task.gpus = random.between(1, 2);
  if (traits.restricted && task.gpus == 0 && random.one_in(8)) {
    task.only = random.below(slots);
    task.others = random.one_in(2);
  }
  if (traits.long_running && random.one_in(10)) task.secedes = random.between(1, 2);
  if (traits.rescheduling && random.one_in(10)) task.reschedules = random.between(1, 3);
  if (traits.unsendable && random.one_in(20)) task.unsendable = 1;
  if (traits.large && random.one_in(20)) task.nbytes = int64_t{1} << 40;
  if (traits.priorities) task.priority = random.between(-1, 1);
  if (traits.foreign && random.one_in(4)) task.foreign = 1;
  return task;
}

OpKind user_op(Random& random) {
  static constexpr OpKind kOften[] = {OpKind::kSubmit,  OpKind::kSubmit, OpKind::kSubmit,
                                      OpKind::kSubmit,  OpKind::kSubmit, OpKind::kRelease,
                                      OpKind::kRelease, OpKind::kGather, OpKind::kGather};
  static constexpr OpKind kSeldom[] = {OpKind::kCancel,    OpKind::kRetry,     OpKind::kScatter,
                                       OpKind::kScatter,   OpKind::kWhole,     OpKind::kReplicate,
                                       OpKind::kReplicate, OpKind::kRebalance, OpKind::kRetire};
  if (random.one_in(60)) return random.one_in(3) ? OpKind::kRestart : OpKind::kLeave;
  return random.one_in(3) ? kSeldom[random.below(std::size(kSeldom))]
                          : kOften[random.below(std::size(kOften))];
}

}  // namespace

void add_users(Plan& plan, Random& random, uint32_t slots) {
  auto tasks = static_cast<uint32_t>(plan.tasks.size());
  uint32_t clients = 1 + random.below(3);
  for (uint32_t i = 0; i < clients; ++i) {
    plan.ops.push_back({random.between(0, 1000), OpKind::kConnect, i, 0, 0});
  }
  auto count = static_cast<uint32_t>(10 + random.below(60));
  for (uint32_t n = 0; n < count; ++n) {
    Op op{random.between(1000, kPlanTime), user_op(random), random.below(clients), 0, 0};
    op.what = random.below(tasks);
    if (op.kind == OpKind::kSubmit) op.amount = random.one_in(2);
    if (op.kind == OpKind::kCancel) op.amount = random.one_in(6);
    if (op.kind == OpKind::kScatter) op.amount = random.between(1, 2);
    if (op.kind == OpKind::kWhole) op.amount = random.between(0, 5);
    if (op.kind == OpKind::kReplicate) op.amount = random.between(0, 3);
    if (op.kind == OpKind::kRetire) op.what = random.below(slots);
    plan.ops.push_back(op);
    if (op.kind == OpKind::kLeave) {
      plan.ops.push_back({op.at + random.between(1, 100'000), OpKind::kConnect, op.who, 0, 0});
    }
  }
}

Plan make_plan(uint64_t seed, const PlanOptions& options) {
  Random random(seed);
  Plan plan;
  Config& config = plan.config;
  config.seed = seed;
  config.delay = random.one_in(3) ? 20'000 : random.one_in(2) ? 50 : 1000;
  config.spike = random.one_in(4) ? 200'000 : 0;
  config.allowed_failures = random.between(0, 3);
  config.worker_ttl = random.one_in(3) ? 2 * kSecond : 300 * kSecond;
  config.saturation = random.one_in(4) ? 1'000'000 : 110;
  config.prefill_max = random.one_in(3) ? 2 : 1024;
  config.inline_max = random.one_in(2) ? 4096 : 0;
  config.fetch_batch = random.one_in(3) ? 1000 : config.fetch_batch;
  config.fetches_max = random.between(1, 4);
  uint32_t slots = options.workers ? options.workers : 1 + random.below(8);
  uint32_t tasks = options.tasks ? options.tasks : 2 + random.below(random.one_in(6) ? 200 : 40);
  config.validate_every = std::max<int64_t>(1, (slots + tasks) / 400);
  Traits traits(random);
  for (uint32_t i = 0; i < tasks; ++i) {
    plan.tasks.push_back(make_task(traits, random, i, slots));
  }
  for (uint32_t i = 0; i < slots; ++i) {
    int64_t gpus = random.one_in(2) ? 2 : 0;
    plan.ops.push_back({random.one_in(5) ? random.between(0, kPlanTime) : random.between(0, 1000),
                        OpKind::kStart, i, 1 + random.below(3), gpus});
  }
  add_users(plan, random, slots);
  if (options.faults) add_faults(plan, random, slots);
  std::stable_sort(plan.ops.begin(), plan.ops.end(),
                   [](const Op& a, const Op& b) { return a.at < b.at; });
  return plan;
}

}  // namespace dusk::sim
