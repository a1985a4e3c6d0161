// Choosing rows by a predicate, and making tables of expressions.
#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dusk/kernels/frame/expression.h"

namespace dusk::kernels::frame {

using NamedColumn = std::pair<std::string, ColumnPtr>;

// The rows where `predicate` is true, in order; missing counts as false. The predicate reads only
// its own columns; the others are gathered afterwards. Without a row to drop the table itself comes
// back. Throws TypeError when the predicate is not boolean.
std::shared_ptr<arrow::Table> filter(const std::shared_ptr<arrow::Table>& table,
                                     const ColumnPtr& predicate);

// As filter(), but only the named columns of the result are gathered.
std::shared_ptr<arrow::Table> filter(const std::shared_ptr<arrow::Table>& table,
                                     const ColumnPtr& predicate,
                                     const std::vector<std::string>& columns);

// The rows where a boolean column is true.
std::shared_ptr<arrow::Table> filter(const std::shared_ptr<arrow::Table>& table,
                                     const arrow::ChunkedArray& mask);

// One column an expression, row for row. Plain fields are shared, not copied. Schema metadata
// stays.
std::shared_ptr<arrow::Table> project(const std::shared_ptr<arrow::Table>& table,
                                      const std::vector<NamedColumn>& columns);
std::shared_ptr<arrow::Schema> project_schema(const arrow::Schema& schema,
                                              const std::vector<NamedColumn>& columns);

// The named columns, shared. Throws KeyError with the nearest names.
std::shared_ptr<arrow::Table> select(const std::shared_ptr<arrow::Table>& table,
                                     const std::vector<std::string>& columns);

}  // namespace dusk::kernels::frame
