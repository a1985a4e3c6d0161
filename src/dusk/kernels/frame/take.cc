#include <arrow/api.h>
#include <arrow/compute/api.h>

#include <algorithm>
#include <limits>

#include "dusk/base/error.h"
#include "dusk/data/table.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/rows.h"

namespace dusk::kernels::frame {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using BufferPtr = std::shared_ptr<arrow::Buffer>;

template <class T>
void gather(const void* from, std::span<const Row> rows, bool holes, uint8_t* to) {
  const T* in = static_cast<const T*>(from);
  T* out = reinterpret_cast<T*>(to);
  if (!holes) {
    for (size_t i = 0; i < rows.size(); ++i) out[i] = in[rows[i]];
    return;
  }
  for (size_t i = 0; i < rows.size(); ++i) out[i] = rows[i] == kNoRow ? T{} : in[rows[i]];
}

struct Bytes16 {
  uint64_t low, high;
};

BufferPtr gather_fixed(const ColumnView& view, std::span<const Row> rows, bool holes) {
  auto buffer = allocate_bytes(static_cast<int64_t>(rows.size()) * view.width);
  uint8_t* out = buffer->mutable_data();
  switch (view.width) {
    case 1: gather<uint8_t>(view.values, rows, holes, out); break;
    case 2: gather<uint16_t>(view.values, rows, holes, out); break;
    case 4: gather<uint32_t>(view.values, rows, holes, out); break;
    case 8: gather<uint64_t>(view.values, rows, holes, out); break;
    case 16: gather<Bytes16>(view.values, rows, holes, out); break;
    default:
      for (size_t i = 0; i < rows.size(); ++i, out += view.width) {
        if (rows[i] == kNoRow) {
          std::memset(out, 0, static_cast<size_t>(view.width));
        } else {
          std::memcpy(out, view.as<uint8_t>() + static_cast<int64_t>(rows[i]) * view.width,
                      static_cast<size_t>(view.width));
        }
      }
  }
  return buffer;
}

template <class F>
BufferPtr gather_bits(std::span<const Row> rows, F bit) {
  auto n = static_cast<int64_t>(rows.size());
  auto bits = allocate_bytes((n + 7) / 8);
  uint8_t bytes[1024];
  for (int64_t start = 0; start < n; start += 1024) {
    int64_t count = std::min<int64_t>(1024, n - start);
    for (int64_t i = 0; i < count; ++i) bytes[i] = bit(rows[static_cast<size_t>(start + i)]);
    pack_bits(bytes, count, bits->mutable_data() + start / 8);
  }
  return bits;
}

BufferPtr gather_validity(const ColumnView& view, std::span<const Row> rows, bool holes) {
  if (view.validity == nullptr && !holes) return nullptr;
  return gather_bits(rows, [&](Row row) { return row != kNoRow && view.valid(row); });
}

template <class Offset>
ArrayPtr gather_texts(const ColumnView& view, const std::shared_ptr<arrow::DataType>& type,
                      std::span<const Row> rows, BufferPtr validity) {
  auto n = static_cast<int64_t>(rows.size());
  const Offset* in = view.as<Offset>();
  auto offsets = allocate_bytes((n + 1) * static_cast<int64_t>(sizeof(Offset)));
  auto* at = reinterpret_cast<Offset*>(offsets->mutable_data());
  int64_t total = 0;
  for (int64_t i = 0; i < n; ++i) {
    Row row = rows[static_cast<size_t>(i)];
    at[i] = static_cast<Offset>(total);
    if (row != kNoRow) total += in[row + 1] - in[row];
  }
  if (total > std::numeric_limits<Offset>::max()) {
    throw base::not_implemented(
        "[take] texts of more than 2 GiB in one partition need large_string");
  }
  at[n] = static_cast<Offset>(total);
  auto bytes = allocate_bytes(total);
  uint8_t* out = bytes->mutable_data();
  for (int64_t i = 0; i < n; ++i) {
    Row row = rows[static_cast<size_t>(i)];
    if (row == kNoRow) continue;
    auto size = static_cast<size_t>(in[row + 1] - in[row]);
    if (size > 0) std::memcpy(out + at[i], view.bytes + in[row], size);
  }
  return arrow::MakeArray(arrow::ArrayData::Make(type, n, {std::move(validity), offsets, bytes}));
}

ArrayPtr gather_by_arrow(const ArrayPtr& array, std::span<const Row> rows, bool holes) {
  auto n = static_cast<int64_t>(rows.size());
  auto values = arrow::Buffer::Wrap(rows.data(), rows.size());
  BufferPtr validity;
  if (holes) validity = gather_bits(rows, [](Row row) { return row != kNoRow; });
  auto indices = fixed_array(arrow::uint32(), n, values, validity);
  arrow::compute::TakeOptions options(/*boundscheck=*/false);
  return call_array("take", {array, indices}, &options);
}

ArrayPtr gather_array(const ArrayPtr& array, std::span<const Row> rows, bool holes) {
  if (array->type_id() == arrow::Type::NA) {
    return std::make_shared<arrow::NullArray>(static_cast<int64_t>(rows.size()));
  }
  if (array->type_id() == arrow::Type::DICTIONARY) {
    const auto& coded = static_cast<const arrow::DictionaryArray&>(*array);
    auto taken = gather_array(coded.indices(), rows, holes);
    return std::make_shared<arrow::DictionaryArray>(array->type(), taken, coded.dictionary());
  }
  ColumnView view = view_of(*array);
  auto n = static_cast<int64_t>(rows.size());
  if (view.storage == Storage::kOther) return gather_by_arrow(array, rows, holes);
  BufferPtr validity = gather_validity(view, rows, holes);
  if (view.storage == Storage::kBool) {
    auto bits = gather_bits(rows, [&](Row row) { return row != kNoRow && view.bit(row); });
    return fixed_array(array->type(), n, bits, validity);
  }
  if (view.storage == Storage::kString) {
    return gather_texts<int32_t>(view, array->type(), rows, validity);
  }
  if (view.storage == Storage::kLargeString) {
    return gather_texts<int64_t>(view, array->type(), rows, validity);
  }
  return fixed_array(array->type(), n, gather_fixed(view, rows, holes), validity);
}

bool has_holes(std::span<const Row> rows) {
  bool found = false;
  for (Row row : rows) found |= row == kNoRow;
  return found;
}

}  // namespace

ArrayPtr take(const arrow::ChunkedArray& column, std::span<const Row> rows) {
  return gather_array(combined(column), rows, has_holes(rows));
}

std::shared_ptr<arrow::Table> take(const std::shared_ptr<arrow::Table>& table,
                                   std::span<const Row> rows) {
  if (table->num_rows() >= static_cast<int64_t>(kNoRow)) {
    throw base::not_implemented("[take] a table of 2^32 - 1 rows or more; use more partitions");
  }
  bool holes = has_holes(rows);
  arrow::ChunkedArrayVector columns;
  for (const auto& column : table->columns()) {
    columns.push_back(
        std::make_shared<arrow::ChunkedArray>(gather_array(combined(*column), rows, holes)));
  }
  return arrow::Table::Make(table->schema(), std::move(columns), static_cast<int64_t>(rows.size()));
}

std::shared_ptr<arrow::Table> concatenate(
    const std::vector<std::shared_ptr<arrow::Table>>& tables) {
  if (tables.empty()) throw base::value_error("[concat] No objects to concatenate");
  if (tables.size() == 1) return tables[0];
  arrow::ChunkedArrayVector columns;
  int64_t rows = 0;
  for (const auto& table : tables) rows += table->num_rows();
  for (int c = 0; c < tables[0]->num_columns(); ++c) {
    arrow::ArrayVector chunks;
    const auto& type = tables[0]->schema()->field(c)->type();
    for (const auto& table : tables) {
      if (table->num_columns() != tables[0]->num_columns() ||
          table->schema()->field(c)->name() != tables[0]->schema()->field(c)->name()) {
        throw base::value_error(
            "[concat] tables of different columns: " + tables[0]->schema()->ToString() + " and " +
            table->schema()->ToString());
      }
      for (const auto& chunk : table->column(c)->chunks()) {
        if (chunk->length() > 0) chunks.push_back(cast_array(chunk, type, true, "concat"));
      }
    }
    columns.push_back(std::make_shared<arrow::ChunkedArray>(std::move(chunks), type));
  }
  return arrow::Table::Make(tables[0]->schema(), std::move(columns), rows);
}

}  // namespace dusk::kernels::frame
