#include "dusk/collections/frame/rowwise.h"

#include <arrow/api.h>

#include <map>

#include "dusk/base/error.h"
#include "dusk/collections/frame/codecs.h"
#include "dusk/collections/frame/layers.h"
#include "dusk/collections/frame/table_operation.h"

namespace dusk::collections::frame {

using kernels::frame::ColumnExpr;
using kernels::frame::ColumnKind;

namespace {

std::string text_of(const std::vector<NamedColumn>& columns) {
  std::string text;
  for (const auto& [name, column] : columns) {
    bool same = column->kind() == ColumnKind::kField && column->name() == name;
    text += (text.empty() ? "" : ", ") + (same ? name : name + " = " + column->text());
  }
  return text.size() > 300 ? text.substr(0, 300) + "..." : text;
}

struct ProjectTable {
  static constexpr std::string_view kCodec = "frame.project";
  static constexpr size_t kInputs = 1;
  static constexpr bool kRowwise = true;
  std::vector<NamedColumn> columns;
  Names index;

  static auto members(auto& self) { return std::tie(self.columns, self.index); }
  std::string text() const { return text_of(columns); }
  data::Value run(const graph::TaskContext&, graph::Inputs values) const {
    return to_value(kernels::frame::project(table_of(values[0]), columns), index);
  }
};

struct FilterTable {
  static constexpr std::string_view kCodec = "frame.filter";
  static constexpr size_t kInputs = 1;
  static constexpr bool kRowwise = true;
  ColumnPtr predicate;
  Names names, index;

  static auto members(auto& self) { return std::tie(self.predicate, self.names, self.index); }
  std::string text() const { return predicate->text(); }
  data::Value run(const graph::TaskContext&, graph::Inputs values) const {
    return to_value(kernels::frame::filter(table_of(values[0]), predicate, names), index);
  }
};

}  // namespace

void add_rowwise_codecs(graph::Codecs& codecs) {
  add_table_operations<ProjectTable, FilterTable>(codecs);
}

class Project : public FrameExpr {
 public:
  Project(const FramePtr& x, std::vector<NamedColumn> columns, SchemaPtr schema, Names index,
          base::Token token)
      : FrameExpr(token, {x}, "project", std::move(schema), std::move(index), x->block_count()),
        columns_(std::move(columns)) {}
  std::string_view kind() const override { return "Project"; }
  std::string describe() const override { return "Project " + text_of(columns_); }
  std::optional<int64_t> rows() const override { return as_frame(inputs()[0])->rows(); }
  const std::vector<NamedColumn>& columns() const { return columns_; }

  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override;
  std::vector<NameSet> needs(const NameSet& wanted) const override {
    NameSet fields;
    for (const auto& [name, column] : columns_) {
      if (wanted.contains(name)) column->fields(fields);
    }
    return {fields};
  }
  graph::ExprPtr narrowed(std::vector<graph::ExprPtr> inputs, const NameSet& wanted) const override;
  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    return partitionwise("project", token(),
                         table_operation("project", ProjectTable{columns_, index()}), block_count(),
                         inputs);
  }

 private:
  std::vector<NamedColumn> columns_;  // index first
};

namespace {

FramePtr make_project(const FramePtr& x, std::vector<NamedColumn> columns, Names index) {
  auto schema = kernels::frame::project_schema(*x->schema(), columns)->RemoveMetadata();
  base::Tokenizer token("project");
  token.add(x->token());
  for (const auto& [name, column] : columns) token.add(name).add(column->token());
  for (const auto& name : index) token.add(name);
  return std::make_shared<Project>(x, std::move(columns), std::move(schema), std::move(index),
                                   token.finish());
}

class Filter : public FrameExpr {
 public:
  Filter(const FramePtr& x, ColumnPtr predicate, Names names, base::Token token)
      : FrameExpr(token, {x}, "filter", select_fields(*x->schema(), names), kept(x->index(), names),
                  x->block_count()),
        predicate_(std::move(predicate)) {}
  std::string_view kind() const override { return "Filter"; }
  std::string describe() const override { return "Filter " + predicate_->text(); }
  const ColumnPtr& predicate() const { return predicate_; }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    return make(as_frame(inputs[0]), predicate_, names());
  }
  std::vector<NameSet> needs(const NameSet& wanted) const override {
    NameSet fields = wanted;
    predicate_->fields(fields);
    return {fields};
  }
  graph::ExprPtr narrowed(std::vector<graph::ExprPtr> inputs,
                          const NameSet& wanted) const override {
    Names kept_names;
    for (const std::string& name : names()) {
      if (wanted.contains(name)) kept_names.push_back(name);
    }
    return make(as_frame(inputs[0]), predicate_, kept_names);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    return partitionwise("filter", token(),
                         table_operation("filter", FilterTable{predicate_, names(), index()}),
                         block_count(), inputs);
  }
  static FramePtr make(const FramePtr& x, const ColumnPtr& predicate, const Names& names) {
    base::Tokenizer token("filter");
    token.add(x->token()).add(predicate->token());
    for (const auto& name : names) token.add(name);
    return std::make_shared<Filter>(x, predicate, names, token.finish());
  }

 private:
  static Names kept(const Names& index, const Names& names) {
    Names result;
    for (const auto& name : index) {
      if (std::find(names.begin(), names.end(), name) != names.end()) result.push_back(name);
    }
    return result;
  }
  ColumnPtr predicate_;
};

}  // namespace

graph::ExprPtr Project::with_inputs(std::vector<graph::ExprPtr> inputs) const {
  return make_project(as_frame(inputs[0]), columns_, index());
}

graph::ExprPtr Project::narrowed(std::vector<graph::ExprPtr> inputs, const NameSet& wanted) const {
  std::vector<NamedColumn> columns;
  Names index;
  for (const auto& column : columns_) {
    if (wanted.contains(column.first)) columns.push_back(column);
  }
  for (const auto& name : this->index()) {
    if (wanted.contains(name)) index.push_back(name);
  }
  return make_project(as_frame(inputs[0]), std::move(columns), std::move(index));
}

FramePtr project(const FramePtr& x, const std::vector<NamedColumn>& columns,
                 const std::optional<std::vector<NamedColumn>>& index) {
  std::vector<NamedColumn> all;
  Names names;
  if (index) {
    all = *index;
  } else {
    for (const std::string& name : x->index()) all.emplace_back(name, ColumnExpr::field(name));
  }
  for (const auto& column : all) names.push_back(column.first);
  all.insert(all.end(), columns.begin(), columns.end());
  NameSet seen;
  for (const auto& column : all) {
    if (!seen.insert(column.first).second) {
      throw base::value_error("[project] there are two columns named " + column.first);
    }
  }
  // Projections of projections are one.
  if (const auto* below = dynamic_cast<const Project*>(x.get())) {
    std::map<std::string, ColumnPtr> inner(below->columns().begin(), below->columns().end());
    size_t work = 0;
    for (const auto& [name, column] : inner) work += column->kind() == ColumnKind::kCall;
    if (work == 0) {
      for (auto& column : all) column.second = kernels::frame::substitute(column.second, inner);
      return make_project(as_frame(below->inputs()[0]), std::move(all), std::move(names));
    }
  }
  return make_project(x, std::move(all), std::move(names));
}

FramePtr filter(const FramePtr& x, const ColumnPtr& predicate) {
  auto type = kernels::frame::infer(predicate, *x->schema());
  if (type->id() != arrow::Type::BOOL) {
    throw base::type_error("[filter] the predicate " + predicate->text() + " is " +
                           type->ToString() + ", not bool");
  }
  return Filter::make(x, predicate, x->names());
}

FramePtr align(const std::vector<FramePtr>& xs) {
  // Every frame as expressions over the end of its chain of projections.
  struct Flat {
    FramePtr root;
    std::map<std::string, ColumnPtr> columns;
  };
  auto identity = [](const FramePtr& x) {
    std::map<std::string, ColumnPtr> columns;
    for (const auto& name : x->names()) columns[name] = ColumnExpr::field(name);
    return columns;
  };
  std::vector<Flat> flats;
  for (const FramePtr& x : xs) {
    Flat flat{x, identity(x)};
    while (const auto* step = dynamic_cast<const Project*>(flat.root.get())) {
      std::map<std::string, ColumnPtr> below(step->columns().begin(), step->columns().end());
      for (auto& [name, column] : flat.columns) {
        column = kernels::frame::substitute(column, below);
      }
      flat.root = as_frame(step->inputs()[0]);
    }
    flats.push_back(std::move(flat));
  }
  for (const Flat& flat : flats) {
    if (flat.root->token() != flats[0].root->token()) return nullptr;
  }
  std::vector<NamedColumn> columns, index;
  for (size_t i = 0; i < xs.size(); ++i) {
    for (const std::string& name : xs[i]->columns()) {
      columns.emplace_back(std::to_string(i) + ":" + name, flats[i].columns.at(name));
    }
  }
  for (const std::string& name : xs[0]->index()) {
    index.emplace_back(name, flats[0].columns.at(name));
  }
  return project(flats[0].root, columns, index);
}

const std::vector<NamedColumn>* projected(const graph::Expr& expr) {
  const auto* node = dynamic_cast<const Project*>(&expr);
  return node ? &node->columns() : nullptr;
}

ColumnPtr predicate_of(const graph::Expr& expr) {
  const auto* node = dynamic_cast<const Filter*>(&expr);
  return node ? node->predicate() : nullptr;
}

}  // namespace dusk::collections::frame
