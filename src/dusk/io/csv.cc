#include "dusk/io/csv.h"

#include <arrow/api.h>
#include <arrow/csv/api.h>
#include <arrow/io/api.h>

#include <algorithm>
#include <cstring>
#include <fstream>

#include "dusk/base/error.h"
#include "dusk/data/table.h"

namespace dusk::io {
namespace {

// What pandas.read_csv takes for missing.
const char* const kMissing[] = {"",     "#N/A",   "#N/A N/A", "#NA",  "-1.#IND", "-1.#QNAN", "-NaN",
                                "-nan", "1.#IND", "1.#QNAN",  "<NA>", "N/A",     "NA",       "NULL",
                                "NaN",  "None",   "n/a",      "nan",  "null"};

int64_t file_size(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) {
    throw base::Error(base::ErrorKind::kFileNotFound, "[read_csv] " + path + " does not exist");
  }
  return static_cast<int64_t>(file.tellg());
}

// The first line start at or after `offset`.
int64_t next_line(std::ifstream& file, int64_t offset, int64_t size) {
  file.clear();
  file.seekg(offset - 1);
  char chunk[1 << 16];
  int64_t at = offset - 1;
  while (at < size) {
    file.read(chunk, sizeof chunk);
    auto got = static_cast<int64_t>(file.gcount());
    if (got <= 0) break;
    if (const void* end = std::memchr(chunk, '\n', static_cast<size_t>(got))) {
      return at + (static_cast<const char*>(end) - chunk) + 1;
    }
    at += got;
  }
  return size;
}

std::string read_bytes(const std::string& path, int64_t offset, int64_t length) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw base::Error(base::ErrorKind::kFileNotFound, "[read_csv] " + path + " does not exist");
  }
  std::string text(static_cast<size_t>(length), '\0');
  file.seekg(offset);
  file.read(text.data(), length);
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

std::vector<std::string> split_line(const std::string& line, const CsvOptions& options) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (c == options.quote && quoted && i + 1 < line.size() && line[i + 1] == c) {
      fields.back() += c;
      ++i;
    } else if (c == options.quote) {
      quoted = !quoted;
    } else if (c == options.separator && !quoted) {
      fields.emplace_back();
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

std::string first_line(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string line;
  std::getline(file, line);
  if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  return line;
}

// Arrow says "CSV parse error: Row #4: Expected 3 columns, got 5: ..."; pandas' words are better
// known, and the line is that of the file.
base::Error parse_error(const CsvBlock& block, bool header, const std::string& message) {
  int row = 0, expected = 0, got = 0;
  const char* at = std::strstr(message.c_str(), "Row #");
  const char* wants = std::strstr(message.c_str(), "Expected ");
  if (!at && wants && std::sscanf(wants, "Expected %d columns, got %d", &expected, &got) == 2) {
    return {base::ErrorKind::kParse, "Error tokenizing data. Expected " + std::to_string(expected) +
                                         " fields, saw " + std::to_string(got) + " in " +
                                         block.path};
  }
  if (!at || std::sscanf(at, "Row #%d: Expected %d columns, got %d", &row, &expected, &got) != 3) {
    return {base::ErrorKind::kValue,
            "[read_csv] " + block.path + ": " + message +
                "; give the column's type with dtype=, or assume_missing=True for integers with "
                "gaps"};
  }
  std::string before = read_bytes(block.path, 0, block.offset);
  auto line = row + std::count(before.begin(), before.end(), '\n');
  if (header && block.offset == 0) ++line;
  return {base::ErrorKind::kParse, "Error tokenizing data. Expected " + std::to_string(expected) +
                                       " fields in line " + std::to_string(line) + ", saw " +
                                       std::to_string(got) + " (" + block.path + ")"};
}

}  // namespace

std::vector<CsvBlock> csv_blocks(const std::vector<std::string>& paths, int64_t blocksize) {
  std::vector<CsvBlock> blocks;
  for (const std::string& path : paths) {
    int64_t size = file_size(path);
    if (blocksize <= 0 || size <= blocksize) {
      blocks.push_back({path, 0, size});
      continue;
    }
    std::ifstream file(path, std::ios::binary);
    int64_t parts = size / blocksize;  // as even as can be; so Dask counts
    int64_t start = 0;
    for (int64_t part = 1; part <= parts && start < size; ++part) {
      int64_t end = part == parts ? size : next_line(file, size / parts * part, size);
      if (end > start) blocks.push_back({path, start, end - start});
      start = std::max(start, end);
    }
  }
  return blocks;
}

std::shared_ptr<arrow::Table> read_csv(const CsvBlock& block,
                                       const std::shared_ptr<arrow::Schema>& schema,
                                       const CsvOptions& options) {
  std::string text = read_bytes(block.path, block.offset, block.length);
  std::vector<std::string> names = options.names;
  std::string header = first_line(block.path);
  if (names.empty()) names = split_line(header, options);
  if (options.header && block.offset == 0) {
    size_t end = text.find('\n');
    text.erase(0, end == std::string::npos ? text.size() : end + 1);
  }
  if (text.find_first_not_of("\r\n") == std::string::npos) {
    auto empty = arrow::Table::MakeEmpty(schema, data::arrow_pool());
    data::throw_if_failed(empty.status(), "read_csv");
    return *empty;
  }
  for (const auto& field : schema->fields()) {
    if (std::find(names.begin(), names.end(), field->name()) == names.end()) {
      throw base::value_error("[read_csv] " + block.path + " has no column " + field->name() +
                              "; its columns are " + header);
    }
  }
  auto io_context = arrow::io::IOContext(data::arrow_pool());
  auto read = arrow::csv::ReadOptions::Defaults();
  read.use_threads = false;
  read.column_names = names;
  read.block_size = static_cast<int32_t>(std::min<size_t>(text.size() + 1, size_t{1} << 24));
  auto parse = arrow::csv::ParseOptions::Defaults();
  parse.delimiter = options.separator;
  parse.quote_char = options.quote;
  parse.newlines_in_values = text.find(options.quote) != std::string::npos;
  auto convert = arrow::csv::ConvertOptions::Defaults();
  convert.null_values.assign(std::begin(kMissing), std::end(kMissing));
  convert.null_values.insert(convert.null_values.end(), options.na_values.begin(),
                             options.na_values.end());
  convert.strings_can_be_null = true;
  convert.true_values = {"True", "TRUE", "true"};
  convert.false_values = {"False", "FALSE", "false"};
  for (const auto& field : schema->fields()) {
    convert.column_types[field->name()] = field->type();
    convert.include_columns.push_back(field->name());
  }
  // Numbers may be too large for the declared integer; Arrow refuses them by name.
  auto buffer =
      std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(std::move(text)));
  auto reader = arrow::csv::TableReader::Make(io_context, buffer, read, parse, convert);
  data::throw_if_failed(reader.status(), "read_csv");
  auto table = (*reader)->Read();
  if (!table.ok()) throw parse_error(block, options.header, table.status().message());
  return *table;
}

}  // namespace dusk::io
