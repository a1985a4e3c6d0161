// A lazy partitioned frame: an Arrow schema and an expression node.
//
// The schema holds index columns first, then data columns; pandas' dtypes and labels live with the
// caller. Row-wise work is Project and Filter over kernels::frame::ColumnExpr; the passes move both
// towards the scans. One file a family of nodes.
#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dusk/data/table.h"
#include "dusk/graph/expr.h"
#include "dusk/kernels/frame/expression.h"
#include "dusk/kernels/frame/filter.h"

namespace dusk::collections::frame {

class FrameExpr;
using FramePtr = std::shared_ptr<const FrameExpr>;
using SchemaPtr = std::shared_ptr<arrow::Schema>;
using Names = std::vector<std::string>;
using NameSet = std::set<std::string>;
using kernels::frame::ColumnPtr;
using kernels::frame::NamedColumn;

class FrameExpr : public graph::Expr {
 public:
  FrameExpr(base::Token token, std::vector<graph::ExprPtr> inputs, std::string prefix,
            SchemaPtr schema, Names index, int64_t npartitions);

  const SchemaPtr& schema() const { return schema_; }
  const Names& index() const { return index_; }
  Names columns() const;  // data columns
  Names names() const;    // index, then data columns
  int64_t block_count() const override { return npartitions_; }
  const std::string& prefix() const override { return prefix_; }

  // Rows in all, where metadata say so.
  virtual std::optional<int64_t> rows() const { return {}; }
  // The columns of every input that the given columns of this node need.
  virtual std::vector<NameSet> needs(const NameSet& wanted) const;
  // This node over new inputs (which may have lost columns nobody needs), keeping `wanted`.
  virtual graph::ExprPtr narrowed(std::vector<graph::ExprPtr> inputs, const NameSet& wanted) const;

 private:
  std::string prefix_;
  SchemaPtr schema_;
  Names index_;
  int64_t npartitions_;
};

inline FramePtr as_frame(const graph::ExprPtr& expr) {
  return std::static_pointer_cast<const FrameExpr>(expr);
}

// The tables of a task's inputs, and a table as a value with its index columns.
std::shared_ptr<arrow::Table> table_of(const data::Value& value);
data::Value to_value(std::shared_ptr<arrow::Table> table, const Names& index);

SchemaPtr select_fields(const arrow::Schema& schema, const Names& names);
void add_schema(base::Tokenizer& token, const arrow::Schema& schema);
// Throws KeyError with the nearest names when a column is missing.
void require_columns(const std::string& operation, const FrameExpr& x, const Names& names);

}  // namespace dusk::collections::frame
