#include <arrow/api.h>
#include <arrow/compute/api.h>

#include <algorithm>
#include <unordered_map>

#include "dusk/data/table.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/expression.h"
#include "dusk/kernels/frame/functions.h"

namespace dusk::kernels::frame {
namespace {

// Intermediates of so many rows stay in the second-level cache.
constexpr int64_t kSliceRows = 16384;

using FunctionTable = std::unordered_map<std::string, Function>;

FunctionTable make_functions() {
  FunctionTable table;
  for (auto family : {arithmetic_functions, comparison_functions, logical_functions,
                      missing_functions, math_functions, string_functions,
                      string_predicate_functions, time_functions, cast_functions}) {
    for (const Function& function : family()) table.emplace(function.name, function);
  }
  return table;
}

const FunctionTable& functions() {
  static const auto* table = new FunctionTable(make_functions());
  return *table;
}

Operand run(const Function& function, const Options& options, std::vector<Operand> args,
            int64_t length) {
  bool scalars = std::all_of(args.begin(), args.end(), [](auto& a) { return a.is_scalar(); });
  if (!scalars) {
    return operand_of(function.run({function.name, std::move(args), &options, length}));
  }
  // A call of constants is computed once, on one row.
  bool weak = std::all_of(args.begin(), args.end(), [](auto& a) { return a.weak; });
  for (Operand& arg : args) arg.array = as_array(arg, 1);
  auto result = function.run({function.name, std::move(args), &options, 1});
  auto scalar = result->GetScalar(0);
  data::throw_if_failed(scalar.status(), function.name);
  return {nullptr, *scalar, weak};
}

class Evaluator {
 public:
  explicit Evaluator(const arrow::RecordBatch& batch) : batch_(batch) {}

  Operand operator()(const ColumnPtr& expr) const {
    if (expr->kind() == ColumnKind::kLiteral) return {nullptr, expr->value(), expr->weak()};
    if (expr->kind() == ColumnKind::kField) {
      int index = column_index(*batch_.schema(), expr->name(), "column");
      return operand_of(normalised(batch_.column(index)));
    }
    std::vector<Operand> args;
    args.reserve(expr->args().size());
    for (const ColumnPtr& arg : expr->args()) args.push_back((*this)(arg));
    return run(*find_function(expr->name()), expr->options(), std::move(args), batch_.num_rows());
  }

 private:
  const arrow::RecordBatch& batch_;
};

bool is_flat(const ColumnExpr& expr) {
  return std::all_of(expr.args().begin(), expr.args().end(),
                     [](const ColumnPtr& arg) { return arg->kind() != ColumnKind::kCall; });
}

std::shared_ptr<arrow::RecordBatch> empty_batch(const arrow::Schema& schema) {
  arrow::ArrayVector columns;
  for (const auto& field : schema.fields()) {
    auto column = arrow::MakeEmptyArray(field->type(), data::arrow_pool());
    data::throw_if_failed(column.status(), "frame");
    columns.push_back(*column);
  }
  return arrow::RecordBatch::Make(arrow::schema(schema.fields()), 0, std::move(columns));
}

// Only the columns that the expression reads, so that slicing costs no more than it must.
std::shared_ptr<arrow::Table> needed_columns(const ColumnExpr& expr, const arrow::Table& table) {
  std::vector<int> indices;
  for (const std::string& name : expr.fields()) {
    indices.push_back(column_index(*table.schema(), name, "column"));
  }
  auto selected = table.SelectColumns(indices);
  data::throw_if_failed(selected.status(), "column");
  return *selected;
}

}  // namespace

const Function* find_function(const std::string& name) {
  auto found = functions().find(name);
  return found == functions().end() ? nullptr : &found->second;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const auto& [name, function] : functions()) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::shared_ptr<arrow::Array> run_function(const std::string& name, std::vector<Operand> args,
                                           int64_t length, const Options& options) {
  Operand result = run(*find_function(name), options, std::move(args), length);
  return as_array(result, length);
}

std::shared_ptr<arrow::Array> evaluate(const ColumnPtr& expr, const arrow::RecordBatch& batch) {
  return as_array(Evaluator(batch)(expr), batch.num_rows());
}

std::shared_ptr<arrow::DataType> infer(const ColumnPtr& expr, const arrow::Schema& schema) {
  if (expr->kind() == ColumnKind::kField) {
    return schema.field(column_index(schema, expr->name(), "column"))->type();
  }
  return evaluate(expr, *empty_batch(schema))->type();
}

std::shared_ptr<arrow::ChunkedArray> evaluate(const ColumnPtr& expr, const arrow::Table& table) {
  if (expr->kind() == ColumnKind::kField) {
    return table.column(column_index(*table.schema(), expr->name(), "column"));
  }
  auto needed = needed_columns(*expr, table);
  if (needed->num_columns() == 0) {
    auto batch =
        arrow::RecordBatch::Make(arrow::schema({}), table.num_rows(), arrow::ArrayVector{});
    return std::make_shared<arrow::ChunkedArray>(evaluate(expr, *batch));
  }
  arrow::TableBatchReader reader(*needed);
  bool flat = is_flat(*expr);
  if (!flat) reader.set_chunksize(kSliceRows);
  arrow::ArrayVector parts;
  std::shared_ptr<arrow::RecordBatch> batch;
  for (;;) {
    data::throw_if_failed(reader.ReadNext(&batch), "column");
    if (batch == nullptr) break;
    if (batch->num_rows() > 0) parts.push_back(evaluate(expr, *batch));
  }
  auto type = parts.empty() ? infer(expr, *needed->schema()) : parts[0]->type();
  auto column = std::make_shared<arrow::ChunkedArray>(std::move(parts), type);
  if (flat && column->num_chunks() > 0) return column;
  return std::make_shared<arrow::ChunkedArray>(combined(*column));
}

}  // namespace dusk::kernels::frame
