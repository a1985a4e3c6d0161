#include "dusk/data/table_frames.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/util/byte_size.h>

namespace dusk::data {
namespace {

using ArrayDataPtr = std::shared_ptr<arrow::ArrayData>;
constexpr int kDepthMax = 64;
constexpr int64_t kSmall = 4096;

template <class T>
T value_of(arrow::Result<T> result) {
  throw_if_failed(result.status(), "from_frames");
  return std::move(result).ValueUnsafe();
}

void write_array(const arrow::ArrayData& data, ByteWriter& header,
                 std::vector<BufferPtr>& buffers) {
  header.integer(data.length);
  header.integer(data.null_count);
  header.integer(data.offset);
  header.integer(static_cast<int64_t>(data.buffers.size()));
  for (const auto& buffer : data.buffers) {
    header.integer(buffer ? static_cast<int64_t>(buffers.size()) : -1);
    if (buffer) buffers.push_back(from_arrow_buffer(buffer));
  }
  header.integer(static_cast<int64_t>(data.child_data.size()));
  for (const auto& child : data.child_data) write_array(*child, header, buffers);
  header.integer(data.dictionary ? 1 : 0);
  if (data.dictionary) write_array(*data.dictionary, header, buffers);
}

// Arrays of missing values only may come without a buffer of values, or with one of no bytes at
// no address; Arrow calls both invalid.
void fill_absent(const arrow::DataTypeLayout& layout,
                 std::vector<std::shared_ptr<arrow::Buffer>>& buffers) {
  static const auto empty = std::make_shared<arrow::Buffer>(std::string_view(""));
  for (size_t i = 0; i < layout.buffers.size(); ++i) {
    auto kind = layout.buffers[i].kind;
    bool optional = kind == arrow::DataTypeLayout::BITMAP && i == 0;
    bool absent = !buffers[i] || (buffers[i]->size() == 0 && buffers[i]->address() == 0);
    if (absent && !optional && kind != arrow::DataTypeLayout::ALWAYS_NULL) buffers[i] = empty;
  }
}

ArrayDataPtr read_array(const std::shared_ptr<arrow::DataType>& type, ByteReader& header,
                        const std::vector<BufferPtr>& buffers, int depth) {
  if (depth > kDepthMax) throw ByteReader::damaged();
  int64_t length = header.length(INT64_MAX);
  int64_t null_count = header.integer();
  int64_t offset = header.length(INT64_MAX);
  int64_t buffer_count = header.length(static_cast<int64_t>(header.left() / sizeof(int64_t)));
  std::vector<std::shared_ptr<arrow::Buffer>> own;
  for (int64_t i = 0; i < buffer_count; ++i) {
    int64_t at = header.integer();
    if (at >= static_cast<int64_t>(buffers.size())) {
      throw base::value_error("[from_frames] a buffer that the header names is missing");
    }
    own.push_back(at < 0 ? nullptr : to_arrow_buffer(buffers[static_cast<size_t>(at)]));
  }
  const arrow::DataType* storage = type.get();
  if (type->id() == arrow::Type::EXTENSION) {
    storage = static_cast<const arrow::ExtensionType&>(*type).storage_type().get();
  }
  arrow::DataTypeLayout layout = storage->layout();
  bool enough = layout.variadic_spec ? own.size() >= layout.buffers.size()
                                     : own.size() == layout.buffers.size();
  bool counted = null_count >= -1 && null_count <= length;
  if (!enough || !counted || offset > INT64_MAX - length) throw ByteReader::damaged();
  fill_absent(layout, own);
  auto data = arrow::ArrayData::Make(type, length, std::move(own), null_count, offset);
  if (header.integer() != storage->num_fields()) throw ByteReader::damaged();
  for (const auto& field : storage->fields()) {
    data->child_data.push_back(read_array(field->type(), header, buffers, depth + 1));
  }
  bool encoded = storage->id() == arrow::Type::DICTIONARY;
  if ((header.integer() == 1) != encoded) throw ByteReader::damaged();
  if (encoded) {
    const auto& values = static_cast<const arrow::DictionaryType&>(*storage).value_type();
    data->dictionary = read_array(values, header, buffers, depth + 1);
  }
  return data;
}

// A piece of a large array does not take all of it along.
ArrayDataPtr compact(const std::shared_ptr<arrow::Array>& array) {
  int64_t whole = arrow::util::TotalBufferSize(*array);
  if (whole < kSmall) return array->data();
  auto needed = arrow::util::ReferencedBufferSize(*array);
  if (!needed.ok() || *needed > whole / 2) return array->data();
  return value_of(arrow::Concatenate({array, array->Slice(0, 0)}, arrow_pool()))->data();
}

std::shared_ptr<arrow::Schema> read_schema(std::string_view bytes) {
  auto buffer = std::make_shared<arrow::Buffer>(reinterpret_cast<const uint8_t*>(bytes.data()),
                                                static_cast<int64_t>(bytes.size()));
  arrow::io::BufferReader reader(buffer);
  arrow::ipc::DictionaryMemo memo;
  return value_of(arrow::ipc::ReadSchema(&reader, &memo));
}

}  // namespace

void write_table(const Table& table, ByteWriter& header, std::vector<BufferPtr>& buffers) {
  auto schema = value_of(arrow::ipc::SerializeSchema(*table.schema()));
  header.text({reinterpret_cast<const char*>(schema->data()), static_cast<size_t>(schema->size())});
  header.integer(static_cast<int64_t>(table.index_columns().size()));
  for (const std::string& name : table.index_columns()) header.text(name);
  header.integer(table.range_start());
  header.integer(table.num_rows());
  for (const auto& column : table.arrow()->columns()) {
    header.integer(column->num_chunks());
    for (const auto& chunk : column->chunks()) write_array(*compact(chunk), header, buffers);
  }
}

TablePtr read_table(ByteReader& header, const std::vector<BufferPtr>& buffers) {
  std::string_view schema_bytes = header.text();
  auto schema = read_schema(schema_bytes);
  std::vector<std::string> index(static_cast<size_t>(header.length(schema->num_fields())));
  for (std::string& name : index) name = header.text();
  int64_t range_start = header.integer();
  int64_t rows = header.length(INT64_MAX);
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  for (const auto& field : schema->fields()) {
    int64_t count = header.length(static_cast<int64_t>(header.left() / sizeof(int64_t)));
    std::vector<std::shared_ptr<arrow::Array>> chunks;
    for (int64_t i = 0; i < count; ++i) {
      ArrayDataPtr data = read_array(field->type(), header, buffers, 0);
      chunks.push_back(arrow::MakeArray(data));
    }
    columns.push_back(std::make_shared<arrow::ChunkedArray>(std::move(chunks), field->type()));
  }
  auto table = arrow::Table::Make(std::move(schema), std::move(columns), rows);
  throw_if_failed(table->ValidateFull(), "from_frames");  // offsets inside their buffers, too
  return std::make_shared<const Table>(std::move(table), std::move(index), range_start);
}

}  // namespace dusk::data
