#include "sim/shrink.h"

#include <algorithm>

namespace dusk::sim {
namespace {

class Shrinker {
 public:
  Shrinker(Plan plan, const std::function<bool(const Plan&)>& fails, int tries)
      : best_(std::move(plan)), fails_(fails), tries_(tries) {}

  Plan run() {
    size_t before;
    do {
      before = weight();
      drop_ops();
      drop_inputs();
      simplify_tasks();
      simplify_config();
    } while (weight() < before && tries_ > 0);
    drop_unused_tasks();
    return best_;
  }

 private:
  size_t weight() const {
    size_t sum = best_.ops.size();
    for (const TaskSpec& task : best_.tasks) sum += task.inputs.size();
    return sum;
  }

  bool accept(Plan plan) {
    if (tries_ <= 0) return false;
    --tries_;
    if (!fails_(plan)) return false;
    best_ = std::move(plan);
    return true;
  }

  // Runs of operations go, long ones first.
  void drop_ops() {
    for (size_t length = std::max<size_t>(best_.ops.size() / 2, 1); length > 0; length /= 2) {
      for (size_t at = 0; at < best_.ops.size();) {
        Plan plan = best_;
        auto begin = plan.ops.begin() + static_cast<std::ptrdiff_t>(at);
        auto end = begin + static_cast<std::ptrdiff_t>(std::min(length, plan.ops.size() - at));
        plan.ops.erase(begin, end);
        if (!accept(std::move(plan))) at += length;
      }
    }
  }

  void drop_inputs() {
    for (size_t i = best_.tasks.size(); i-- > 0;) {
      if (best_.tasks[i].inputs.empty()) continue;
      Plan none = best_;
      none.tasks[i].inputs.clear();
      if (accept(std::move(none))) continue;
      for (size_t n = best_.tasks[i].inputs.size(); best_.tasks[i].inputs.size() > 1 && n-- > 0;) {
        Plan fewer = best_;
        auto& inputs = fewer.tasks[i].inputs;
        inputs.erase(inputs.begin() + static_cast<std::ptrdiff_t>(n));
        accept(std::move(fewer));
      }
    }
  }

  void simplify_tasks() {
    for (size_t i = 0; i < best_.tasks.size(); ++i) {
      Plan plan = best_;
      TaskSpec plain;
      plain.inputs = plan.tasks[i].inputs;
      plain.duration = plan.tasks[i].duration;
      plan.tasks[i] = plain;
      if (to_text(plan) != to_text(best_)) accept(std::move(plan));
    }
  }

  void simplify_config() {
    Plan plan = best_;
    plan.config = Config{};
    plan.config.seed = best_.config.seed;
    if (to_text(plan) != to_text(best_)) accept(std::move(plan));
  }

  // Tasks that nothing names keep their places, as plain ones: places are what names go by. The
  // ones at the end go.
  void drop_unused_tasks() {
    std::vector<bool> used(best_.tasks.size());
    for (const Op& op : best_.ops) {
      if (op.kind >= OpKind::kSubmit && op.what < used.size()) used[op.what] = true;
    }
    for (size_t i = used.size(); i-- > 0;) {
      if (!used[i]) continue;
      for (uint32_t input : best_.tasks[i].inputs) used[input] = true;
    }
    Plan plan = best_;
    for (size_t i = 0; i < used.size(); ++i) {
      if (!used[i]) plan.tasks[i] = TaskSpec{};
    }
    while (!plan.tasks.empty() && !used[plan.tasks.size() - 1]) plan.tasks.pop_back();
    tries_ = 1;
    accept(std::move(plan));
  }

  Plan best_;
  const std::function<bool(const Plan&)>& fails_;
  int tries_;
};

}  // namespace

std::string kind_of(const std::string& failure) {
  std::string kind;
  for (char c : failure) {
    if (kind.size() >= 60) break;
    if (c < '0' || c > '9') kind += c;
  }
  return kind;
}

Plan shrink(Plan plan, const std::function<bool(const Plan&)>& fails, int tries_max) {
  return Shrinker(std::move(plan), fails, tries_max).run();
}

}  // namespace dusk::sim
