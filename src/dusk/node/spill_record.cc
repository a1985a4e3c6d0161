#include "dusk/node/spill_record.h"

#include <bit>
#include <cstring>

#include "dusk/base/crc32c.h"
#include "dusk/data/buffer.h"

namespace dusk::node {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr uint64_t kMagic = 0x314C50534B535544;  // "DUSKSPL1"
constexpr size_t kSummedFrom = 12;
constexpr size_t kFixed = 32;
constexpr size_t kPart = 16;
constexpr uint64_t kBytesMax = uint64_t{1} << 56;  // of a buffer, so that sums do not overflow

template <class T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
T get(const char* bytes, size_t at) {
  T value;
  std::memcpy(&value, bytes + at, sizeof value);
  return value;
}

base::Error damaged(const char* what) {
  return {base::ErrorKind::kOs, std::string("a record in a spill file is damaged: ") + what};
}

}  // namespace

size_t SpillHead::record_bytes() const {
  size_t bytes = whole_blocks(kFixed + kPart * parts.size() + header.size());
  for (const Part& part : parts) bytes += whole_blocks(part.bytes);
  return bytes;
}

SpillHead spill_head(uint64_t number, const data::Frames& frames) {
  SpillHead head{number, frames.header, {}};
  head.parts.reserve(frames.buffers.size());
  for (const data::BufferPtr& buffer : frames.buffers) {
    head.parts.push_back({buffer->size(), base::crc32c(buffer->data(), buffer->size())});
  }
  return head;
}

std::string encode_spill_head(const SpillHead& head) {
  std::string out;
  size_t bytes = kFixed + kPart * head.parts.size() + head.header.size();
  out.reserve(whole_blocks(bytes));
  put<uint64_t>(out, kMagic);
  put<uint32_t>(out, 0);
  put<uint32_t>(out, static_cast<uint32_t>(bytes));
  put<uint64_t>(out, head.number);
  put<uint32_t>(out, static_cast<uint32_t>(head.header.size()));
  put<uint32_t>(out, static_cast<uint32_t>(head.parts.size()));
  for (const SpillHead::Part& part : head.parts) {
    put<uint64_t>(out, part.bytes);
    put<uint32_t>(out, part.checksum);
    put<uint32_t>(out, 0);
  }
  out += head.header;
  uint32_t checksum = base::crc32c(out.data() + kSummedFrom, out.size() - kSummedFrom);
  std::memcpy(out.data() + kSummedFrom - sizeof checksum, &checksum, sizeof checksum);
  out.resize(whole_blocks(bytes));
  return out;
}

base::Result<SpillHead> decode_spill_head(const void* data, size_t size) {
  auto bytes = static_cast<const char*>(data);
  if (size < kFixed) return damaged("it is cut off");
  if (get<uint64_t>(bytes, 0) != kMagic) return damaged("it does not begin as one");
  uint64_t whole = get<uint32_t>(bytes, 12);
  uint64_t header = get<uint32_t>(bytes, 24);
  uint64_t parts = get<uint32_t>(bytes, 28);
  if (whole > size) return damaged("it is cut off");
  if (whole != kFixed + kPart * parts + header) return damaged("its lengths do not fit together");
  if (base::crc32c(bytes + kSummedFrom, whole - kSummedFrom) != get<uint32_t>(bytes, 8)) {
    return damaged("the checksum of its head is another");
  }
  SpillHead head;
  head.number = get<uint64_t>(bytes, 16);
  head.parts.reserve(parts);
  for (size_t at = kFixed; at < kFixed + kPart * parts; at += kPart) {
    head.parts.push_back({get<uint64_t>(bytes, at), get<uint32_t>(bytes, at + 8)});
    if (head.parts.back().bytes > kBytesMax) return damaged("its lengths do not fit together");
  }
  head.header.assign(bytes + kFixed + kPart * parts, header);
  return head;
}

}  // namespace dusk::node
