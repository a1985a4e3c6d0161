// One partition of a dataframe in memory: Arrow columns, plus what pandas needs to come back.
//
// The Arrow schema's metadata carries pandas' own description (the "pandas" key that pyarrow
// writes: which columns are the index, dtypes, categories). Columns that are an index are ordinary
// columns named in `index_columns()`. A table without index columns has pandas' default RangeIndex
// that starts at `range_start()`.
//
// Crosses language borders by the Arrow C Data Interface only.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dusk/data/buffer.h"

struct ArrowArrayStream;
struct ArrowSchema;

namespace dusk::data {

class Table;
using TablePtr = std::shared_ptr<const Table>;

class Table {
 public:
  explicit Table(std::shared_ptr<arrow::Table> columns, std::vector<std::string> index_columns = {},
                 int64_t range_start = 0);

  const std::shared_ptr<arrow::Table>& arrow() const { return columns_; }
  std::shared_ptr<arrow::Schema> schema() const;
  const std::vector<std::string>& index_columns() const { return index_columns_; }
  int64_t range_start() const { return range_start_; }
  int64_t num_rows() const;
  int64_t nbytes() const;  // memory of the referenced buffers' ranges

 private:
  std::shared_ptr<arrow::Table> columns_;
  std::vector<std::string> index_columns_;
  int64_t range_start_;
};

// Takes over `stream` (released on return). Throws ValueError on a stream that fails.
TablePtr import_table(ArrowArrayStream* stream, std::vector<std::string> index_columns = {},
                      int64_t range_start = 0);
// Fills `out`, which the caller releases. No copy.
void export_table(const Table& table, ArrowArrayStream* out);
void export_schema(const arrow::Schema& schema, ArrowSchema* out);
std::shared_ptr<arrow::Schema> import_schema(ArrowSchema* schema);

// An Arrow memory pool that draws from Dusk's buffer pool and reports to the ledger.
arrow::MemoryPool* arrow_pool();
// The same memory as an Arrow buffer, and back; no copy either way.
std::shared_ptr<arrow::Buffer> to_arrow_buffer(BufferPtr buffer);
BufferPtr from_arrow_buffer(std::shared_ptr<arrow::Buffer> buffer);

// Throws the Dusk error that an Arrow status stands for; returns when it is OK. `where` names the
// operation ("read_parquet").
void throw_if_failed(const arrow::Status& status, const std::string& where);

}  // namespace dusk::data
