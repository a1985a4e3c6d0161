#include "dusk/data/table.h"

#include <arrow/api.h>
#include <arrow/c/bridge.h>
#include <arrow/util/byte_size.h>
#include <arrow/util/io_util.h>

#include <cerrno>
#include <string_view>

#include "dusk/base/error.h"

namespace dusk::data {

Table::Table(std::shared_ptr<arrow::Table> columns, std::vector<std::string> index_columns,
             int64_t range_start)
    : columns_(std::move(columns)),
      index_columns_(std::move(index_columns)),
      range_start_(range_start) {}

std::shared_ptr<arrow::Schema> Table::schema() const { return columns_->schema(); }
int64_t Table::num_rows() const { return columns_->num_rows(); }

int64_t Table::nbytes() const {
  auto exact = arrow::util::ReferencedBufferSize(*columns_);
  return exact.ok() ? *exact : arrow::util::TotalBufferSize(*columns_);
}

TablePtr import_table(ArrowArrayStream* stream, std::vector<std::string> index_columns,
                      int64_t range_start) {
  auto reader = arrow::ImportRecordBatchReader(stream);
  throw_if_failed(reader.status(), "table");
  auto table = (*reader)->ToTable();
  throw_if_failed(table.status(), "table");
  for (const std::string& name : index_columns) {
    if ((*table)->schema()->GetFieldIndex(name) < 0) {
      throw base::key_error("[table] the index column '" + name + "' is not in the stream");
    }
  }
  return std::make_shared<const Table>(std::move(*table), std::move(index_columns), range_start);
}

namespace {

// Hands out a table's batches and keeps the table alive as long as the stream.
class TableReader : public arrow::RecordBatchReader {
 public:
  explicit TableReader(std::shared_ptr<arrow::Table> table)
      : table_(std::move(table)), batches_(*table_) {}
  std::shared_ptr<arrow::Schema> schema() const override { return table_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    return batches_.ReadNext(batch);
  }

 private:
  std::shared_ptr<arrow::Table> table_;
  arrow::TableBatchReader batches_;
};

}  // namespace

void export_table(const Table& table, ArrowArrayStream* out) {
  auto reader = std::make_shared<TableReader>(table.arrow());
  throw_if_failed(arrow::ExportRecordBatchReader(std::move(reader), out), "table");
}

void export_schema(const arrow::Schema& schema, ArrowSchema* out) {
  throw_if_failed(arrow::ExportSchema(schema, out), "schema");
}

std::shared_ptr<arrow::Schema> import_schema(ArrowSchema* schema) {
  auto result = arrow::ImportSchema(schema);
  throw_if_failed(result.status(), "schema");
  return std::move(result).ValueUnsafe();
}

namespace {

base::ErrorKind kind_of(const arrow::Status& status) {
  switch (status.code()) {
    case arrow::StatusCode::OutOfMemory: return base::ErrorKind::kMemory;
    case arrow::StatusCode::KeyError: return base::ErrorKind::kKey;
    case arrow::StatusCode::TypeError: return base::ErrorKind::kType;
    case arrow::StatusCode::IndexError: return base::ErrorKind::kIndex;
    case arrow::StatusCode::NotImplemented: return base::ErrorKind::kNotImplemented;
    case arrow::StatusCode::Cancelled: return base::ErrorKind::kCancelled;
    case arrow::StatusCode::IOError:
      return arrow::internal::ErrnoFromStatus(status) == ENOENT ? base::ErrorKind::kFileNotFound
                                                                : base::ErrorKind::kOs;
    case arrow::StatusCode::Invalid:
    case arrow::StatusCode::SerializationError:
      return status.message().starts_with("CSV parse error") ? base::ErrorKind::kParse
                                                             : base::ErrorKind::kValue;
    default: return base::ErrorKind::kRuntime;
  }
}

}  // namespace

void throw_if_failed(const arrow::Status& status, const std::string& where) {
  if (status.ok()) return;
  throw base::Error(kind_of(status), "[" + where + "] " + status.message());
}

}  // namespace dusk::data
