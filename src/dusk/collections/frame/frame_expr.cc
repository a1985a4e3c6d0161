#include "dusk/collections/frame/frame_expr.h"

#include <arrow/api.h>

#include <algorithm>

#include "dusk/base/error.h"

namespace dusk::collections::frame {

FrameExpr::FrameExpr(base::Token token, std::vector<graph::ExprPtr> inputs, std::string prefix,
                     SchemaPtr schema, Names index, int64_t npartitions)
    : Expr(token, std::move(inputs)),
      prefix_(std::move(prefix)),
      schema_(std::move(schema)),
      index_(std::move(index)),
      npartitions_(npartitions) {}

Names FrameExpr::names() const { return schema_->field_names(); }

Names FrameExpr::columns() const {
  Names columns;
  for (const std::string& name : names()) {
    if (std::find(index_.begin(), index_.end(), name) == index_.end()) columns.push_back(name);
  }
  return columns;
}

std::vector<NameSet> FrameExpr::needs(const NameSet&) const {
  std::vector<NameSet> all;
  for (const graph::ExprPtr& input : inputs()) {
    const auto* frame = dynamic_cast<const FrameExpr*>(input.get());
    Names names = frame ? frame->names() : Names();
    all.emplace_back(names.begin(), names.end());
  }
  return all;
}

graph::ExprPtr FrameExpr::narrowed(std::vector<graph::ExprPtr> inputs, const NameSet&) const {
  bool same = true;
  for (size_t i = 0; i < inputs.size(); ++i) same &= inputs[i] == this->inputs()[i];
  if (same) return std::const_pointer_cast<Expr>(shared_from_this());
  return with_inputs(std::move(inputs));
}

std::shared_ptr<arrow::Table> table_of(const data::Value& value) { return value.table()->arrow(); }

data::Value to_value(std::shared_ptr<arrow::Table> table, const Names& index) {
  return data::Value(std::make_shared<const data::Table>(std::move(table), index));
}

SchemaPtr select_fields(const arrow::Schema& schema, const Names& names) {
  arrow::FieldVector fields;
  for (const std::string& name : names) fields.push_back(schema.GetFieldByName(name));
  return arrow::schema(std::move(fields));
}

void add_schema(base::Tokenizer& token, const arrow::Schema& schema) {
  for (const auto& field : schema.fields()) token.add(field->name()).add(field->type()->ToString());
}

void require_columns(const std::string& operation, const FrameExpr& x, const Names& names) {
  for (const std::string& name : names) {
    if (x.schema()->GetFieldIndex(name) >= 0) continue;
    try {
      kernels::frame::infer(kernels::frame::ColumnExpr::field(name), *x.schema());
    } catch (const base::Error& error) {
      throw base::Error(error.kind(), "[" + operation + "] " + error.what());
    }
  }
}

}  // namespace dusk::collections::frame
