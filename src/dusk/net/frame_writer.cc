#include "dusk/net/frame_writer.h"

#include <utility>

#include "dusk/base/check.h"
#include "dusk/data/shared_memory.h"
#include "dusk/net/frame.h"
#include "dusk/net/little_endian.h"

namespace dusk::net {
namespace {

constexpr size_t kCopyMax = 4096;
constexpr size_t kChunkBytes = size_t{64} << 10;

}  // namespace

void FrameWriter::add(Message message) {
  uint32_t head[2] = {static_cast<uint32_t>(message.control.size()),
                      static_cast<uint32_t>(message.buffers.size())};
  DUSK_CHECK(head[0] == message.control.size() && head[1] == message.buffers.size(),
             "a message has more than the wire can count");
  Part shared;
  std::vector<bool> lent = lend(message, &shared);
  if (!shared.descriptors.empty()) {
    shared.bytes = std::exchange(spare_, {});
    std::get<std::string>(shared.bytes).clear();
    parts_.push_back(std::move(shared));
    tail_is_chunk_ = true;
  }
  copy(head, sizeof head);
  for (size_t i = 0; i < message.buffers.size(); ++i) {
    uint64_t length = message.buffers[i]->size();
    if (!lent.empty() && lent[i]) length |= kSharedBuffer;
    copy(&length, sizeof length);
  }
  if (message.control.size() <= kCopyMax) {
    copy(message.control.data(), message.control.size());
  } else {
    refer(std::move(message.control));
  }
  for (size_t i = 0; i < message.buffers.size(); ++i) {
    data::BufferPtr& buffer = message.buffers[i];
    if (!lent.empty() && lent[i]) continue;
    if (buffer->size() <= kCopyMax) {
      copy(buffer->data(), buffer->size());
    } else {
      refer(std::move(buffer));
    }
  }
}

// Which buffers are lent; empty when none is.
std::vector<bool> FrameWriter::lend(const Message& message, Part* part) const {
  std::vector<bool> lent;
  if (share_min_ <= 0) return lent;
  for (size_t i = 0; i < message.buffers.size() && part->descriptors.size() < kSharedMax; ++i) {
    const data::BufferPtr& buffer = message.buffers[i];
    if (static_cast<int64_t>(buffer->size()) < share_min_) continue;
    auto loan = data::shared_memory::lend(buffer->data(), buffer->size());
    if (!loan) continue;
    lent.resize(message.buffers.size());
    lent[i] = true;
    part->descriptors.emplace_back(loan->descriptor);
  }
  return lent;
}

void FrameWriter::add_goodbye(std::string reason) {
  if (reason.size() > kGoodbyeBytes) reason.resize(kGoodbyeBytes);
  uint32_t head[2] = {static_cast<uint32_t>(reason.size()), kGoodbye};
  copy(head, sizeof head);
  copy(reason.data(), reason.size());
}

size_t FrameWriter::gather(iovec* parts, size_t capacity) const {
  size_t count = 0;
  for (const Part& part : parts_) {
    if (count == capacity) break;
    if (count > 0 && !part.descriptors.empty()) break;  // with a write of its own
    parts[count++] = memory_of(part);
  }
  if (count > 0) {
    parts[0].iov_base = static_cast<char*>(parts[0].iov_base) + written_;
    parts[0].iov_len -= written_;
  }
  return count;
}

std::vector<int> FrameWriter::descriptors() const {
  std::vector<int> numbers;
  if (parts_.empty() || written_ > 0) return numbers;
  for (const Descriptor& d : parts_.front().descriptors) numbers.push_back(d.number());
  return numbers;
}

void FrameWriter::wrote(size_t bytes) {
  queued_ -= static_cast<int64_t>(bytes);
  written_ += bytes;
  while (!parts_.empty()) {
    size_t size = memory_of(parts_.front()).iov_len;
    if (written_ < size) return;
    written_ -= size;
    if (auto* chunk = std::get_if<std::string>(&parts_.front().bytes)) {
      if (chunk->capacity() <= 2 * kChunkBytes) spare_ = std::move(*chunk);
    }
    parts_.pop_front();
  }
  tail_is_chunk_ = false;
}

void FrameWriter::clear() {
  parts_.clear();
  tail_is_chunk_ = false;
  written_ = 0;
  queued_ = 0;
}

iovec FrameWriter::memory_of(const Part& part) {
  if (auto* text = std::get_if<std::string>(&part.bytes)) {
    return {const_cast<char*>(text->data()), text->size()};
  }
  const data::BufferPtr& buffer = std::get<data::BufferPtr>(part.bytes);
  return {buffer->data(), buffer->size()};
}

void FrameWriter::copy(const void* bytes, size_t size) {
  if (size == 0) return;
  if (!tail_is_chunk_ || std::get<std::string>(parts_.back().bytes).size() + size > kChunkBytes) {
    spare_.clear();
    parts_.push_back({std::move(spare_)});
    spare_.clear();
    tail_is_chunk_ = true;
  }
  std::get<std::string>(parts_.back().bytes).append(static_cast<const char*>(bytes), size);
  queued_ += static_cast<int64_t>(size);
}

void FrameWriter::refer(std::variant<std::string, data::BufferPtr> bytes) {
  Part part{std::move(bytes)};
  queued_ += static_cast<int64_t>(memory_of(part).iov_len);
  parts_.push_back(std::move(part));
  tail_is_chunk_ = false;
}

}  // namespace dusk::net
