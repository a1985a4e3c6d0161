#include <algorithm>

#include "dusk/base/check.h"
#include "dusk/graph/fuse.h"

namespace dusk::graph {
namespace {

class FusedOperation : public Operation {
 public:
  explicit FusedOperation(std::vector<FusedStep> steps) : steps_(std::move(steps)) {
    last_use_.assign(steps_.size(), steps_.size());
    for (size_t s = 0; s < steps_.size(); ++s) {
      identity_.push_back(steps_[s].map.is_identity());
      for (int32_t a : steps_[s].arguments) {
        DUSK_CHECK(a < static_cast<int32_t>(s), "a step reads the results of earlier steps");
        if (a >= 0) last_use_[static_cast<size_t>(a)] = s;
      }
    }
  }

  std::string name() const override { return steps_.back().operation->name(); }

  base::Result<data::Value> run(const TaskContext& context, Inputs inputs) const override {
    std::vector<data::Value> results(steps_.size());
    std::vector<data::Value> arguments;
    for (size_t s = 0; s < steps_.size(); ++s) {
      if (context.cancelled && context.cancelled->load(std::memory_order_relaxed)) {
        return base::Error(base::ErrorKind::kCancelled, "the run was cancelled");
      }
      arguments.clear();
      for (int32_t a : steps_[s].arguments) {
        arguments.push_back(a < 0 ? inputs[static_cast<size_t>(-1 - a)]
                                  : results[static_cast<size_t>(a)]);
      }
      for (int32_t a : steps_[s].arguments) {
        if (a >= 0 && last_use_[static_cast<size_t>(a)] == s) results[static_cast<size_t>(a)] = {};
      }
      TaskContext own = context;
      own.index = index_of(s, context.index);
      auto result = run_step(s, own, arguments);
      if (!result.ok()) return result;
      results[s] = std::move(result).value();
    }
    return std::move(results.back());
  }

  bool native() const override {
    return std::all_of(steps_.begin(), steps_.end(),
                       [](const FusedStep& s) { return s.operation->native(); });
  }

  // Every step's allocation, less what was dropped before it began.
  int64_t bound(int64_t index) const override {
    std::vector<int64_t> bounds;
    int64_t held = 0;
    int64_t most = 0;
    for (size_t s = 0; s < steps_.size(); ++s) {
      bounds.push_back(steps_[s].operation->bound(index_of(s, index)));
      if (bounds.back() < 0) return -1;
      held += bounds.back();
      most = std::max(most, held);
      for (size_t earlier = 0; earlier < s; ++earlier) {
        if (last_use_[earlier] == s) held -= bounds[earlier];
      }
    }
    return most;
  }

  std::string detail() const override {
    std::string text;
    for (const FusedStep& s : steps_) {
      if (!text.empty()) text += " -> ";
      text += s.operation->name();
      std::string more = s.operation->detail();
      if (!more.empty()) text += "(" + more + ")";
    }
    return text;
  }

  bool index_free() const override {
    return std::all_of(steps_.begin(), steps_.end(),
                       [](const FusedStep& s) { return s.operation->index_free(); });
  }

  std::string_view codec() const override { return "graph.fused"; }
  void encode(Encoder& out) const override {
    out.count(steps_.size());
    for (const FusedStep& s : steps_) {
      out.operation(*s.operation);
      write_block_map(out, s.map);
      out.count(s.arguments.size());
      for (int32_t a : s.arguments) out.integer(a);
    }
  }

 private:
  // A failure names the step: the task has the name of the last one.
  base::Result<data::Value> run_step(size_t s, const TaskContext& context, Inputs inputs) const {
    const Operation& operation = *steps_[s].operation;
    auto marked = [&](base::Error error) {
      if (error.step().empty()) error.set_step(operation.name());
      return error;
    };
    try {
      auto result = operation.run(context, inputs);
      if (!result.ok()) return marked(result.error());
      return result;
    } catch (const base::Error& error) {
      return marked(error);
    }
  }

  int64_t index_of(size_t step, int64_t index) const {
    return identity_[step] ? index : steps_[step].map(index);
  }

  std::vector<FusedStep> steps_;
  std::vector<bool> identity_;
  std::vector<size_t> last_use_;
};

}  // namespace

OperationPtr make_fused(std::vector<FusedStep> steps) {
  DUSK_CHECK(!steps.empty(), "nothing to fuse");
  return std::make_shared<FusedOperation>(std::move(steps));
}

OperationPtr decode_fused(Decoder& in) {
  std::vector<FusedStep> steps(in.length());
  if (steps.empty()) throw Decoder::damaged();
  for (size_t s = 0; s < steps.size(); ++s) {
    steps[s].operation = in.operation();
    steps[s].map = read_block_map(in, INT64_MAX);
    steps[s].arguments.resize(in.length());
    for (int32_t& a : steps[s].arguments) {
      a = static_cast<int32_t>(in.integer(INT32_MIN, static_cast<int64_t>(s) - 1));
    }
  }
  return make_fused(std::move(steps));
}

}  // namespace dusk::graph
