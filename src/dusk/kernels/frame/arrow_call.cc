#include "dusk/kernels/frame/arrow_call.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/compute/initialize.h>

#include <algorithm>
#include <numeric>

#include "dusk/base/error.h"
#include "dusk/data/table.h"
#include "dusk/kernels/frame/column_view.h"

namespace dusk::kernels::frame {

void initialize_arrow() {
  static const bool done = [] {
    data::throw_if_failed(arrow::compute::Initialize(), "frame");
    return true;
  }();
  (void)done;
}

namespace {

arrow::compute::ExecContext context() {
  arrow::compute::ExecContext context(data::arrow_pool());
  context.set_use_threads(false);
  return context;
}

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

arrow::Datum call_arrow(const std::string& function, const std::vector<arrow::Datum>& args,
                        const arrow::compute::FunctionOptions* options, const std::string& where) {
  initialize_arrow();
  auto ctx = context();
  auto result = arrow::compute::CallFunction(function, args, options, &ctx);
  const std::string& name = where.empty() ? function : where;
  if (result.status().IsNotImplemented()) {
    throw base::type_error("[" + name + "] " + result.status().message());
  }
  data::throw_if_failed(result.status(), name);
  return std::move(result).ValueUnsafe();
}

std::shared_ptr<arrow::Array> call_array(const std::string& function,
                                         const std::vector<arrow::Datum>& args,
                                         const arrow::compute::FunctionOptions* options,
                                         const std::string& where) {
  arrow::Datum result = call_arrow(function, args, options, where);
  if (result.is_chunked_array()) return combined(*result.chunked_array());
  return result.make_array();
}

std::shared_ptr<arrow::Array> cast_array(const std::shared_ptr<arrow::Array>& array,
                                         const std::shared_ptr<arrow::DataType>& type, bool checked,
                                         const std::string& where) {
  if (array->type()->Equals(*type)) return array;
  auto options =
      checked ? arrow::compute::CastOptions::Safe(type) : arrow::compute::CastOptions::Unsafe(type);
  return call_array("cast", {array}, &options, where);
}

std::shared_ptr<arrow::DataType> normalised_type(const std::shared_ptr<arrow::DataType>& type) {
  switch (type->id()) {
    case arrow::Type::STRING_VIEW: return arrow::large_utf8();
    case arrow::Type::BINARY_VIEW: return arrow::large_binary();
    case arrow::Type::HALF_FLOAT: return arrow::float32();
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64: {
      const auto& decimal = static_cast<const arrow::DecimalType&>(*type);
      return arrow::decimal128(decimal.precision(), decimal.scale());
    }
    default: return type;
  }
}

std::shared_ptr<arrow::Array> normalised(const std::shared_ptr<arrow::Array>& array) {
  return cast_array(array, normalised_type(array->type()), true, "frame");
}

std::shared_ptr<arrow::Array> decoded(const std::shared_ptr<arrow::Array>& array) {
  if (array->type_id() != arrow::Type::DICTIONARY) return normalised(array);
  const auto& type = static_cast<const arrow::DictionaryType&>(*array->type());
  return normalised(cast_array(array, type.value_type(), true, "frame"));
}

std::shared_ptr<arrow::Array> empty_array(const std::shared_ptr<arrow::DataType>& type) {
  auto empty = arrow::MakeEmptyArray(type, data::arrow_pool());
  data::throw_if_failed(empty.status(), "frame");
  return *empty;
}

std::shared_ptr<arrow::Array> combined(const arrow::ChunkedArray& column) {
  if (column.num_chunks() == 1) return column.chunk(0);
  if (column.num_chunks() == 0) return empty_array(column.type());
  initialize_arrow();
  arrow::ArrayVector chunks = column.chunks();
  auto result = arrow::Concatenate(chunks, data::arrow_pool());
  data::throw_if_failed(result.status(), "frame");
  return *result;
}

std::shared_ptr<arrow::Buffer> allocate_bytes(int64_t size) {
  auto buffer = arrow::AllocateBuffer(size, data::arrow_pool());
  data::throw_if_failed(buffer.status(), "frame");
  return std::move(*buffer);
}

std::shared_ptr<arrow::Array> fixed_array(const std::shared_ptr<arrow::DataType>& type,
                                          int64_t length, std::shared_ptr<arrow::Buffer> values,
                                          std::shared_ptr<arrow::Buffer> validity) {
  int64_t nulls = validity == nullptr ? 0 : arrow::kUnknownNullCount;
  return arrow::MakeArray(
      arrow::ArrayData::Make(type, length, {std::move(validity), std::move(values)}, nulls));
}

std::shared_ptr<arrow::Buffer> bits_of(const uint8_t* bytes, int64_t length) {
  auto bits = allocate_bytes((length + 7) / 8);
  pack_bits(bytes, length, bits->mutable_data());
  return bits;
}

std::shared_ptr<arrow::Array> bool_array(const uint8_t* bytes, int64_t length) {
  return fixed_array(arrow::boolean(), length, bits_of(bytes, length));
}

std::string nearest_names(const std::string& name, const std::vector<std::string>& names) {
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string& other : names) near.emplace_back(edit_distance(name, other), other);
  size_t shown = std::min<size_t>(3, near.size());
  std::partial_sort(near.begin(), near.begin() + static_cast<ptrdiff_t>(shown), near.end());
  std::string text;
  for (size_t i = 0; i < shown; ++i) text += (i == 0 ? "'" : ", '") + near[i].second + "'";
  return text;
}

int column_index(const arrow::Schema& schema, const std::string& name, const std::string& where) {
  std::vector<int> found = schema.GetAllFieldIndices(name);
  if (found.size() == 1) return found[0];
  if (found.size() > 1) {
    throw base::value_error("[" + where + "] column '" + name + "' is there " +
                            std::to_string(found.size()) + " times; rename the others first");
  }
  std::string near = nearest_names(name, schema.field_names());
  throw base::key_error("[" + where + "] column '" + name + "' is not in the frame" +
                        (near.empty() ? ", which has no columns" : "; the nearest are " + near));
}

}  // namespace dusk::kernels::frame
