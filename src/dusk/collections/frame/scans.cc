#include "dusk/collections/frame/scans.h"

#include <arrow/api.h>

#include <algorithm>
#include <numeric>

#include "dusk/base/error.h"
#include "dusk/collections/frame/layers.h"
#include "dusk/collections/frame/prune.h"
#include "dusk/io/parquet.h"

namespace dusk::collections::frame {
namespace {

using graph::Inputs;
using graph::TaskContext;

// A scan's columns: those of the file, and the row number when somebody needs it.
struct Selection {
  Names columns;  // in the table's order, without the row number
  bool row_number = false;
};

Selection selection_of(const Names& names) {
  Selection s;
  for (const std::string& name : names) {
    if (name == kRowNumber) {
      s.row_number = true;
    } else {
      s.columns.push_back(name);
    }
  }
  return s;
}

// Every scan narrows itself to what is wanted.
class Scan : public FrameExpr {
 public:
  using FrameExpr::FrameExpr;
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr>) const override { return narrow(names()); }
  graph::ExprPtr narrowed(std::vector<graph::ExprPtr>, const NameSet& wanted) const override {
    Names kept;
    for (const std::string& name : names()) {
      if (wanted.contains(name)) kept.push_back(name);
    }
    if (kept.size() == names().size()) return std::const_pointer_cast<Expr>(shared_from_this());
    return narrow(kept);
  }

 protected:
  virtual graph::ExprPtr narrow(const Names& names) const = 0;
  Names kept_index(const Names& names) const {
    Names kept;
    for (const std::string& name : index()) {
      if (std::find(names.begin(), names.end(), name) != names.end()) kept.push_back(name);
    }
    return kept;
  }
};

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
    const auto& table = (*tables_)[static_cast<size_t>(context.index)]->arrow();
    return to_value(kernels::frame::select(table, names_), index_);
  }

 private:
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

// A partition of a Parquet scan: some row groups of one file.
struct ParquetPart {
  std::shared_ptr<const io::ParquetFile> file;
  std::vector<int> row_groups;
};
using ParquetParts = std::shared_ptr<const std::vector<ParquetPart>>;

class ParquetOperation : public graph::Operation, public BatchSource {
 public:
  ParquetOperation(ParquetParts parts, SchemaPtr schema, Names index, ColumnPtr predicate)
      : parts_(std::move(parts)),
        schema_(std::move(schema)),
        index_(std::move(index)),
        predicate_(std::move(predicate)) {}
  std::string name() const override { return "read-parquet"; }
  bool index_free() const override { return false; }
  std::string detail() const override {
    std::string text = "columns=[";
    for (const auto& field : schema_->fields()) {
      text += (text.back() == '[' ? "" : ", ") + field->name();
    }
    text += "]";
    if (predicate_) text += " skips row groups by " + predicate_->text();
    return text;
  }

  base::Result<data::Value> run(const TaskContext& context, Inputs) const override {
    const ParquetPart& part = (*parts_)[static_cast<size_t>(context.index)];
    std::vector<int> groups = groups_of(part);
    Selection selection = selection_of(schema_->field_names());
    auto table = selection.columns.empty()
                     ? empty_columns(part, groups)
                     : part.file->read(groups, selection.columns, dictionaries_of(part));
    return finished(std::move(table), selection, 0);
  }

  void batches(const TaskContext& context,
               const std::function<void(data::Value)>& consume) const override {
    const ParquetPart& part = (*parts_)[static_cast<size_t>(context.index)];
    std::vector<int> groups = groups_of(part);
    Selection selection = selection_of(schema_->field_names());
    if (selection.columns.empty()) {
      consume(finished(empty_columns(part, groups), selection, 0));
      return;
    }
    int64_t row = 0;
    part.file->read_batches(groups, selection.columns, dictionaries_of(part), kBatchRows,
                            [&](std::shared_ptr<arrow::Table> table) {
                              int64_t first = row;
                              row += table->num_rows();
                              consume(finished(std::move(table), selection, first));
                            });
  }
  std::shared_ptr<const BatchSource> copy() const override {
    return std::make_shared<ParquetOperation>(*this);
  }

 private:
  // Small enough for the caches, large enough that what a batch costs by itself does not count.
  static constexpr int64_t kBatchRows = int64_t{1} << 17;

  // The row groups that can have rows which match.
  std::vector<int> groups_of(const ParquetPart& part) const {
    std::vector<int> groups;
    for (int group : part.row_groups) {
      if (!predicate_ || may_match(predicate_, [&](const std::string& column) {
            return part.file->statistics(group, column);
          })) {
        groups.push_back(group);
      }
    }
    return groups;
  }
  NameSet dictionaries_of(const ParquetPart& part) const {
    NameSet dictionaries;
    for (const auto& field : schema_->fields()) {
      if (field->type()->id() == arrow::Type::DICTIONARY && is_text(part, field->name())) {
        dictionaries.insert(field->name());
      }
    }
    return dictionaries;
  }
  data::Value finished(std::shared_ptr<arrow::Table> table, const Selection& selection,
                       int64_t first_row) const {
    if (selection.row_number) table = with_row_number(table, first_row);
    return to_value(kernels::frame::select(conform(table), schema_->field_names()), index_);
  }
  static bool is_text(const ParquetPart& part, const std::string& name) {
    auto type = part.file->schema()->GetFieldByName(name)->type();
    return arrow::is_base_binary_like(type->id());
  }
  // Rows without columns still have a number.
  static std::shared_ptr<arrow::Table> empty_columns(const ParquetPart& part,
                                                     const std::vector<int>& groups) {
    int64_t rows = 0;
    for (int g : groups) rows += part.file->row_groups()[static_cast<size_t>(g)].rows;
    return arrow::Table::Make(arrow::schema({}), arrow::ChunkedArrayVector{}, rows);
  }
  // Files agree but for what a reader can mend (int32 beside int64).
  std::shared_ptr<arrow::Table> conform(std::shared_ptr<arrow::Table> table) const {
    for (int i = 0; i < table->num_columns(); ++i) {
      auto wanted = schema_->GetFieldByName(table->field(i)->name());
      if (!wanted || wanted->type()->Equals(*table->field(i)->type())) continue;
      auto column = kernels::frame::evaluate(
          kernels::frame::ColumnExpr::call("astype",
                                           {kernels::frame::ColumnExpr::field(wanted->name())},
                                           {{"type", wanted->type()->ToString()}}),
          *table);
      auto replaced = table->SetColumn(i, wanted, column);
      data::throw_if_failed(replaced.status(), "read_parquet");
      table = *replaced;
    }
    return table;
  }

  ParquetParts parts_;
  SchemaPtr schema_;
  Names index_;
  ColumnPtr predicate_;
};

class ReadParquet : public Scan {
 public:
  ReadParquet(ParquetParts parts, SchemaPtr schema, Names index, ColumnPtr predicate,
              base::Token identity)
      : Scan(token_for(*schema, predicate, identity), {}, "read-parquet", schema, std::move(index),
             static_cast<int64_t>(parts->size())),
        parts_(std::move(parts)),
        predicate_(std::move(predicate)),
        identity_(identity) {}
  std::string_view kind() const override { return "ReadParquet"; }
  std::string describe() const override {
    return "ReadParquet " + ParquetOperation(parts_, schema(), index(), predicate_).detail();
  }
  std::optional<int64_t> rows() const override {
    int64_t rows = 0;
    for (const ParquetPart& part : *parts_) {
      for (int g : part.row_groups) rows += part.file->row_groups()[static_cast<size_t>(g)].rows;
    }
    return rows;
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr>) const override {
    auto operation = std::make_shared<ParquetOperation>(parts_, schema(), index(), predicate_);
    return std::make_shared<graph::BlockwiseLayer>(prefix(), token(), std::move(operation),
                                                   std::vector<int64_t>{block_count()},
                                                   std::vector<graph::BlockwiseLayer::Input>{});
  }
  FramePtr as_dictionaries(const NameSet& columns) const {
    arrow::FieldVector fields;
    for (const auto& field : schema()->fields()) {
      bool wanted = columns.contains(field->name());
      if (wanted && !arrow::is_base_binary_like(field->type()->id())) return nullptr;
      fields.push_back(wanted ? field->WithType(arrow::dictionary(arrow::int32(), arrow::utf8()))
                              : field);
    }
    return std::make_shared<ReadParquet>(parts_, arrow::schema(std::move(fields)), index(),
                                         predicate_, identity_);
  }
  FramePtr skipping(const ColumnPtr& predicate) const {
    return std::make_shared<ReadParquet>(parts_, schema(), index(), predicate, identity_);
  }

 protected:
  graph::ExprPtr narrow(const Names& names) const override {
    return std::make_shared<ReadParquet>(parts_, select_fields(*schema(), names), kept_index(names),
                                         predicate_, identity_);
  }

 private:
  static base::Token token_for(const arrow::Schema& schema, const ColumnPtr& predicate,
                               const base::Token& identity) {
    base::Tokenizer token("read-parquet");
    token.add(identity);
    add_schema(token, schema);
    if (predicate) token.add(predicate->token());
    return token.finish();
  }
  ParquetParts parts_;
  ColumnPtr predicate_;
  base::Token identity_;
};

void check_schemas(const io::ParquetFile& first, const io::ParquetFile& other) {
  for (const auto& field : first.schema()->fields()) {
    auto there = other.schema()->GetFieldByName(field->name());
    bool integers =
        there && arrow::is_integer(there->type()->id()) && arrow::is_integer(field->type()->id());
    if (there && (there->type()->Equals(*field->type()) || integers)) continue;
    throw base::value_error("[read_parquet] " + first.path() + " and " + other.path() +
                            " have different schemas: column " + field->name() + " is " +
                            field->type()->ToString() + " in the first and " +
                            (there ? there->type()->ToString() : "missing") + " in the second");
  }
}

class CsvOperation : public graph::Operation {
 public:
  CsvOperation(std::shared_ptr<const std::vector<io::CsvBlock>> blocks, SchemaPtr schema,
               Names index, io::CsvOptions options)
      : blocks_(std::move(blocks)),
        schema_(std::move(schema)),
        index_(std::move(index)),
        options_(std::move(options)) {}
  std::string name() const override { return "read-csv"; }
  bool index_free() const override { return false; }
  std::string detail() const override { return "columns=" + std::to_string(schema_->num_fields()); }
  base::Result<data::Value> run(const TaskContext& context, Inputs) const override {
    const io::CsvBlock& block = (*blocks_)[static_cast<size_t>(context.index)];
    Selection selection = selection_of(schema_->field_names());
    Names columns = selection.columns;
    if (columns.empty() && count_column_) columns.push_back(*count_column_);
    auto table =
        io::read_csv(block, columns.empty() ? any_ : select_fields(*any_, columns), options_);
    if (selection.row_number) table = with_row_number(table);
    return to_value(kernels::frame::select(table, schema_->field_names()), index_);
  }
  void set_file_schema(SchemaPtr schema) {
    any_ = std::move(schema);
    if (any_->num_fields()) count_column_ = any_->field(0)->name();
  }

 private:
  std::shared_ptr<const std::vector<io::CsvBlock>> blocks_;
  SchemaPtr schema_;
  Names index_;
  io::CsvOptions options_;
  SchemaPtr any_;  // all declared columns of the file
  std::optional<std::string> count_column_;
};

class ReadCsv : public Scan {
 public:
  ReadCsv(std::shared_ptr<const std::vector<io::CsvBlock>> blocks, SchemaPtr file_schema,
          SchemaPtr schema, Names index, io::CsvOptions options, base::Token identity)
      : Scan(token_for(*schema, identity), {}, "read-csv", schema, std::move(index),
             static_cast<int64_t>(blocks->size())),
        blocks_(std::move(blocks)),
        file_schema_(std::move(file_schema)),
        options_(std::move(options)),
        identity_(identity) {}
  std::string_view kind() const override { return "ReadCsv"; }
  std::string describe() const override {
    return "ReadCsv columns=" + std::to_string(names().size());
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr>) const override {
    auto operation = std::make_shared<CsvOperation>(blocks_, schema(), index(), options_);
    operation->set_file_schema(file_schema_);
    return std::make_shared<graph::BlockwiseLayer>(prefix(), token(), std::move(operation),
                                                   std::vector<int64_t>{block_count()},
                                                   std::vector<graph::BlockwiseLayer::Input>{});
  }

 protected:
  graph::ExprPtr narrow(const Names& names) const override {
    return std::make_shared<ReadCsv>(blocks_, file_schema_, select_fields(*schema(), names),
                                     kept_index(names), options_, identity_);
  }

 private:
  static base::Token token_for(const arrow::Schema& schema, const base::Token& identity) {
    base::Tokenizer token("read-csv");
    token.add(identity);
    add_schema(token, schema);
    return token.finish();
  }
  std::shared_ptr<const std::vector<io::CsvBlock>> blocks_;
  SchemaPtr file_schema_;
  io::CsvOptions options_;
  base::Token identity_;
};

}  // namespace

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

FramePtr read_parquet(const Names& paths, const std::optional<Names>& columns, const Names& index,
                      int split) {
  if (paths.empty()) throw base::value_error("[read_parquet] needs at least one file");
  auto parts = std::make_shared<std::vector<ParquetPart>>();
  base::Tokenizer identity("parquet");
  identity.add(split);
  std::shared_ptr<const io::ParquetFile> first;
  for (const std::string& path : paths) {
    auto file = io::ParquetFile::open(path);
    if (!first) first = file;
    check_schemas(*first, *file);
    identity.add(path).add(file->rows());
    auto groups = static_cast<int>(file->row_groups().size());
    int step = split > 0 ? split : std::max(groups, 1);
    for (int g = 0; g < std::max(groups, 1); g += step) {
      ParquetPart part{file, {}};
      for (int i = g; i < std::min(g + step, groups); ++i) part.row_groups.push_back(i);
      parts->push_back(std::move(part));
    }
  }
  Names wanted = index;
  for (const std::string& name : columns ? *columns : first->schema()->field_names()) {
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) wanted.push_back(name);
  }
  for (const std::string& name : wanted) {
    kernels::frame::infer(kernels::frame::ColumnExpr::field(name), *first->schema());
  }
  auto schema = select_fields(*first->schema(), wanted);
  Names levels = index;
  if (index.empty()) {
    schema = with_row_number_field(*schema);
    levels = {kRowNumber};
  }
  return std::make_shared<ReadParquet>(std::move(parts), std::move(schema), std::move(levels),
                                       nullptr, identity.finish());
}

FramePtr read_csv(const Names& paths, const SchemaPtr& schema, const io::CsvOptions& options,
                  int64_t blocksize) {
  if (paths.empty()) throw base::value_error("[read_csv] needs at least one file");
  auto blocks = std::make_shared<const std::vector<io::CsvBlock>>(io::csv_blocks(paths, blocksize));
  base::Tokenizer identity("csv");
  for (const auto& block : *blocks) identity.add(block.path).add(block.offset).add(block.length);
  identity.add(std::string_view(&options.separator, 1)).add(options.header);
  for (const auto& name : options.names) identity.add(name);
  for (const auto& value : options.na_values) identity.add(value);
  return std::make_shared<ReadCsv>(std::move(blocks), schema, with_row_number_field(*schema),
                                   Names{kRowNumber}, options, identity.finish());
}

FramePtr with_dictionaries(const graph::ExprPtr& scan, const NameSet& columns) {
  const auto* parquet = dynamic_cast<const ReadParquet*>(scan.get());
  return parquet ? parquet->as_dictionaries(columns) : nullptr;
}

FramePtr with_predicate(const graph::ExprPtr& scan, const ColumnPtr& predicate) {
  const auto* parquet = dynamic_cast<const ReadParquet*>(scan.get());
  return parquet ? parquet->skipping(predicate) : nullptr;
}

}  // namespace dusk::collections::frame
