#include <arrow/api.h>

#include "dusk/base/error.h"
#include "dusk/collections/frame/codecs.h"
#include "dusk/collections/frame/fields.h"
#include "dusk/collections/frame/scan_expr.h"

namespace dusk::collections::frame {
namespace {

using graph::Inputs;
using graph::TaskContext;
using CsvBlocks = std::shared_ptr<const std::vector<io::CsvBlock>>;

class CsvOperation : public graph::Operation {
 public:
  CsvOperation(CsvBlocks blocks, SchemaPtr schema, SchemaPtr file_schema, Names index,
               io::CsvOptions options)
      : blocks_(std::move(blocks)),
        schema_(std::move(schema)),
        file_schema_(std::move(file_schema)),
        index_(std::move(index)),
        options_(std::move(options)) {}
  std::string name() const override { return "read-csv"; }
  bool index_free() const override { return false; }
  std::string detail() const override { return "columns=" + std::to_string(schema_->num_fields()); }
  base::Result<data::Value> run(const TaskContext& context, Inputs) const override {
    const io::CsvBlock& block = blocks_->at(static_cast<size_t>(context.index));
    Selection selection = selection_of(schema_->field_names());
    Names columns = selection.columns;
    // Rows are counted by their first column.
    bool some = file_schema_->num_fields() > 0;
    if (columns.empty() && some) columns.push_back(file_schema_->field(0)->name());
    auto wanted = columns.empty() ? file_schema_ : select_fields(*file_schema_, columns);
    auto table = io::read_csv(block, wanted, options_);
    if (selection.row_number) table = with_row_number(table);
    return to_value(kernels::frame::select(table, schema_->field_names()), index_);
  }

  std::string_view codec() const override { return "frame.read-csv"; }
  void encode(graph::Encoder& out) const override {
    graph::write_fields(out, *blocks_, schema_, file_schema_, index_, options_);
  }
  static graph::OperationPtr decode(graph::Decoder& in) {
    auto blocks = graph::read_field<CsvBlocks>(in);
    auto schema = graph::read_field<SchemaPtr>(in);
    auto file_schema = graph::read_field<SchemaPtr>(in);
    auto index = graph::read_field<Names>(in);
    return std::make_shared<CsvOperation>(std::move(blocks), std::move(schema),
                                          std::move(file_schema), std::move(index),
                                          graph::read_field<io::CsvOptions>(in));
  }

 private:
  CsvBlocks blocks_;
  SchemaPtr schema_;
  SchemaPtr file_schema_;  // all declared columns
  Names index_;
  io::CsvOptions options_;
};

class ReadCsv : public Scan {
 public:
  ReadCsv(CsvBlocks blocks, SchemaPtr file_schema, SchemaPtr schema, Names index,
          io::CsvOptions options, base::Token identity)
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
    auto operation =
        std::make_shared<CsvOperation>(blocks_, schema(), file_schema_, index(), options_);
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
  CsvBlocks blocks_;
  SchemaPtr file_schema_;
  io::CsvOptions options_;
  base::Token identity_;
};

}  // namespace

void add_csv_codecs(graph::Codecs& codecs) {
  codecs.operations["frame.read-csv"] = &CsvOperation::decode;
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

}  // namespace dusk::collections::frame
