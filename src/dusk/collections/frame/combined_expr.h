// A frame node that is a lowering function and a way to make itself again. Internal to this folder.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dusk/collections/frame/frame_expr.h"

namespace dusk::collections::frame {

class Combined : public FrameExpr {
 public:
  using Lower =
      std::function<graph::LayerPtr(const Combined& self, std::span<const graph::LayerPtr> inputs)>;
  using Remake = std::function<FramePtr(std::vector<FramePtr> inputs)>;
  using Needs = std::function<std::vector<NameSet>(const NameSet& wanted)>;
  Combined(std::string kind, std::string text, base::Token token,
           std::vector<graph::ExprPtr> inputs, std::string prefix, SchemaPtr schema, Names index,
           int64_t npartitions, Lower lower, Remake remake, Needs needs)
      : FrameExpr(token, std::move(inputs), std::move(prefix), std::move(schema), std::move(index),
                  npartitions),
        kind_(std::move(kind)),
        text_(std::move(text)),
        lower_(std::move(lower)),
        remake_(std::move(remake)),
        needs_(std::move(needs)) {}
  std::string_view kind() const override { return kind_; }
  std::string describe() const override { return text_.empty() ? kind_ : kind_ + " " + text_; }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    std::vector<FramePtr> frames;
    for (const auto& input : inputs) frames.push_back(as_frame(input));
    return remake_(std::move(frames));
  }
  std::vector<NameSet> needs(const NameSet& wanted) const override {
    return needs_ ? needs_(wanted) : FrameExpr::needs(wanted);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    return lower_(*this, inputs);
  }

 private:
  std::string kind_, text_;
  Lower lower_;
  Remake remake_;
  Needs needs_;
};

inline std::vector<graph::ExprPtr> to_exprs(const std::vector<FramePtr>& xs) {
  return {xs.begin(), xs.end()};
}

// Passes through what is wanted, and the given names.
inline Combined::Needs plus(size_t inputs, Names names) {
  return [inputs, names](const NameSet& wanted) {
    NameSet all = wanted;
    all.insert(names.begin(), names.end());
    return std::vector<NameSet>(inputs, all);
  };
}

}  // namespace dusk::collections::frame
