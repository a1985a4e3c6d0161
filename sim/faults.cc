// What befalls workers and their connections.
#include "sim/workload.h"

namespace dusk::sim {
namespace {

Op make_fault(OpKind kind, Random& random, uint32_t slots) {
  Op op{random.between(1000, kPlanTime), kind, random.below(slots), 0, 0};
  switch (kind) {
    case OpKind::kKill: op.amount = random.one_in(5) ? 0 : random.between(1000, 300'000); break;
    case OpKind::kCut: op.what = random.below(2); break;
    case OpKind::kCutPeers: op.what = random.below(slots); break;
    case OpKind::kFreeze: op.amount = random.between(1000, 5 * kSecond); break;
    case OpKind::kPause:
    case OpKind::kFillDisk: op.amount = random.between(1000, 2 * kSecond); break;
    case OpKind::kPartition:
      op.what = 1 + random.below(slots);
      op.amount = random.between(1000, 3 * kSecond) * (random.one_in(2) ? -1 : 1);
      break;
    case OpKind::kFull:
      op.what = random.one_in(2) ? 1 : slots;
      op.who = op.what == 1 ? op.who : 0;
      op.amount = random.between(1000, 3 * kSecond);
      if (random.one_in(2)) op.amount = -op.amount;
      break;
    case OpKind::kDamage: op.what = 1 + random.below(3); break;
    case OpKind::kSlow: op.amount = random.one_in(2) ? 10 : random.between(200, 5000); break;
    case OpKind::kSkew: op.amount = random.one_in(3) ? 0 : random.between(1, 100'000); break;
    default: break;
  }
  return op;
}

}  // namespace

void add_faults(Plan& plan, Random& random, uint32_t slots) {
  static constexpr OpKind kAll[] = {OpKind::kKill,   OpKind::kCut,      OpKind::kCutPeers,
                                    OpKind::kFreeze, OpKind::kPause,    OpKind::kPartition,
                                    OpKind::kSlow,   OpKind::kFillDisk, OpKind::kFull,
                                    OpKind::kDamage, OpKind::kSkew};
  if (random.one_in(6)) return;
  bool one_kind = random.one_in(3);
  OpKind kind = kAll[random.below(std::size(kAll))];
  for (uint32_t n = 1 + random.below(one_kind ? 12 : 20); n > 0; --n) {
    if (!one_kind) kind = kAll[random.below(std::size(kAll))];
    plan.ops.push_back(make_fault(kind, random, slots));
  }
}

}  // namespace dusk::sim
