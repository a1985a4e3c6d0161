// The order is that of a depth-first walk from the outputs in which every task comes after its
// inputs, hungriest input first (Sethi and Ullman's register numbering), with one addition: a task
// whose inputs are all there runs at once when that lets go of a result. So everything that can be
// done with a chunk is done while it is there.
#include <algorithm>
#include <functional>

#include "dusk/base/check.h"
#include "dusk/graph/task_graph.h"

namespace dusk::graph {
namespace {

// A result with more consumers than this is not chased through all of them at once.
constexpr uint32_t kFanOutMax = 32;

class Ordering {
 public:
  explicit Ordering(TaskGraph& graph)
      : graph_(graph),
        missing_(graph.size()),
        unused_(graph.size()),
        need_(graph.size(), 0),
        state_(graph.size(), kNew) {
    for (TaskId t = 0; t < graph.size(); ++t) {
      missing_[t] = static_cast<uint32_t>(graph.inputs_of(t).size());
      unused_[t] = static_cast<uint32_t>(graph.consumers_of(t).size());
    }
  }

  void run() {
    measure();
    graph_.priority.assign(graph_.size(), 0);
    for (TaskId output : graph_.outputs) walk(output);
    DUSK_CHECK(rank_ == graph_.size(), "every task is needed by an output, and none by itself");
  }

 private:
  enum State : uint8_t { kNew, kOpen, kDone };

  // Results that must live at once to compute a task, were its inputs not shared.
  void measure() {
    std::vector<uint32_t> left = missing_;
    std::vector<TaskId> ready;
    for (TaskId t = 0; t < graph_.size(); ++t) {
      if (left[t] == 0) ready.push_back(t);
    }
    std::vector<uint32_t> needs;
    while (!ready.empty()) {
      TaskId t = ready.back();
      ready.pop_back();
      need_[t] = need_of(t, needs);
      for (TaskId consumer : graph_.consumers_of(t)) {
        if (--left[consumer] == 0) ready.push_back(consumer);
      }
    }
  }

  uint32_t need_of(TaskId t, std::vector<uint32_t>& needs) const {
    auto inputs = graph_.inputs_of(t);
    if (inputs.empty()) return 1;
    if (inputs.size() == 1) return need_[inputs[0]];
    needs.clear();
    for (TaskId input : inputs) needs.push_back(need_[input]);
    std::sort(needs.begin(), needs.end(), std::greater<>());
    uint32_t most = 1;
    for (uint32_t i = 0; i < needs.size(); ++i) most = std::max(most, needs[i] + i);
    return most;
  }

  void walk(TaskId root) {
    stack_.push_back(root);
    while (!stack_.empty()) {
      TaskId t = stack_.back();
      if (state_[t] == kDone) {
        stack_.pop_back();
      } else if (missing_[t] == 0) {
        stack_.pop_back();
        finish(t);
      } else {
        DUSK_CHECK(state_[t] == kNew, "the graph has a cycle at " + graph_.key(t));
        state_[t] = kOpen;
        open(t);
      }
    }
  }

  // Leaves `t` on the stack below those of its inputs that are still to come.
  void open(TaskId t) {
    auto inputs = graph_.inputs_of(t);
    size_t first = stack_.size();
    bool sorted = true;
    for (size_t i = inputs.size(); i-- > 0;) {
      if (state_[inputs[i]] == kDone) continue;
      if (stack_.size() > first && need_[stack_.back()] > need_[inputs[i]]) sorted = false;
      stack_.push_back(inputs[i]);
    }
    if (sorted) return;
    std::stable_sort(stack_.begin() + static_cast<int64_t>(first), stack_.end(),
                     [&](TaskId a, TaskId b) { return need_[a] < need_[b]; });
  }

  void finish(TaskId t) {
    state_[t] = kDone;
    graph_.priority[t] = rank_++;
    for (TaskId input : graph_.inputs_of(t)) --unused_[input];
    size_t first = stack_.size();
    auto consumers = graph_.consumers_of(t);
    uint32_t ready = 0;
    for (TaskId consumer : consumers) {
      if (--missing_[consumer] != 0) continue;
      ++ready;
      stack_.push_back(consumer);
    }
    if (ready == unused_[t] && ready <= kFanOutMax) {
      std::reverse(stack_.begin() + static_cast<int64_t>(first), stack_.end());
      return;
    }
    auto keeps = [&](TaskId c) { return !releases(c); };
    auto from = stack_.begin() + static_cast<int64_t>(first);
    stack_.erase(std::remove_if(from, stack_.end(), keeps), stack_.end());
    std::reverse(stack_.begin() + static_cast<int64_t>(first), stack_.end());
  }

  bool releases(TaskId t) const {
    for (TaskId input : graph_.inputs_of(t)) {
      if (unused_[input] == 1) return true;
    }
    return false;
  }

  TaskGraph& graph_;
  std::vector<uint32_t> missing_;  // inputs that have no rank yet
  std::vector<uint32_t> unused_;   // consumers that have no rank yet
  std::vector<uint32_t> need_;
  std::vector<uint8_t> state_;
  std::vector<TaskId> stack_;
  uint32_t rank_ = 0;
};

}  // namespace

void assign_priorities(TaskGraph& graph) { Ordering(graph).run(); }

}  // namespace dusk::graph
