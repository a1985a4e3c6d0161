#include <arrow/api.h>

#include "dusk/io/csv.h"
#include "file.h"
#include "fuzz.h"

namespace io = dusk::io;

std::vector<std::string> seeds() {
  return {"a,b,c\n1,2.5,x\n3,4.5,y\n", "a,b,c\n\"1\",,\"q\"\"q\"\r\nNA,nan,\n", "a,b,c\n",
          "\xef\xbb\xbf"
          "a,b,c\n1,2,3"};
}

void parse(const uint8_t* data, size_t size) {
  MemoryFile file(data, size);
  auto schema =
      arrow::schema({arrow::field("a", arrow::int64()), arrow::field("b", arrow::float64()),
                     arrow::field("c", arrow::utf8())});
  for (int64_t blocksize : {0, 7}) {
    for (const io::CsvBlock& block : io::csv_blocks({file.path()}, blocksize)) {
      io::read_csv(block, schema, {});
    }
  }
}
