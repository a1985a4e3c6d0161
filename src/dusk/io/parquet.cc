#include "dusk/io/parquet.h"

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/arrow/writer.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/statistics.h>

#include <sys/stat.h>

#include <cstdio>
#include <numeric>

#include "dusk/base/error.h"
#include "dusk/data/table.h"

namespace dusk::io {
namespace {

base::Error damaged(const std::string& path, const std::string& why) {
  return {base::ErrorKind::kOs, "[read_parquet] " + path + " is not a readable Parquet file (" +
                                    why +
                                    "): it may be truncated or of another format; write it again "
                                    "or leave it out"};
}

std::shared_ptr<arrow::io::RandomAccessFile> open_file(const std::string& path) {
  struct stat facts;
  if (stat(path.c_str(), &facts) != 0) {
    throw base::Error(base::ErrorKind::kFileNotFound, "[read_parquet] " + path + " does not exist");
  }
  auto file = arrow::io::ReadableFile::Open(path, data::arrow_pool());
  if (!file.ok()) throw damaged(path, file.status().message());
  return *file;
}

template <class T>
T checked(arrow::Result<T> result, const std::string& path) {
  if (!result.ok()) throw damaged(path, result.status().message());
  return std::move(result).ValueUnsafe();
}

}  // namespace

struct ParquetFile::Metadata {
  std::shared_ptr<parquet::FileMetaData> footer;
};

std::shared_ptr<const ParquetFile> ParquetFile::open(const std::string& path) {
  auto file = std::make_shared<ParquetFile>();
  file->path_ = path;
  try {
    auto reader = parquet::ParquetFileReader::Open(open_file(path));
    auto footer = reader->metadata();
    for (int g = 0; g < footer->num_row_groups(); ++g) {
      auto group = footer->RowGroup(g);
      file->row_groups_.push_back({group->num_rows(), group->total_byte_size()});
    }
    parquet::ArrowReaderProperties properties;
    std::shared_ptr<arrow::Schema> schema;
    auto status = parquet::arrow::FromParquetSchema(footer->schema(), properties,
                                                    footer->key_value_metadata(), &schema);
    if (!status.ok()) throw damaged(path, status.message());
    file->schema_ = std::move(schema);
    auto metadata = std::make_shared<Metadata>();
    metadata->footer = std::move(footer);
    file->metadata_ = std::move(metadata);
  } catch (const parquet::ParquetException& error) {
    throw damaged(path, error.what());
  }
  return file;
}

int64_t ParquetFile::rows() const {
  return std::accumulate(row_groups_.begin(), row_groups_.end(), int64_t{0},
                         [](int64_t n, const RowGroup& g) { return n + g.rows; });
}

Statistics ParquetFile::statistics(int row_group, const std::string& column) const {
  Statistics result;
  try {
    int index = metadata_->footer->schema()->ColumnIndex(column);
    if (index < 0) return result;
    auto chunk = metadata_->footer->RowGroup(row_group)->ColumnChunk(index);
    auto statistics = chunk->statistics();
    if (!statistics) return result;
    if (statistics->HasNullCount()) result.nulls = statistics->null_count();
    if (!statistics->HasMinMax()) return result;
    auto status = parquet::arrow::StatisticsAsScalars(*statistics, &result.min, &result.max);
    if (!status.ok()) result.min = result.max = nullptr;
  } catch (const parquet::ParquetException&) {
    return {};  // no statistics: nothing can be skipped
  }
  return result;
}

namespace {

std::unique_ptr<parquet::arrow::FileReader> open_reader(
    const std::string& path, const std::shared_ptr<parquet::FileMetaData>& footer,
    const std::set<std::string>& dictionaries, int64_t batch_rows) {
  parquet::ReaderProperties io(data::arrow_pool());
  auto reader = parquet::ParquetFileReader::Open(open_file(path), io, footer);
  parquet::ArrowReaderProperties properties(/*use_threads=*/false);
  properties.set_pre_buffer(false);
  if (batch_rows > 0) properties.set_batch_size(batch_rows);
  for (const std::string& column : dictionaries) {
    properties.set_read_dictionary(footer->schema()->ColumnIndex(column), true);
  }
  return checked(
      parquet::arrow::FileReader::Make(data::arrow_pool(), std::move(reader), properties), path);
}

// The leaves of the columns: those of a nested one are consecutive, flat ones have one.
std::vector<int> leaves_of(const parquet::arrow::FileReader& reader, const arrow::Schema& schema,
                           const std::vector<std::string>& columns, const std::string& path) {
  std::vector<int> indices;
  for (const std::string& column : columns) {
    int field = schema.GetFieldIndex(column);
    if (field < 0) throw base::key_error("[read_parquet] " + path + " has no column " + column);
    std::vector<const parquet::arrow::SchemaField*> stack{
        &reader.manifest().schema_fields[static_cast<size_t>(field)]};
    while (!stack.empty()) {
      const auto* top = stack.back();
      stack.pop_back();
      if (top->is_leaf()) indices.push_back(top->column_index);
      for (const auto& child : top->children) stack.push_back(&child);
    }
  }
  return indices;
}

std::shared_ptr<arrow::Table> in_order(const arrow::Table& table,
                                       const std::vector<std::string>& columns,
                                       const std::string& path) {
  std::vector<int> order;
  for (const std::string& column : columns) order.push_back(table.schema()->GetFieldIndex(column));
  return checked(table.SelectColumns(order), path)->ReplaceSchemaMetadata(nullptr);
}

}  // namespace

std::shared_ptr<arrow::Table> ParquetFile::read(const std::vector<int>& row_groups,
                                                const std::vector<std::string>& columns,
                                                const std::set<std::string>& dictionaries) const {
  try {
    auto reader = open_reader(path_, metadata_->footer, dictionaries, 0);
    auto leaves = leaves_of(*reader, *schema_, columns, path_);
    return in_order(*checked(reader->ReadRowGroups(row_groups, leaves), path_), columns, path_);
  } catch (const parquet::ParquetException& error) {
    throw damaged(path_, error.what());
  }
}

void ParquetFile::read_batches(
    const std::vector<int>& row_groups, const std::vector<std::string>& columns,
    const std::set<std::string>& dictionaries, int64_t batch_rows,
    const std::function<void(std::shared_ptr<arrow::Table>)>& consume) const {
  try {
    auto reader = open_reader(path_, metadata_->footer, dictionaries, batch_rows);
    auto leaves = leaves_of(*reader, *schema_, columns, path_);
    if (!dictionaries.empty()) {
      for (int group : row_groups) {
        consume(in_order(*checked(reader->ReadRowGroups({group}, leaves), path_), columns, path_));
      }
      return;
    }
    auto batches = checked(reader->GetRecordBatchReader(row_groups, leaves), path_);
    for (;;) {
      auto batch = checked(batches->Next(), path_);
      if (!batch) return;
      auto table = checked(arrow::Table::FromRecordBatches({batch}), path_);
      consume(in_order(*table, columns, path_));
    }
  } catch (const parquet::ParquetException& error) {
    throw damaged(path_, error.what());
  }
}

namespace {

arrow::Compression::type compression_named(const std::string& name) {
  std::string lower = name.empty() ? "uncompressed" : name;
  if (lower == "none") lower = "uncompressed";
  if (lower == "lz4") lower = "lz4_raw";
  auto type = arrow::util::Codec::GetCompressionType(lower);
  if (!type.ok() || !arrow::util::Codec::IsAvailable(*type)) {
    throw base::value_error("[to_parquet] there is no compression " + name +
                            "; use snappy, zstd, gzip, lz4, brotli or none");
  }
  return *type;
}

void write_to(const std::shared_ptr<arrow::Table>& table, const std::string& path,
              const std::string& compression, int64_t row_group_rows,
              const std::map<std::string, std::string>& metadata) {
  auto named = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& [key, value] : metadata) named->Append(key, value);
  auto output = arrow::io::FileOutputStream::Open(path);
  data::throw_if_failed(output.status(), "to_parquet");
  auto properties = parquet::WriterProperties::Builder()
                        .compression(compression_named(compression))
                        ->memory_pool(data::arrow_pool())
                        ->build();
  auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  data::throw_if_failed(
      parquet::arrow::WriteTable(*table->ReplaceSchemaMetadata(named), data::arrow_pool(), *output,
                                 row_group_rows > 0 ? row_group_rows : (int64_t{1} << 20),
                                 properties, arrow_properties),
      "to_parquet");
  data::throw_if_failed((*output)->Close(), "to_parquet");
}

}  // namespace

void write_parquet(const std::shared_ptr<arrow::Table>& table, const std::string& path,
                   const std::string& compression, int64_t row_group_rows,
                   const std::map<std::string, std::string>& metadata) {
  std::string partial = path + ".partial";
  try {
    write_to(table, partial, compression, row_group_rows, metadata);
  } catch (const parquet::ParquetException& error) {
    std::remove(partial.c_str());
    throw base::Error(base::ErrorKind::kOs, "[to_parquet] " + path + ": " + error.what());
  } catch (...) {
    std::remove(partial.c_str());
    throw;
  }
  if (std::rename(partial.c_str(), path.c_str()) != 0) {
    std::remove(partial.c_str());
    throw base::Error(base::ErrorKind::kOs, "[to_parquet] " + path + " cannot be written");
  }
}

}  // namespace dusk::io
