// Footers, statistics and pages of Parquet files.
#include <arrow/api.h>

#include <fstream>

#include "dusk/io/parquet.h"
#include "file.h"
#include "fuzz.h"

namespace io = dusk::io;

namespace {

std::string parquet_bytes(const std::string& compression) {
  arrow::Int64Builder numbers;
  arrow::StringBuilder words;
  for (int i = 0; i < 40; ++i) {
    if (!numbers.Append(i).ok() || !words.Append("word" + std::to_string(i % 3)).ok()) return {};
  }
  auto table = arrow::Table::Make(
      arrow::schema({arrow::field("n", arrow::int64()), arrow::field("w", arrow::utf8())}),
      {numbers.Finish().ValueOrDie(), words.Finish().ValueOrDie()});
  std::string path = "/tmp/dusk-fuzz-" + std::to_string(getpid()) + ".parquet";
  io::write_parquet(table, path, compression, 20, {});
  std::ifstream file(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(file), {});
  unlink(path.c_str());
  return bytes;
}

}  // namespace

std::vector<std::string> seeds() { return {parquet_bytes("snappy"), parquet_bytes("zstd")}; }

void parse(const uint8_t* data, size_t size) {
  MemoryFile file(data, size);
  auto parquet = io::ParquetFile::open(file.path());
  for (int group = 0; group < static_cast<int>(parquet->row_groups().size()); ++group) {
    for (const auto& field : parquet->schema()->fields()) {
      parquet->statistics(group, field->name());
      parquet->read({group}, {field->name()});
    }
  }
}
