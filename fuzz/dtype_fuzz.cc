// Names of types: NumPy's and Arrow's.
#include "dusk/data/dtype.h"
#include "dusk/kernels/frame/expression.h"
#include "fuzz.h"

namespace {

void parse_numpy(const std::string& text) {
  dusk::data::DType type = dusk::data::DType::parse(text);
  if (dusk::data::DType::parse(type.str()) != type) __builtin_trap();
}

}  // namespace

// NumPy's names, and Arrow's after a '!'.
std::vector<std::string> seeds() {
  return {"<f8",
          "|b1",
          "<M8[ns]",
          "<m8[25s]",
          "|S3",
          "<U7",
          "|O",
          "float64",
          "!timestamp[ns, tz=UTC]",
          "!dictionary<values=string, indices=int32, ordered=0>",
          "!large_string",
          "!decimal128(10, 2)",
          "!duration[us]"};
}

void parse(const uint8_t* bytes, size_t size) {
  std::string text(reinterpret_cast<const char*>(bytes), size);
  if (text.starts_with("!")) {
    dusk::kernels::frame::type_from_name(text.substr(1));
  } else {
    parse_numpy(text);
  }
}
