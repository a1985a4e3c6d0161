// CSV files, in blocks that end at line ends, by Arrow's parser on the calling thread.
//
// Blocks are cut at line feeds: a quoted value that contains one must not lie across a cut, so
// files with such values are read whole (blocksize None).
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace dusk::io {

struct CsvBlock {
  std::string path;
  int64_t offset = 0;
  int64_t length = 0;
};

// Even blocks of at least `blocksize` bytes; whole files when it is 0. Throws FileNotFoundError.
std::vector<CsvBlock> csv_blocks(const std::vector<std::string>& paths, int64_t blocksize);

struct CsvOptions {
  char separator = ',';
  char quote = '"';
  bool header = true;                  // the file's first line names its columns
  std::vector<std::string> names;      // the columns, when the file does not name them
  std::vector<std::string> na_values;  // beside pandas' own
};

// The columns of `schema`, in its order, of one block. Throws ParserError for a line with a wrong
// number of fields ("Expected 3 fields in line 4, saw 5") and ValueError for a value that is not of
// the declared type, both naming the file.
std::shared_ptr<arrow::Table> read_csv(const CsvBlock& block,
                                       const std::shared_ptr<arrow::Schema>& schema,
                                       const CsvOptions& options);

}  // namespace dusk::io
