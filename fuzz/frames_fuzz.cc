// Values that came as bytes: the header of to_frames() with buffers of any size.
#include <arrow/api.h>

#include <cstring>

#include "dusk/base/error.h"
#include "dusk/data/table.h"
#include "dusk/data/value.h"
#include "fuzz.h"

namespace data = dusk::data;

namespace {

data::NdArray array() {
  data::NdArray result = data::NdArray::empty(data::kFloat64Type, {3, 4});
  return result;
}

// Header length, header, and the rest as buffers of 96 bytes.
std::string packed(const data::Value& value) {
  data::Frames frames = data::to_frames(value);
  auto length = static_cast<uint32_t>(frames.header.size());
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += frames.header;
  for (const auto& buffer : frames.buffers) {
    if (buffer) bytes.append(reinterpret_cast<const char*>(buffer->data()), buffer->size());
  }
  return bytes;
}

data::Value table() {
  arrow::Int64Builder numbers;
  arrow::StringBuilder words;
  if (!numbers.AppendValues({1, 2, 3}).ok() || !words.AppendValues({"a", "b", "c"}).ok()) return {};
  return data::Value(std::make_shared<data::Table>(
      arrow::Table::Make(
          arrow::schema({arrow::field("n", arrow::int64()), arrow::field("w", arrow::utf8())}),
          {numbers.Finish().ValueOrDie(), words.Finish().ValueOrDie()}),
      std::vector<std::string>{"n"}));
}

}  // namespace

std::vector<std::string> seeds() {
  return {packed(array()), packed(table()),
          packed(data::ValueList{data::Value(array()), data::Value(), table()})};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  uint32_t length = 0;
  if (size < sizeof length) return 0;
  std::memcpy(&length, bytes, sizeof length);
  bytes += sizeof length;
  size -= sizeof length;
  length = std::min<uint32_t>(length, static_cast<uint32_t>(size));
  data::Frames frames;
  frames.header.assign(reinterpret_cast<const char*>(bytes), length);
  constexpr size_t kBuffer = 96;
  for (size_t at = length; at < size; at += kBuffer) {
    size_t here = std::min(kBuffer, size - at);
    auto buffer = data::Buffer::allocate(here);
    std::memcpy(buffer->data(), bytes + at, here);
    frames.buffers.push_back(buffer);
  }
  try {
    data::Value value = data::from_frames(frames);
    value.nbytes();
    data::to_frames(value);
  } catch (const dusk::base::Error&) {  // the caller's to read
  }
  return 0;
}
