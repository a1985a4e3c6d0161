#include "dusk/kernels/frame/filter.h"

#include <arrow/api.h>

#include <bit>

#include "dusk/base/error.h"
#include "dusk/data/table.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/rows.h"

namespace dusk::kernels::frame {
namespace {

// Appends the rows whose bit is set; `base` is the first row's number.
void append_rows(const ColumnView& mask, Row base, Rows& rows) {
  const uint8_t* bits = mask.as<uint8_t>();
  int64_t i = 0;
  for (; i < mask.length && ((mask.offset + i) & 7) != 0; ++i) {
    if (mask.bit(i)) rows.push_back(base + static_cast<Row>(i));
  }
  for (; i + 64 <= mask.length; i += 64) {
    uint64_t word;
    std::memcpy(&word, bits + ((mask.offset + i) >> 3), 8);
    for (; word != 0; word &= word - 1) {
      rows.push_back(base + static_cast<Row>(i + std::countr_zero(word)));
    }
  }
  for (; i < mask.length; ++i) {
    if (mask.bit(i)) rows.push_back(base + static_cast<Row>(i));
  }
}

Rows selected_rows(const arrow::ChunkedArray& mask) {
  if (mask.type()->id() != arrow::Type::BOOL) {
    throw base::type_error("[filter] the predicate must be boolean, not " +
                           mask.type()->ToString());
  }
  Rows rows;
  rows.reserve(static_cast<size_t>(mask.length()) / 2 + 16);
  int64_t base = 0;
  for (const auto& chunk : mask.chunks()) {
    auto answers = call_array("coalesce", {chunk, arrow::Datum(false)});
    append_rows(view_of(*answers), static_cast<Row>(base), rows);
    base += chunk->length();
  }
  return rows;
}

}  // namespace

std::shared_ptr<arrow::Table> filter(const std::shared_ptr<arrow::Table>& table,
                                     const arrow::ChunkedArray& mask) {
  if (mask.length() != table->num_rows()) {
    throw base::value_error("[filter] a mask of " + std::to_string(mask.length()) +
                            " rows for a table of " + std::to_string(table->num_rows()));
  }
  Rows rows = selected_rows(mask);
  if (static_cast<int64_t>(rows.size()) == table->num_rows()) return table;
  return take(table, rows);
}

std::shared_ptr<arrow::Table> filter(const std::shared_ptr<arrow::Table>& table,
                                     const ColumnPtr& predicate) {
  return filter(table, *evaluate(predicate, *table));
}

std::shared_ptr<arrow::Table> filter(const std::shared_ptr<arrow::Table>& table,
                                     const ColumnPtr& predicate,
                                     const std::vector<std::string>& columns) {
  return filter(select(table, columns), *evaluate(predicate, *table));
}

std::shared_ptr<arrow::Schema> project_schema(const arrow::Schema& schema,
                                              const std::vector<NamedColumn>& columns) {
  arrow::FieldVector fields;
  for (const auto& [name, expr] : columns) {
    if (expr->kind() == ColumnKind::kField) {
      fields.push_back(schema.field(column_index(schema, expr->name(), "project"))->WithName(name));
    } else {
      fields.push_back(arrow::field(name, infer(expr, schema)));
    }
  }
  return arrow::schema(std::move(fields), schema.metadata());
}

std::shared_ptr<arrow::Table> project(const std::shared_ptr<arrow::Table>& table,
                                      const std::vector<NamedColumn>& columns) {
  arrow::FieldVector fields;
  arrow::ChunkedArrayVector made;
  for (const auto& [name, expr] : columns) {
    made.push_back(evaluate(expr, *table));
    if (expr->kind() == ColumnKind::kField) {
      int index = column_index(*table->schema(), expr->name(), "project");
      fields.push_back(table->schema()->field(index)->WithName(name));
    } else {
      fields.push_back(arrow::field(name, made.back()->type()));
    }
  }
  auto schema = arrow::schema(std::move(fields), table->schema()->metadata());
  return arrow::Table::Make(std::move(schema), std::move(made), table->num_rows());
}

std::shared_ptr<arrow::Table> select(const std::shared_ptr<arrow::Table>& table,
                                     const std::vector<std::string>& columns) {
  std::vector<int> indices;
  for (const std::string& name : columns) {
    indices.push_back(column_index(*table->schema(), name, "select"));
  }
  auto selected = table->SelectColumns(indices);
  data::throw_if_failed(selected.status(), "select");
  return *selected;
}

}  // namespace dusk::kernels::frame
