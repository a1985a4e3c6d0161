#include "dusk/collections/frame/scans.h"

#include <arrow/api.h>

#include <numeric>

#include "dusk/base/error.h"
#include "dusk/collections/frame/codecs.h"
#include "dusk/collections/frame/fields.h"
#include "dusk/collections/frame/scan_expr.h"

namespace dusk::collections::frame {
namespace {

using graph::Inputs;
using graph::TaskContext;

class TableScan : public graph::Operation {
 public:
  TableScan(std::shared_ptr<const std::vector<data::TablePtr>> tables, Names names, Names index,
            std::string prefix)
      : tables_(std::move(tables)),
        names_(std::move(names)),
        index_(std::move(index)),
        prefix_(std::move(prefix)) {}
  std::string name() const override { return prefix_; }
  bool index_free() const override { return false; }
  bool cheap() const override { return true; }
  int64_t bound(int64_t) const override { return 0; }
  base::Result<data::Value> run(const TaskContext& context, Inputs) const override {
    return block(context.index);
  }
  bool holds_blocks() const override { return true; }
  std::string_view codec() const override { return "frame.tables"; }
  void encode(graph::Encoder& out) const override {
    graph::write_fields(out, names_, index_, prefix_);
    out.count(tables_->size());
    for (size_t i = 0; i < tables_->size(); ++i) out.value(block(static_cast<int64_t>(i)));
  }
  static graph::OperationPtr decode(graph::Decoder& in) {
    auto names = graph::read_field<Names>(in);
    auto index = graph::read_field<Names>(in);
    std::string prefix = in.string();
    auto tables = std::make_shared<std::vector<data::TablePtr>>(in.length());
    for (data::TablePtr& table : *tables) table = in.value().table();
    return std::make_shared<TableScan>(std::move(tables), std::move(names), std::move(index),
                                       std::move(prefix));
  }

 private:
  data::Value block(int64_t index) const {
    const auto& table = tables_->at(static_cast<size_t>(index))->arrow();
    return to_value(kernels::frame::select(table, names_), index_);
  }

  std::shared_ptr<const std::vector<data::TablePtr>> tables_;
  Names names_, index_;
  std::string prefix_;
};

class FromTables : public Scan {
 public:
  FromTables(std::shared_ptr<const std::vector<data::TablePtr>> tables, SchemaPtr schema,
             Names index, std::string prefix, base::Token token)
      : Scan(token, {}, std::move(prefix), std::move(schema), std::move(index),
             static_cast<int64_t>(tables->size())),
        tables_(std::move(tables)) {}
  std::string_view kind() const override { return "FromTables"; }
  std::string describe() const override {
    return "FromTables columns=" + std::to_string(names().size());
  }
  std::optional<int64_t> rows() const override {
    return std::accumulate(tables_->begin(), tables_->end(), int64_t{0},
                           [](int64_t n, const data::TablePtr& t) { return n + t->num_rows(); });
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr>) const override {
    return std::make_shared<graph::BlockwiseLayer>(
        prefix(), token(), std::make_shared<TableScan>(tables_, names(), index(), prefix()),
        std::vector<int64_t>{block_count()}, std::vector<graph::BlockwiseLayer::Input>{});
  }

 protected:
  graph::ExprPtr narrow(const Names& names) const override {
    base::Tokenizer token("narrowed");
    token.add(this->token());
    for (const auto& name : names) token.add(name);
    return std::make_shared<FromTables>(tables_, select_fields(*schema(), names), kept_index(names),
                                        prefix(), token.finish());
  }

 private:
  std::shared_ptr<const std::vector<data::TablePtr>> tables_;
};

}  // namespace

void add_table_codecs(graph::Codecs& codecs) {
  codecs.operations["frame.tables"] = &TableScan::decode;
}

std::shared_ptr<arrow::Table> with_row_number(const std::shared_ptr<arrow::Table>& table,
                                              int64_t first) {
  arrow::Int64Builder builder(data::arrow_pool());
  data::throw_if_failed(builder.Reserve(table->num_rows()), "row number");
  for (int64_t i = 0; i < table->num_rows(); ++i) builder.UnsafeAppend(first + i);
  auto numbers = builder.Finish();
  data::throw_if_failed(numbers.status(), "row number");
  auto added = table->AddColumn(0, arrow::field(kRowNumber, arrow::int64()),
                                std::make_shared<arrow::ChunkedArray>(*numbers));
  data::throw_if_failed(added.status(), "row number");
  return *added;
}

SchemaPtr with_row_number_field(const arrow::Schema& schema) {
  arrow::FieldVector fields{arrow::field(kRowNumber, arrow::int64())};
  for (const auto& field : schema.fields()) fields.push_back(field);
  return arrow::schema(std::move(fields));
}

FramePtr from_tables(std::vector<data::TablePtr> tables, const std::string& token,
                     std::string prefix) {
  if (tables.empty()) throw base::value_error("[" + prefix + "] needs at least one table");
  auto schema = tables[0]->schema()->RemoveMetadata();
  Names index = tables[0]->index_columns();
  for (const auto& table : tables) {
    if (table->schema()->Equals(*schema, false)) continue;
    throw base::value_error("[" + prefix + "] tables have different schemas:\n" +
                            schema->ToString() + "\nand\n" + table->schema()->ToString());
  }
  base::Tokenizer t("from-tables");
  t.add(token);
  add_schema(t, *schema);
  auto shared = std::make_shared<const std::vector<data::TablePtr>>(std::move(tables));
  return std::make_shared<FromTables>(std::move(shared), std::move(schema), std::move(index),
                                      std::move(prefix), t.finish());
}

}  // namespace dusk::collections::frame
