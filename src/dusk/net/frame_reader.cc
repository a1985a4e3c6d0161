#include "dusk/net/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "dusk/data/shared_memory.h"
#include "dusk/net/frame.h"

namespace dusk::net {
namespace {

constexpr size_t kDescriptorsMax = 256;

}  // namespace

iovec FrameReader::place() const {
  if (stage_ != Stage::kBuffers || message_.buffers.empty()) return {nullptr, 0};
  const data::BufferPtr& buffer = message_.buffers.back();
  return {buffer->data() + have_, buffer->size() - have_};
}

void FrameReader::placed(size_t bytes) { have_ += bytes; }

std::optional<Message> FrameReader::next() {
  bool whole = false;
  while (!whole) {
    switch (stage_) {
      case Stage::kHead:
        if (!head()) return std::nullopt;
        break;
      case Stage::kLengths:
        if (!lengths()) return std::nullopt;
        break;
      case Stage::kControl:
        if (!control()) return std::nullopt;
        whole = stage_ == Stage::kHead;
        break;
      case Stage::kReserve:
        if (!reserved()) return std::nullopt;
        whole = stage_ == Stage::kHead;
        break;
      case Stage::kBuffers:
        if (!buffers()) return std::nullopt;
        whole = stage_ == Stage::kHead;
        break;
      case Stage::kOver: given_ = {}; return std::nullopt;
    }
  }
  return std::exchange(message_, Message());
}

// Moves bytes towards `size` at `destination`, of which have_ are there; true when all are.
bool FrameReader::collect(void* destination, size_t size) {
  size_t some = std::min(given_.size(), size - have_);
  if (some > 0) std::memcpy(static_cast<std::byte*>(destination) + have_, given_.data(), some);
  given_ = given_.subspan(some);
  have_ += some;
  if (have_ < size) return false;
  have_ = 0;
  return true;
}

bool FrameReader::head() {
  if (!collect(head_, sizeof head_)) return false;
  if (head_[1] == kGoodbye) {
    if (head_[0] > kGoodbyeBytes) {
      fail("a goodbye of " + std::to_string(head_[0]) + " bytes");
      return false;
    }
    stage_ = Stage::kControl;
    return true;
  }
  if (head_[0] > limits_.control_bytes) {
    fail("a control part of " + std::to_string(head_[0]) + " bytes, more than the limit of " +
         std::to_string(limits_.control_bytes));
    return false;
  }
  if (head_[1] > limits_.buffers) {
    fail(std::to_string(head_[1]) + " buffers in a message, more than the limit of " +
         std::to_string(limits_.buffers));
    return false;
  }
  stage_ = head_[1] > 0 ? Stage::kLengths : Stage::kControl;
  lengths_.resize(head_[1]);
  return true;
}

bool FrameReader::lengths() {
  if (!collect(lengths_.data(), lengths_.size() * sizeof lengths_[0])) return false;
  auto left = static_cast<uint64_t>(std::max<int64_t>(0, limits_.message_bytes - head_[0]));
  size_t shared = 0;
  for (uint64_t entry : lengths_) {
    uint64_t length = entry & ~kSharedBuffer;
    if (entry != length) ++shared;
    if (length > left) {
      fail("a message of more bytes than the limit of " + std::to_string(limits_.message_bytes));
      return false;
    }
    left -= length;
  }
  if (shared > 0 && (!may_borrow_ || shared > kSharedMax)) {
    fail(std::to_string(shared) + " buffers of shared memory, which cannot be taken here");
    return false;
  }
  stage_ = Stage::kControl;
  return true;
}

void FrameReader::give_descriptors(std::vector<Descriptor> came) {
  may_borrow_ = true;
  for (Descriptor& descriptor : came) descriptors_.push_back(std::move(descriptor));
  // They belong to messages that have begun, or to the next few that were read along with those.
  if (descriptors_.size() > kDescriptorsMax) fail("descriptors that belong to no message");
}

// Grows with what comes, so that a length alone costs no memory.
bool FrameReader::control() {
  size_t some = std::min(given_.size(), head_[0] - message_.control.size());
  message_.control.append(reinterpret_cast<const char*>(given_.data()), some);
  given_ = given_.subspan(some);
  if (message_.control.size() < head_[0]) return false;
  if (head_[1] == kGoodbye) {
    goodbye_ = std::move(message_.control);
    stage_ = Stage::kOver;
    return false;
  }
  stage_ = lengths_.empty() ? Stage::kHead : Stage::kReserve;
  return true;
}

bool FrameReader::reserved() {
  uint64_t bytes = 0;  // no more than limits_.message_bytes
  for (uint64_t length : lengths_) bytes += length & ~kSharedBuffer;
  if (reserve_ && bytes > 0 && !reserve_(static_cast<int64_t>(bytes))) {
    if (given_.data() != kept_.data()) kept_.assign(given_.begin(), given_.end());
    given_ = kept_;
    return false;
  }
  stage_ = Stage::kBuffers;
  begin_buffer();
  return true;
}

bool FrameReader::buffers() {
  data::BufferPtr& buffer = message_.buffers.back();
  if (!collect(buffer->data(), buffer->size())) return false;
  begin_buffer();
  return true;
}

// Up to the next buffer whose bytes are still to come, or to the end of the message.
void FrameReader::begin_buffer() {
  while (message_.buffers.size() < lengths_.size()) {
    uint64_t length = lengths_[message_.buffers.size()];
    if (length & kSharedBuffer) {
      if (!borrow_buffer(length & ~kSharedBuffer)) return;
      continue;
    }
    try {
      message_.buffers.push_back(data::Buffer::allocate(length));
    } catch (const base::Error& error) {
      fail("a message for which there is no memory: " + std::string(error.what()));
    }
    return;
  }
  stage_ = Stage::kHead;
}

bool FrameReader::borrow_buffer(uint64_t bytes) {
  if (descriptors_.empty()) {
    fail("shared memory without its descriptor");
    return false;
  }
  Descriptor descriptor = std::move(descriptors_.front());
  descriptors_.pop_front();
  auto got = data::shared_memory::borrow(descriptor.release(), bytes);
  if (!got.ok()) {
    fail(got.error().what());
    return false;
  }
  message_.buffers.push_back(std::move(got).value());
  return true;
}

void FrameReader::fail(const std::string& what) {
  error_ = base::Error(base::ErrorKind::kOs, "the peer sent " + what);
  descriptors_.clear();
  message_ = Message();
  stage_ = Stage::kOver;
}

}  // namespace dusk::net
