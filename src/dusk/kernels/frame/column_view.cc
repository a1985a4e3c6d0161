#include "dusk/kernels/frame/column_view.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>

#include <bit>

namespace dusk::kernels::frame {

Storage storage_of(const arrow::DataType& type) {
  using Type = arrow::Type;
  switch (type.id()) {
    case Type::NA: return Storage::kNull;
    case Type::BOOL: return Storage::kBool;
    case Type::INT8: return Storage::kInt8;
    case Type::INT16: return Storage::kInt16;
    case Type::INT32:
    case Type::DATE32:
    case Type::TIME32: return Storage::kInt32;
    case Type::INT64:
    case Type::DATE64:
    case Type::TIME64:
    case Type::TIMESTAMP:
    case Type::DURATION: return Storage::kInt64;
    case Type::UINT8: return Storage::kUInt8;
    case Type::UINT16: return Storage::kUInt16;
    case Type::UINT32: return Storage::kUInt32;
    case Type::UINT64: return Storage::kUInt64;
    case Type::FLOAT: return Storage::kFloat32;
    case Type::DOUBLE: return Storage::kFloat64;
    case Type::STRING:
    case Type::BINARY: return Storage::kString;
    case Type::LARGE_STRING:
    case Type::LARGE_BINARY: return Storage::kLargeString;
    case Type::DECIMAL128:
    case Type::DECIMAL256:
    case Type::FIXED_SIZE_BINARY: return Storage::kFixed;
    case Type::DICTIONARY: return Storage::kDictionary;
    default: return Storage::kOther;
  }
}

ColumnView view_of(const arrow::Array& array) {
  const arrow::ArrayData& data = *array.data();
  const arrow::DataType* type = data.type.get();
  if (type->id() == arrow::Type::DICTIONARY) {
    type = static_cast<const arrow::DictionaryType&>(*type).index_type().get();
  }
  ColumnView view;
  view.storage = storage_of(*type);
  view.length = data.length;
  view.offset = data.offset;
  if (view.storage == Storage::kNull || view.storage == Storage::kOther) return view;
  if (data.buffers[0] != nullptr && data.GetNullCount() != 0) {
    view.validity = data.buffers[0]->data();
  }
  const uint8_t* values = data.buffers[1] == nullptr ? nullptr : data.buffers[1]->data();
  view.values = values;
  if (view.storage == Storage::kBool || values == nullptr) return view;
  if (is_text(view.storage)) {
    view.width = view.storage == Storage::kString ? 4 : 8;
    if (data.buffers[2] != nullptr) view.bytes = data.buffers[2]->data();
  } else {
    view.width = type->byte_width();
  }
  view.values = values + data.offset * view.width;
  return view;
}

ColumnView slice(const ColumnView& view, int64_t start, int64_t length) {
  ColumnView part = view;
  part.offset += start;
  part.length = length;
  if (view.storage != Storage::kBool && view.values != nullptr) {
    part.values = view.as<uint8_t>() + start * view.width;
  }
  return part;
}

void unpack_bits(const uint8_t* bits, int64_t offset, int64_t length, uint8_t* bytes) {
  int64_t i = 0;
  for (; i < length && ((offset + i) & 7) != 0; ++i) bytes[i] = get_bit(bits, offset + i);
  for (; i + 8 <= length; i += 8) {
    uint64_t byte = bits[(offset + i) >> 3];
    // Spreads the byte over eight, keeps bit j in byte j, and brings it down to 0 or 1.
    uint64_t spread = (byte * 0x0101010101010101ULL) & 0x8040201008040201ULL;
    spread = ((spread + 0x7F7F7F7F7F7F7F7FULL) | spread) >> 7 & 0x0101010101010101ULL;
    std::memcpy(bytes + i, &spread, 8);
  }
  for (; i < length; ++i) bytes[i] = get_bit(bits, offset + i);
}

void pack_bits(const uint8_t* bytes, int64_t length, uint8_t* bits) {
  int64_t i = 0;
  for (; i + 8 <= length; i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes + i, 8);
    bits[i >> 3] = static_cast<uint8_t>((word * 0x0102040810204080ULL) >> 56);
  }
  if (i < length) {
    uint8_t last = 0;
    for (int64_t j = i; j < length; ++j) last |= static_cast<uint8_t>(bytes[j] << (j - i));
    bits[i >> 3] = last;
  }
}

int64_t count_bits(const uint8_t* bits, int64_t offset, int64_t length) {
  int64_t count = 0, i = 0;
  for (; i < length && ((offset + i) & 7) != 0; ++i) count += get_bit(bits, offset + i);
  for (; i + 64 <= length; i += 64) {
    uint64_t word;
    std::memcpy(&word, bits + ((offset + i) >> 3), 8);
    count += std::popcount(word);
  }
  for (; i < length; ++i) count += get_bit(bits, offset + i);
  return count;
}

}  // namespace dusk::kernels::frame
