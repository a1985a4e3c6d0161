// Parquet files, by Arrow's reader and writer. Reading happens on the calling thread: parallelism
// comes from tasks. Memory comes from data::arrow_pool().
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dusk::io {

struct RowGroup {
  int64_t rows = 0;
  int64_t bytes = 0;  // uncompressed
};

// A column's smallest and largest value and number of nulls in one row group, as far as the file
// says; null pointers where it does not.
struct Statistics {
  std::shared_ptr<arrow::Scalar> min;
  std::shared_ptr<arrow::Scalar> max;
  std::optional<int64_t> nulls;
};

// A file's footer, read once and shared.
class ParquetFile {
 public:
  // Throws FileNotFoundError, or OSError for a file that is no (whole) Parquet file.
  static std::shared_ptr<const ParquetFile> open(const std::string& path);

  const std::string& path() const { return path_; }
  const std::vector<RowGroup>& row_groups() const { return row_groups_; }
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  int64_t rows() const;
  Statistics statistics(int row_group, const std::string& column) const;

  // Columns in the order given. Those of `dictionaries` (text) come as dictionaries of their
  // values.
  std::shared_ptr<arrow::Table> read(const std::vector<int>& row_groups,
                                     const std::vector<std::string>& columns,
                                     const std::set<std::string>& dictionaries = {}) const;

  // The same rows as read(), handed to `consume` piece by piece, so that they need not all exist
  // at once: about `batch_rows` rows, or whole row groups where there are dictionaries (each piece
  // has its own). Rows without columns cannot be read like this.
  void read_batches(const std::vector<int>& row_groups, const std::vector<std::string>& columns,
                    const std::set<std::string>& dictionaries, int64_t batch_rows,
                    const std::function<void(std::shared_ptr<arrow::Table>)>& consume) const;

 private:
  struct Metadata;
  std::string path_;
  std::vector<RowGroup> row_groups_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<const Metadata> metadata_;
};

// Writes beside the final name and renames when whole; a failure leaves nothing behind. Throws
// OSError (full disk, no such folder) and ValueError (unknown compression).
void write_parquet(const std::shared_ptr<arrow::Table>& table, const std::string& path,
                   const std::string& compression, int64_t row_group_rows,
                   const std::map<std::string, std::string>& metadata);

}  // namespace dusk::io
