#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/data/byte_stream.h"
#include "dusk/data/foreign_frames.h"
#include "dusk/data/table_frames.h"
#include "dusk/data/value.h"

namespace dusk::data {
namespace {

constexpr std::string_view kMagic = "dusk.value.1";
constexpr int kDepthMax = 100;

enum Kind : int64_t { kNothing, kArray, kTable, kForeign, kList };

void write_array(const NdArray& given, ByteWriter& header, std::vector<BufferPtr>& buffers) {
  NdArray array = given.contiguous();
  header.text(array.dtype().str());
  header.integer(static_cast<int64_t>(array.ndim()));
  for (int64_t n : array.shape()) header.integer(n);
  header.integer(static_cast<int64_t>(buffers.size()));
  auto bytes = static_cast<size_t>(array.nbytes());
  if (array.buffer() && array.data() == array.buffer()->data() && array.buffer()->size() == bytes) {
    buffers.push_back(array.buffer());
  } else {
    buffers.push_back(Buffer::wrap(array.data(), bytes, array.buffer()));
  }
}

const BufferPtr& buffer_at(ByteReader& header, const std::vector<BufferPtr>& buffers) {
  int64_t at = header.integer();
  if (at < 0 || at >= static_cast<int64_t>(buffers.size()) || !buffers[static_cast<size_t>(at)]) {
    throw base::value_error("[from_frames] a buffer that the header names is missing");
  }
  return buffers[static_cast<size_t>(at)];
}

NdArray read_array(ByteReader& header, const std::vector<BufferPtr>& buffers) {
  DType dtype = DType::parse(header.text());
  Dims shape;
  int64_t ndim = header.length(static_cast<int64_t>(header.left() / sizeof(int64_t)));
  __int128 bytes = dtype.itemsize;
  __int128 spanned = std::max(dtype.itemsize, 1);  // what strides count: empty axes as one
  for (int64_t d = 0; d < ndim; ++d) {
    shape.push_back(header.length(INT64_MAX));
    bytes *= shape.back();
    spanned *= std::max<int64_t>(shape.back(), 1);
    if (spanned > INT64_MAX) throw ByteReader::damaged();
  }
  const BufferPtr& buffer = buffer_at(header, buffers);
  if (static_cast<__int128>(buffer->size()) < bytes) {
    throw base::value_error("[from_frames] an array needs " +
                            std::to_string(static_cast<int64_t>(bytes)) +
                            " bytes, its buffer has " + std::to_string(buffer->size()));
  }
  Dims strides = contiguous_strides(shape, dtype.itemsize);
  return {dtype, std::move(shape), std::move(strides), buffer, buffer->data()};
}

void write_value(const Value& value, ByteWriter& header, std::vector<BufferPtr>& buffers) {
  if (value.is_none()) {
    header.integer(kNothing);
  } else if (value.is_array()) {
    header.integer(kArray);
    write_array(value.array(), header, buffers);
  } else if (value.is_table()) {
    header.integer(kTable);
    write_table(*value.table(), header, buffers);
  } else if (value.is_foreign()) {
    header.integer(kForeign);
    Frames own = value.foreign()->to_frames();
    header.text(own.header);
    header.integer(static_cast<int64_t>(buffers.size()));
    header.integer(static_cast<int64_t>(own.buffers.size()));
    buffers.insert(buffers.end(), own.buffers.begin(), own.buffers.end());
  } else {
    header.integer(kList);
    header.integer(static_cast<int64_t>(value.list().size()));
    for (const Value& v : value.list()) write_value(v, header, buffers);
  }
}

Value read_foreign(ByteReader& header, const std::vector<BufferPtr>& buffers,
                   ForeignDecoder decode) {
  Frames own{std::string(header.text()), {}};
  auto have = static_cast<int64_t>(buffers.size());
  int64_t first = header.length(have);
  int64_t count = header.length(have - first);
  if (!decode) {
    throw base::type_error("[from_frames] an object of another language needs its decoder");
  }
  own.buffers.assign(buffers.begin() + first, buffers.begin() + first + count);
  return decode(own);
}

Value read_value(ByteReader& header, const std::vector<BufferPtr>& buffers, ForeignDecoder decode,
                 int depth) {
  if (depth > kDepthMax) throw ByteReader::damaged();
  switch (header.integer()) {
    case kNothing: return {};
    case kArray: return read_array(header, buffers);
    case kTable: return read_table(header, buffers);
    case kForeign: return read_foreign(header, buffers, decode);
    case kList: {
      int64_t count = header.length(static_cast<int64_t>(header.left() / sizeof(int64_t)));
      ValueList values;
      values.reserve(static_cast<size_t>(count));
      for (int64_t i = 0; i < count; ++i) {
        values.push_back(read_value(header, buffers, decode, depth + 1));
      }
      return values;
    }
    default: throw ByteReader::damaged();
  }
}

}  // namespace

Frames to_frames(const Value& value) {
  ByteWriter header;
  Frames frames;
  header.text(kMagic);
  write_value(value, header, frames.buffers);
  frames.header = header.take();
  return frames;
}

std::optional<Frames> take_foreign(Frames& frames) {
  ByteReader header(frames.header);
  if (header.text() != kMagic) throw ByteReader::damaged();
  if (header.integer() != kForeign) return {};
  Frames own{std::string(header.text()), {}};
  auto have = static_cast<int64_t>(frames.buffers.size());
  int64_t first = header.length(have);
  int64_t count = header.length(have - first);
  if (header.left() != 0) throw ByteReader::damaged();
  auto begin = frames.buffers.begin() + first;
  own.buffers.assign(std::make_move_iterator(begin), std::make_move_iterator(begin + count));
  return own;
}

Value from_frames(const Frames& frames, ForeignDecoder decode_foreign) {
  ByteReader header(frames.header);
  if (header.text() != kMagic) throw ByteReader::damaged();
  Value value = read_value(header, frames.buffers, decode_foreign, 0);
  if (header.left() != 0) throw ByteReader::damaged();
  return value;
}

}  // namespace dusk::data
