#include "dusk/collections/frame/writing.h"

#include <arrow/api.h>

#include <filesystem>

#include "dusk/collections/frame/codecs.h"
#include "dusk/collections/frame/combining.h"
#include "dusk/collections/frame/table_operation.h"
#include "dusk/io/parquet.h"

namespace dusk::collections::frame {
namespace {

std::shared_ptr<arrow::Table> written_row(const std::string& path, int64_t rows, int64_t bytes) {
  auto text = arrow::MakeArrayFromScalar(arrow::StringScalar(path), 1);
  auto count = arrow::MakeArrayFromScalar(arrow::Int64Scalar(rows), 1);
  auto size = arrow::MakeArrayFromScalar(arrow::Int64Scalar(bytes), 1);
  data::throw_if_failed(text.status(), "to_parquet");
  return arrow::Table::Make(
      arrow::schema({arrow::field("path", arrow::utf8()), arrow::field("rows", arrow::int64()),
                     arrow::field("bytes", arrow::int64())}),
      {*text, *count, *size});
}

struct WriteParquet {
  static constexpr std::string_view kCodec = "frame.write-parquet";
  static constexpr size_t kInputs = 1;
  static constexpr bool kIndexFree = false;
  Names order;
  Names paths;
  std::string compression;
  int64_t row_group_rows = 1;
  std::map<std::string, std::string> metadata;

  static auto members(auto& self) {
    return std::tie(self.order, self.paths, self.compression, self.row_group_rows, self.metadata);
  }
  std::string text() const { return compression; }
  data::Value run(const graph::TaskContext& context, graph::Inputs values) const {
    auto table = kernels::frame::select(table_of(values[0]), order);
    const std::string& path = paths.at(static_cast<size_t>(context.index));
    io::write_parquet(table, path, compression, row_group_rows, metadata);
    auto bytes = static_cast<int64_t>(std::filesystem::file_size(path));
    return to_value(written_row(path, table->num_rows(), bytes), {});
  }
};

}  // namespace

FramePtr write_parquet(const FramePtr& x, const Names& paths, const std::string& compression,
                       int64_t row_group_rows, const std::map<std::string, std::string>& metadata) {
  if (static_cast<int64_t>(paths.size()) != x->block_count()) {
    throw base::value_error("[to_parquet] " + std::to_string(paths.size()) + " paths for " +
                            std::to_string(x->block_count()) + " partitions");
  }
  // The index goes behind the columns, where pandas puts it.
  Names order = x->columns();
  for (const auto& name : x->index()) order.push_back(name);
  auto operation = table_operation(
      "to-parquet", WriteParquet{order, paths, compression, row_group_rows, metadata});
  base::Tokenizer token("to-parquet");
  for (const auto& path : paths) token.add(path);
  token.add(compression).add(row_group_rows);
  return map_partitions(operation, {x}, written_row("", 0, 0)->schema(), {}, "to-parquet",
                        token.finish().hex());
}

void add_writing_codecs(graph::Codecs& codecs) { add_table_operations<WriteParquet>(codecs); }

}  // namespace dusk::collections::frame
