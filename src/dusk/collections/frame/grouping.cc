#include "dusk/collections/frame/grouping.h"

#include <arrow/api.h>

#include <algorithm>

#include "dusk/base/cpu.h"
#include "dusk/collections/frame/codecs.h"
#include "dusk/collections/frame/layers.h"
#include "dusk/collections/frame/rowwise.h"
#include "dusk/collections/frame/scans.h"
#include "dusk/collections/frame/table_operation.h"
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
  // Types that keys read as dictionaries have in the result; empty when none is.
  std::vector<std::pair<std::string, std::string>> decoded = {};

  static auto members(auto& self) {
    return std::tie(self.spec, self.input, self.sort, self.dropna, self.decoded);
  }
};
using PlanPtr = std::shared_ptr<const Plan>;

std::string text_of(const AggregateSpec& spec) {
  std::string text;
  for (const auto& key : spec.keys) text += (text.empty() ? "by " : ", ") + key;
  for (const auto& a : spec.aggregates) text += " " + a.function + "(" + a.column + ")";
  return text.size() > 300 ? text.substr(0, 300) + "..." : text;
}

// The finished table with its keys as what they were before they became dictionaries, in order.
std::shared_ptr<arrow::Table> decoded(std::shared_ptr<arrow::Table> table, const Plan& plan) {
  if (plan.decoded.empty()) return table;
  std::vector<NamedColumn> columns;
  for (const std::string& name : table->schema()->field_names()) {
    auto column = kernels::frame::ColumnExpr::field(name);
    for (const auto& [key, type] : plan.decoded) {
      if (key == name) {
        column = kernels::frame::ColumnExpr::call("astype", {column}, {{"type", type}});
      }
    }
    columns.emplace_back(name, column);
  }
  return kernels::frame::project(table, columns);
}

std::shared_ptr<arrow::Table> sorted(const std::shared_ptr<arrow::Table>& table, const Plan& plan) {
  std::vector<kernels::frame::SortKey> keys;
  for (const auto& key : plan.spec.keys) keys.push_back({key, true});
  return kernels::frame::sort(table, keys);
}

// Only the columns that the plan reads, so that schemas agree however the input was narrowed.
NameSet columns_of(const AggregateSpec& spec) {
  NameSet names(spec.keys.begin(), spec.keys.end());
  for (const auto& a : spec.aggregates) {
    if (!a.column.empty()) names.insert(a.column);
  }
  return names;
}

// One partition's groups. It takes in the row-wise work before it and the scan before that: then
// rows flow through all of it in batches, and the partition never exists as a whole.
class PartialAggregate : public graph::Operation {
 public:
  PartialAggregate(std::string name, PlanPtr plan, int ways)
      : name_(std::move(name)), plan_(std::move(plan)), ways_(ways) {}
  std::string name() const override { return name_; }
  bool index_free() const override { return !source_; }

  std::string detail() const override {
    std::string text;
    if (source_) text = source_->name() + "(" + source_->detail() + ")";
    for (const graph::OperationPtr& step : steps_) {
      text += (text.empty() ? "" : " -> ") + step->name() + "(" + step->detail() + ")";
    }
    if (text.empty()) return text_of(plan_->spec);
    return text + " -> " + name_ + "(" + text_of(plan_->spec) + ")";
  }

  base::Result<data::Value> run(const graph::TaskContext& context,
                                graph::Inputs inputs) const override {
    Aggregator aggregator(plan_->spec, *plan_->input);
    auto consume = [&](data::Value value) {
      if (context.cancelled && context.cancelled->load(std::memory_order_relaxed)) {
        throw base::Error(base::ErrorKind::kCancelled, "the run was cancelled");
      }
      for (const graph::OperationPtr& step : steps_) {
        std::vector<data::Value> one{std::move(value)};
        value = step->run(context, one).or_throw();
      }
      aggregator.consume(*table_of(value));
    };
    if (source_) {
      batches(source_)->batches(context, consume);
    } else {
      if (inputs.empty()) throw base::value_error("[" + name_ + "] takes a table");
      consume(graph::take(inputs, 0));
    }
    return to_list(ways_ == 1 ? std::vector{aggregator.to_state_table()}
                              : aggregator.to_state_tables(ways_));
  }

  graph::OperationPtr absorb(size_t, const graph::Operation& producer) const override {
    if (source_) return nullptr;
    auto wider = std::make_shared<PartialAggregate>(*this);
    if (const auto* step = dynamic_cast<const RowwiseStep*>(&producer)) {
      wider->steps_.insert(wider->steps_.begin(), step->copy());
      return wider;
    }
    if (const auto* source = dynamic_cast<const BatchSource*>(&producer)) {
      wider->source_ = source->copy();
      return wider;
    }
    return nullptr;
  }

  std::string_view codec() const override { return "frame.partial-aggregate"; }
  void encode(graph::Encoder& out) const override {
    graph::write_fields(out, name_, plan_, ways_, steps_, source_ != nullptr);
    if (source_) out.operation(*source_);
  }
  static graph::OperationPtr decode(graph::Decoder& in) {
    std::string name = in.string();
    auto plan = graph::read_field<PlanPtr>(in);
    auto ways = static_cast<int>(in.integer(1, kWaysMax));
    auto made = std::make_shared<PartialAggregate>(std::move(name), std::move(plan), ways);
    made->steps_ = graph::read_field<std::vector<graph::OperationPtr>>(in);
    for (const graph::OperationPtr& step : made->steps_) {
      if (!dynamic_cast<const RowwiseStep*>(step.get())) throw graph::Decoder::damaged();
    }
    if (!in.boolean()) return made;
    made->source_ = in.operation();
    if (!batches(made->source_)) throw graph::Decoder::damaged();
    return made;
  }

 private:
  static constexpr int64_t kWaysMax = 1 << 16;
  static const BatchSource* batches(const graph::OperationPtr& source) {
    return dynamic_cast<const BatchSource*>(source.get());
  }

  std::string name_;
  PlanPtr plan_;
  int ways_;
  std::vector<graph::OperationPtr> steps_;  // row-wise, in order
  graph::OperationPtr source_;              // a BatchSource
};

// Partial states of one part of the groups, merged.
struct MergeGroups {
  static constexpr std::string_view kCodec = "frame.merge-groups";
  static constexpr size_t kInputs = 0;
  static constexpr bool kIndexFree = false;
  PlanPtr plan;
  int ways = 1;
  Names index;

  static auto members(auto& self) { return std::tie(self.plan, self.ways, self.index); }
  data::Value run(const graph::TaskContext& context, graph::Inputs values) const {
    Aggregator merged(plan->spec, *plan->input);
    for (const data::Value& value : values) merged.consume_state(*piece(value, context.index));
    bool whole = ways == 1 && plan->decoded.empty();
    auto table = merged.finish(plan->sort && whole, plan->dropna);
    if (ways == 1 && !whole) {
      table = decoded(table, *plan);
      if (plan->sort) table = sorted(table, *plan);
    }
    return to_value(table, index);
  }
};

// All parts after each other, in the order of the keys.
struct FinishGroups {
  static constexpr std::string_view kCodec = "frame.finish-groups";
  static constexpr size_t kInputs = 1;
  PlanPtr plan;
  Names index;

  static auto members(auto& self) { return std::tie(self.plan, self.index); }
  data::Value run(const graph::TaskContext&, graph::Inputs values) const {
    return to_value(sorted(decoded(concatenated(values), *plan), *plan), index);
  }
};

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
    auto layer = partitionwise(
        prefix() + "-partial", inner_token(token(), "partial"),
        std::make_shared<PartialAggregate>(prefix() + "-partial", plan_, ways), partitions, inputs);
    layer = all_to_all(
        prefix() + (ways == 1 ? "" : "-merge"), ways == 1 ? token() : inner_token(token(), "merge"),
        table_operation(prefix() + "-merge", MergeGroups{plan_, ways, index()}), layer, ways);
    if (ways == 1) return layer;
    return all_to_all(prefix(), token(), table_operation(prefix(), FinishGroups{plan_, index()}),
                      layer, 1);
  }

  const Plan& plan() const { return *plan_; }

  static FramePtr make(const FramePtr& x, Plan plan) {
    NameSet used = columns_of(plan.spec);
    Names names;
    for (const auto& name : x->names()) {
      if (used.contains(name)) names.push_back(name);
    }
    require_columns("groupby", *x, {used.begin(), used.end()});
    plan.input = select_fields(*x->schema(), names);
    auto schema = kernels::frame::aggregate_schema(plan.spec, *plan.input)->RemoveMetadata();
    for (const auto& [key, type] : plan.decoded) {
      int i = schema->GetFieldIndex(key);
      auto field = schema->field(i)->WithType(kernels::frame::type_from_name(type));
      schema = *schema->SetField(i, field);
    }
    base::Tokenizer token("groupby");
    token.add(x->token()).add(plan.sort).add(plan.dropna);
    for (const auto& [key, type] : plan.decoded) token.add(key).add(type);
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

void add_grouping_codecs(graph::Codecs& codecs) {
  codecs.operations["frame.partial-aggregate"] = &PartialAggregate::decode;
  add_table_operations<MergeGroups, FinishGroups>(codecs);
}

FramePtr group_by(const FramePtr& x, const AggregateSpec& spec, bool sort, bool dropna) {
  return GroupBy::make(x, {spec, nullptr, sort, dropna});
}

FramePtr reduce(const FramePtr& x, const std::vector<Aggregate>& aggregates) {
  return GroupBy::make(x, {{{}, aggregates}, nullptr, false, false});
}

namespace {

// `x` with the columns as dictionaries from the scan on, or null where that cannot be.
FramePtr encoded(const FramePtr& x, const NameSet& columns,
                 const std::function<bool(const graph::Expr&)>& alone) {
  if (!alone(*x)) return nullptr;
  if (FramePtr scan = with_dictionaries(x, columns)) return scan;
  NameSet below;
  if (const auto* projection = projected(*x)) {
    for (const auto& [name, column] : *projection) {
      bool field = column->kind() == kernels::frame::ColumnKind::kField;
      if (columns.contains(name)) {
        if (!field) return nullptr;
        below.insert(column->name());
      }
    }
    for (const auto& [name, column] : *projection) {
      if (columns.contains(name)) continue;
      for (const auto& used : column->fields()) {
        if (below.contains(used)) return nullptr;
      }
    }
  } else if (ColumnPtr predicate = predicate_of(*x)) {
    for (const auto& used : predicate->fields()) {
      if (columns.contains(used)) return nullptr;
    }
    below = columns;
  } else {
    return nullptr;
  }
  FramePtr input = encoded(as_frame(x->inputs()[0]), below, alone);
  return input ? as_frame(x->with_inputs({input})) : nullptr;
}

}  // namespace

graph::ExprPtr with_dictionary_keys(const graph::ExprPtr& expr,
                                    const std::function<bool(const graph::Expr&)>& alone) {
  const auto* group = dynamic_cast<const GroupBy*>(expr.get());
  if (!group || group->plan().spec.keys.empty() || !group->plan().decoded.empty()) return expr;
  FramePtr input = as_frame(expr->inputs()[0]);
  Plan plan = group->plan();
  NameSet texts;
  for (const std::string& key : plan.spec.keys) {
    auto type = input->schema()->GetFieldByName(key)->type();
    if (!arrow::is_string(type->id())) continue;
    texts.insert(key);
    plan.decoded.emplace_back(key, type->ToString());
  }
  for (const auto& a : plan.spec.aggregates) {
    if (texts.contains(a.column)) return expr;
  }
  if (texts.empty()) return expr;
  FramePtr from = encoded(input, texts, alone);
  return from ? graph::ExprPtr(GroupBy::make(from, std::move(plan))) : expr;
}

}  // namespace dusk::collections::frame
