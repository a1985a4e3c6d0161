// Heads of spilled records: as they are, and with a checksum that fits, so that what stands behind
// it is reached.
#include <algorithm>
#include <cstring>
#include <memory>

#include "dusk/base/check.h"
#include "dusk/base/crc32c.h"
#include "dusk/data/buffer.h"
#include "dusk/node/spill_record.h"
#include "fuzz.h"

namespace {

constexpr size_t kSumAt = 8;
constexpr size_t kSummedFrom = 12;

std::string head(std::string text, std::vector<size_t> sizes) {
  dusk::data::Frames frames{std::move(text), {}};
  for (size_t size : sizes) frames.buffers.push_back(dusk::data::Buffer::zeroed(size));
  std::string bytes = dusk::node::encode_spill_head(dusk::node::spill_head(7, frames));
  return bytes.substr(0, 32 + 16 * sizes.size() + frames.header.size());
}

void decode(const std::byte* bytes, size_t size) {
  auto read = dusk::node::decode_spill_head(bytes, size);
  if (!read.ok()) return;
  const dusk::node::SpillHead& head = read.value();
  DUSK_CHECK(head.record_bytes() >= dusk::node::kSpillBlock, "a record is less than a block");
  std::string again = dusk::node::encode_spill_head(head);
  auto back = dusk::node::decode_spill_head(again.data(), again.size());
  DUSK_CHECK(back.ok() && back.value().header == head.header && back.value().number == head.number,
             "a head is not read as it was written");
}

}  // namespace

std::vector<std::string> seeds() {
  return {head("", {}), head("a value", {0, 1, 5000}), head(std::string(5000, 'x'), {64, 64})};
}

// A block of the exact size, so that a sanitizer sees every read beyond it.
void parse(const uint8_t* given, size_t size) {
  std::unique_ptr<std::byte[]> bytes(new std::byte[size]);
  std::copy_n(reinterpret_cast<const std::byte*>(given), size, bytes.get());
  decode(bytes.get(), size);
  if (size < kSummedFrom + sizeof(uint32_t)) return;
  uint32_t whole = 0;
  std::memcpy(&whole, bytes.get() + kSummedFrom, sizeof whole);
  if (whole < kSummedFrom || whole > size) return;
  uint32_t sum = dusk::base::crc32c(bytes.get() + kSummedFrom, whole - kSummedFrom);
  std::memcpy(bytes.get() + kSumAt, &sum, sizeof sum);
  decode(bytes.get(), size);
}
