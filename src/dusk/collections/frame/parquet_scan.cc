#include <arrow/api.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "dusk/base/error.h"
#include "dusk/collections/frame/codecs.h"
#include "dusk/collections/frame/fields.h"
#include "dusk/collections/frame/layers.h"
#include "dusk/collections/frame/prune.h"
#include "dusk/collections/frame/scan_expr.h"
#include "dusk/io/parquet.h"

namespace dusk::collections::frame {
namespace {

using graph::Inputs;
using graph::TaskContext;

// A file that is open where the frame was made, and is opened elsewhere by the first task that
// reads it.
class ParquetSource {
 public:
  explicit ParquetSource(std::shared_ptr<const io::ParquetFile> file)
      : path_(file->path()),
        rows_(file->rows()),
        row_groups_(static_cast<int64_t>(file->row_groups().size())),
        file_(std::move(file)) {}
  ParquetSource(std::string path, int64_t rows, int64_t row_groups)
      : path_(std::move(path)), rows_(rows), row_groups_(row_groups) {}

  // Throws what ParquetFile::open() does, and OSError for a file that is another one by now.
  std::shared_ptr<const io::ParquetFile> open() const {
    std::scoped_lock lock(mutex_);
    if (file_) return file_;
    auto file = io::ParquetFile::open(path_);
    auto groups = static_cast<int64_t>(file->row_groups().size());
    if (file->rows() != rows_ || groups != row_groups_) {
      throw base::Error(base::ErrorKind::kOs, "[read_parquet] " + path_ + " has " +
                                                  rows_text(file->rows(), groups) + ", but had " +
                                                  rows_text(rows_, row_groups_) +
                                                  " when the frame was made: make the frame again");
    }
    return file_ = std::move(file);
  }
  const std::string& path() const { return path_; }
  int64_t rows() const { return rows_; }
  int64_t row_groups() const { return row_groups_; }

 private:
  static std::string rows_text(int64_t rows, int64_t groups) {
    return std::to_string(rows) + " rows in " + std::to_string(groups) + " row groups";
  }
  std::string path_;
  int64_t rows_, row_groups_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const io::ParquetFile> file_;
};
using ParquetSourcePtr = std::shared_ptr<const ParquetSource>;

// A partition of a Parquet scan: some row groups of one file.
struct ParquetPart {
  ParquetSourcePtr source;
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
    const ParquetPart& part = parts_->at(static_cast<size_t>(context.index));
    auto file = part.source->open();
    std::vector<int> groups = groups_of(part, *file);
    Selection selection = selection_of(schema_->field_names());
    auto table = selection.columns.empty()
                     ? empty_columns(*file, groups)
                     : file->read(groups, selection.columns, dictionaries_of(*file));
    return finished(std::move(table), selection, 0);
  }

  void batches(const TaskContext& context,
               const std::function<void(data::Value)>& consume) const override {
    const ParquetPart& part = parts_->at(static_cast<size_t>(context.index));
    auto file = part.source->open();
    std::vector<int> groups = groups_of(part, *file);
    Selection selection = selection_of(schema_->field_names());
    if (selection.columns.empty()) {
      consume(finished(empty_columns(*file, groups), selection, 0));
      return;
    }
    int64_t row = 0;
    file->read_batches(groups, selection.columns, dictionaries_of(*file), kBatchRows,
                       [&](std::shared_ptr<arrow::Table> table) {
                         int64_t first = row;
                         row += table->num_rows();
                         consume(finished(std::move(table), selection, first));
                       });
  }
  graph::OperationPtr copy() const override { return std::make_shared<ParquetOperation>(*this); }

  std::string_view codec() const override { return "frame.read-parquet"; }
  void encode(graph::Encoder& out) const override;
  static graph::OperationPtr decode(graph::Decoder& in);

 private:
  // Small enough for the caches, large enough that what a batch costs by itself does not count.
  static constexpr int64_t kBatchRows = int64_t{1} << 17;

  // The row groups that can have rows which match.
  std::vector<int> groups_of(const ParquetPart& part, const io::ParquetFile& file) const {
    std::vector<int> groups;
    for (int group : part.row_groups) {
      if (!predicate_ || may_match(predicate_, [&](const std::string& column) {
            return file.statistics(group, column);
          })) {
        groups.push_back(group);
      }
    }
    return groups;
  }
  NameSet dictionaries_of(const io::ParquetFile& file) const {
    NameSet dictionaries;
    for (const auto& field : schema_->fields()) {
      if (field->type()->id() == arrow::Type::DICTIONARY && is_text(file, field->name())) {
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
  static bool is_text(const io::ParquetFile& file, const std::string& name) {
    auto field = file.schema()->GetFieldByName(name);
    return field && arrow::is_base_binary_like(field->type()->id());
  }
  // Rows without columns still have a number.
  static std::shared_ptr<arrow::Table> empty_columns(const io::ParquetFile& file,
                                                     const std::vector<int>& groups) {
    int64_t rows = 0;
    for (int g : groups) rows += file.row_groups()[static_cast<size_t>(g)].rows;
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

// Every file once, and of each partition the number of its file and its row groups.
void ParquetOperation::encode(graph::Encoder& out) const {
  std::vector<const ParquetSource*> sources;
  std::map<const ParquetSource*, int64_t> numbers;
  for (const ParquetPart& part : *parts_) {
    auto number = static_cast<int64_t>(sources.size());
    if (numbers.emplace(part.source.get(), number).second) sources.push_back(part.source.get());
  }
  out.count(sources.size());
  for (const ParquetSource* source : sources) {
    graph::write_fields(out, source->path(), source->rows(), source->row_groups());
  }
  out.count(parts_->size());
  for (const ParquetPart& part : *parts_) {
    graph::write_fields(out, numbers.at(part.source.get()), part.row_groups);
  }
  graph::write_fields(out, schema_, index_, predicate_ != nullptr);
  if (predicate_) graph::write_fields(out, predicate_);
}

graph::OperationPtr ParquetOperation::decode(graph::Decoder& in) {
  std::vector<ParquetSourcePtr> sources(in.length());
  for (ParquetSourcePtr& source : sources) {
    std::string path = in.string();
    int64_t rows = in.integer(0, INT64_MAX);
    source = std::make_shared<ParquetSource>(std::move(path), rows, in.integer(0, INT32_MAX));
  }
  auto parts = std::make_shared<std::vector<ParquetPart>>(in.length());
  for (ParquetPart& part : *parts) {
    auto number = in.integer(0, static_cast<int64_t>(sources.size()) - 1);
    part.source = sources[static_cast<size_t>(number)];
    part.row_groups = graph::read_field<std::vector<int>>(in);
    for (int group : part.row_groups) {
      if (group < 0 || group >= part.source->row_groups()) throw graph::Decoder::damaged();
    }
  }
  auto schema = graph::read_field<SchemaPtr>(in);
  auto index = graph::read_field<Names>(in);
  ColumnPtr predicate;
  if (in.boolean()) predicate = graph::read_field<ColumnPtr>(in);
  return std::make_shared<ParquetOperation>(std::move(parts), std::move(schema), std::move(index),
                                            std::move(predicate));
}

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
      auto file = part.source->open();
      for (int g : part.row_groups) rows += file->row_groups()[static_cast<size_t>(g)].rows;
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

}  // namespace

void add_parquet_codecs(graph::Codecs& codecs) {
  codecs.operations["frame.read-parquet"] = &ParquetOperation::decode;
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
    auto source = std::make_shared<const ParquetSource>(file);
    int step = split > 0 ? split : std::max(groups, 1);
    for (int g = 0; g < std::max(groups, 1); g += step) {
      ParquetPart part{source, {}};
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

FramePtr with_dictionaries(const graph::ExprPtr& scan, const NameSet& columns) {
  const auto* parquet = dynamic_cast<const ReadParquet*>(scan.get());
  return parquet ? parquet->as_dictionaries(columns) : nullptr;
}

FramePtr with_predicate(const graph::ExprPtr& scan, const ColumnPtr& predicate) {
  const auto* parquet = dynamic_cast<const ReadParquet*>(scan.get());
  return parquet ? parquet->skipping(predicate) : nullptr;
}

}  // namespace dusk::collections::frame
