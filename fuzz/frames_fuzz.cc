// Values that came as bytes: the header of to_frames() with buffers of any size.
#include <arrow/api.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "dusk/data/table.h"
#include "dusk/data/value.h"
#include "fuzz.h"

namespace data = dusk::data;

namespace {

data::NdArray array() { return data::NdArray::zeros(data::kFloat64Type, {3, 4}); }

// The header and every buffer, each after its length in four bytes.
void append(std::string& bytes, const void* data, size_t size) {
  auto length = static_cast<uint32_t>(size);
  bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
  bytes.append(static_cast<const char*>(data), size);
}

std::string packed(const data::Value& value) {
  data::Frames frames = data::to_frames(value);
  std::string bytes;
  append(bytes, frames.header.data(), frames.header.size());
  for (const auto& buffer : frames.buffers) append(bytes, buffer->data(), buffer->size());
  return bytes;
}

// The next length and as many bytes, or what is left of them.
std::string next(std::string_view& bytes) {
  uint32_t length = 0;
  size_t known = std::min(bytes.size(), sizeof length);
  std::memcpy(&length, bytes.data(), known);
  bytes.remove_prefix(known);
  std::string part(bytes.substr(0, length));
  bytes.remove_prefix(part.size());
  return part;
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

// Buffers are blocks of their exact size, so that a sanitizer sees every read beyond them.
void parse(const uint8_t* given, size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(given), size);
  data::Frames frames;
  frames.header = next(bytes);
  while (!bytes.empty()) {
    std::string part = next(bytes);
    std::shared_ptr<std::byte[]> block(new std::byte[part.size()]);
    std::memcpy(block.get(), part.data(), part.size());
    frames.buffers.push_back(data::Buffer::wrap(block.get(), part.size(), block));
  }
  data::Value value = data::from_frames(frames);
  value.nbytes();
  data::to_frames(value);
}
