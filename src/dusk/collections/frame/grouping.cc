#include "dusk/collections/frame/grouping.h"

#include <arrow/api.h>

#include <algorithm>

#include "dusk/base/cpu.h"
#include "dusk/collections/frame/layers.h"
#include "dusk/kernels/frame/sort.h"

namespace dusk::collections::frame {
namespace {

using kernels::frame::Aggregate;
using kernels::frame::AggregateSpec;
using kernels::frame::Aggregator;

struct Plan {
  AggregateSpec spec;
  SchemaPtr input;
  bool sort;
  bool dropna;
};
using PlanPtr = std::shared_ptr<const Plan>;

std::string text_of(const AggregateSpec& spec) {
  std::string text;
  for (const auto& key : spec.keys) text += (text.empty() ? "by " : ", ") + key;
  for (const auto& a : spec.aggregates) text += " " + a.function + "(" + a.column + ")";
  return text.size() > 300 ? text.substr(0, 300) + "..." : text;
}

// Only the columns that the plan reads, so that schemas agree however the input was narrowed.
NameSet columns_of(const AggregateSpec& spec) {
  NameSet names(spec.keys.begin(), spec.keys.end());
  for (const auto& a : spec.aggregates) {
    if (!a.column.empty()) names.insert(a.column);
  }
  return names;
}

class GroupBy : public FrameExpr {
 public:
  GroupBy(const FramePtr& x, PlanPtr plan, SchemaPtr schema, base::Token token)
      : FrameExpr(token, {x}, plan->spec.keys.empty() ? "reduce" : "groupby", std::move(schema),
                  plan->spec.keys, 1),
        plan_(std::move(plan)) {}
  std::string_view kind() const override {
    return plan_->spec.keys.empty() ? "ReduceFrame" : "GroupBy";
  }
  std::string describe() const override { return std::string(kind()) + " " + text_of(plan_->spec); }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    return make(as_frame(inputs[0]), *plan_);
  }
  std::vector<NameSet> needs(const NameSet&) const override { return {columns_of(plan_->spec)}; }

  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    int64_t partitions = inputs[0]->size();
    int ways = merge_ways(partitions);
    auto partial = [plan = plan_, ways](const graph::TaskContext&, graph::Inputs values) {
      Aggregator aggregator(plan->spec, *plan->input);
      aggregator.consume(*table_of(values[0]));
      return to_list(ways == 1 ? std::vector{aggregator.to_state_table()}
                               : aggregator.to_state_tables(ways));
    };
    auto layer = partitionwise(
        prefix() + "-partial", inner_token(token(), "partial"),
        table_operation(prefix() + "-partial", partial, text_of(plan_->spec)), partitions, inputs);
    auto merge = [plan = plan_, ways, index = index()](const graph::TaskContext& context,
                                                       graph::Inputs values) {
      Aggregator merged(plan->spec, *plan->input);
      for (const data::Value& value : values) {
        merged.consume_state(*table_of(value.list()[static_cast<size_t>(context.index)]));
      }
      return to_value(merged.finish(plan->sort && ways == 1, plan->dropna), index);
    };
    layer = all_to_all(prefix() + (ways == 1 ? "" : "-merge"),
                       ways == 1 ? token() : inner_token(token(), "merge"),
                       table_operation(prefix() + "-merge", merge, "", false), layer, ways);
    if (ways == 1) return layer;
    auto finish = [plan = plan_, index = index()](const graph::TaskContext&, graph::Inputs values) {
      auto table = concatenated(values);
      std::vector<kernels::frame::SortKey> keys;
      for (const auto& key : plan->spec.keys) keys.push_back({key, true});
      return to_value(kernels::frame::sort(table, keys), index);
    };
    return all_to_all(prefix(), token(), table_operation(prefix(), finish), layer, 1);
  }

  static FramePtr make(const FramePtr& x, Plan plan) {
    NameSet used = columns_of(plan.spec);
    Names names;
    for (const auto& name : x->names()) {
      if (used.contains(name)) names.push_back(name);
    }
    require_columns("groupby", *x, {used.begin(), used.end()});
    plan.input = select_fields(*x->schema(), names);
    auto schema = kernels::frame::aggregate_schema(plan.spec, *plan.input)->RemoveMetadata();
    base::Tokenizer token("groupby");
    token.add(x->token()).add(plan.sort).add(plan.dropna);
    for (const auto& key : plan.spec.keys) token.add(key);
    for (const auto& a : plan.spec.aggregates) add(token, a);
    auto shared = std::make_shared<const Plan>(std::move(plan));
    return std::make_shared<GroupBy>(x, std::move(shared), std::move(schema), token.finish());
  }

 private:
  static void add(base::Tokenizer& token, const Aggregate& a) {
    token.add(a.name).add(a.function).add(a.column);
    for (const auto& [name, value] : a.options) {
      token.add(name).add(value.index());
      if (const auto* i = std::get_if<int64_t>(&value)) token.add(*i);
      if (const auto* d = std::get_if<double>(&value)) token.add(*d);
      if (const auto* b = std::get_if<bool>(&value)) token.add(*b);
    }
  }
  // Several merges in parallel pay when there are many groups; order of appearance needs one.
  int merge_ways(int64_t partitions) const {
    if (partitions < 2 || plan_->spec.keys.empty() || !plan_->sort) return 1;
    return std::min<int>(base::cpu_count(), static_cast<int>(partitions));
  }
  PlanPtr plan_;
};

}  // namespace

FramePtr group_by(const FramePtr& x, const AggregateSpec& spec, bool sort, bool dropna) {
  return GroupBy::make(x, {spec, nullptr, sort, dropna});
}

FramePtr reduce(const FramePtr& x, const std::vector<Aggregate>& aggregates) {
  return GroupBy::make(x, {{{}, aggregates}, nullptr, false, false});
}

}  // namespace dusk::collections::frame
