#include "dusk/node/spill_segment.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "dusk/base/error.h"
#include "dusk/node/spill_record.h"

namespace dusk::node {
namespace {

constexpr size_t kStageBytes = size_t{1} << 20;

// Memory that lies as direct input and output need it.
struct Stage {
  Stage() : bytes(static_cast<char*>(std::aligned_alloc(kSpillBlock, kStageBytes))) {
    if (!bytes) throw base::Error(base::ErrorKind::kMemory, "no memory to write a spill file");
  }
  ~Stage() { std::free(bytes); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  char* bytes;
};

bool lies_on_a_block(const void* data) {
  return reinterpret_cast<uintptr_t>(data) % kSpillBlock == 0;
}

}  // namespace

SpillSegment::SpillSegment(std::string path, std::shared_ptr<std::atomic<int64_t>> bytes)
    : path_(std::move(path)), bytes_(std::move(bytes)) {
  int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
  descriptor_ = ::open(path_.c_str(), flags | O_DIRECT, 0600);
  if (descriptor_ < 0 && errno == EINVAL) {
    ::unlink(path_.c_str());
    descriptor_ = ::open(path_.c_str(), flags, 0600);
  }
  if (descriptor_ < 0) {
    throw std::system_error(errno, std::generic_category(), path_);
  }
}

SpillSegment::~SpillSegment() {
  ::close(descriptor_);
  ::unlink(path_.c_str());
}

int SpillSegment::write_whole(int64_t offset, const char* data, size_t size) const {
  while (size > 0) {
    ssize_t done = ::pwrite(descriptor_, data, size, offset);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0 && errno == EINVAL && (fcntl(descriptor_, F_GETFL) & O_DIRECT)) {
      fcntl(descriptor_, F_SETFL, fcntl(descriptor_, F_GETFL) & ~O_DIRECT);
      continue;
    }
    if (done <= 0) return done < 0 ? errno : EIO;
    data += done;
    size -= static_cast<size_t>(done);
    offset += done;
  }
  return 0;
}

int SpillSegment::write(int64_t offset, const void* data, size_t size) const {
  auto bytes = static_cast<const char*>(data);
  if (lies_on_a_block(bytes)) {
    size_t direct = size / kSpillBlock * kSpillBlock;
    if (int error = write_whole(offset, bytes, direct)) return error;
    bytes += direct;
    offset += static_cast<int64_t>(direct);
    size -= direct;
  }
  if (size == 0) return 0;
  Stage stage;
  while (size > 0) {
    size_t part = std::min(size, kStageBytes);
    size_t whole = whole_blocks(part);
    std::memcpy(stage.bytes, bytes, part);
    std::memset(stage.bytes + part, 0, whole - part);
    if (int error = write_whole(offset, stage.bytes, whole)) return error;
    bytes += part;
    offset += static_cast<int64_t>(part);
    size -= part;
  }
  return 0;
}

int SpillSegment::read_whole(int64_t offset, char* data, size_t size, size_t needed) const {
  size_t have = 0;
  while (have < needed) {
    ssize_t done =
        ::pread(descriptor_, data + have, size - have, offset + static_cast<int64_t>(have));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return done < 0 ? errno : EIO;  // the file ends
    have += static_cast<size_t>(done);
  }
  return 0;
}

int SpillSegment::read(int64_t offset, void* data, size_t size) const {
  auto bytes = static_cast<char*>(data);
  if (lies_on_a_block(bytes)) {
    size_t direct = size / kSpillBlock * kSpillBlock;
    if (int error = read_whole(offset, bytes, direct, direct)) return error;
    bytes += direct;
    offset += static_cast<int64_t>(direct);
    size -= direct;
  }
  if (size == 0) return 0;
  Stage stage;
  while (size > 0) {
    size_t part = std::min(size, kStageBytes);
    if (int error = read_whole(offset, stage.bytes, whole_blocks(part), part)) return error;
    std::memcpy(bytes, stage.bytes, part);
    bytes += part;
    offset += static_cast<int64_t>(part);
    size -= part;
  }
  return 0;
}

void SpillSegment::forget(int64_t offset, int64_t bytes) const {
  bytes_->fetch_sub(bytes);
  (void)fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, bytes);
}

}  // namespace dusk::node
