#include "dusk/data/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

namespace dusk::data::shared_memory {
namespace {

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;

class Mapping {
 public:
  Mapping(void* start, size_t bytes, int descriptor)
      : start_(start), bytes_(bytes), descriptor_(descriptor) {}
  ~Mapping() {
    munmap(start_, bytes_);
    close(descriptor_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  void* start() const { return start_; }
  size_t bytes() const { return bytes_; }
  int descriptor() const { return descriptor_; }

 private:
  void* start_;
  size_t bytes_;
  int descriptor_;
};

struct Block {
  std::shared_ptr<Mapping> memory;
  bool filling = false;  // by a thread of this process
};

struct Blocks {
  std::mutex mutex;
  std::vector<Block> all;
  size_t bytes = 0;
  size_t bytes_max = size_t{256} << 20;
};

Blocks& instance() {
  static Blocks* blocks = new Blocks;  // buffers may be sent while statics are destroyed
  return *blocks;
}

// Sizes are powers of two from 256 KiB, so that a few blocks serve many lengths.
size_t block_bytes(size_t size) {
  size_t bytes = size_t{256} << 10;
  while (bytes < size) bytes *= 2;
  return bytes;
}

// Whether somebody holds a descriptor of a loan.
bool is_out(const Mapping& memory) {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return fcntl(memory.descriptor(), F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

std::shared_ptr<Mapping> make_block(size_t bytes) {
  int descriptor = memfd_create("dusk", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return nullptr;
  void* start = MAP_FAILED;
  if (ftruncate(descriptor, static_cast<off_t>(bytes)) == 0) {
    start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  }
  if (start == MAP_FAILED) {
    close(descriptor);
    return nullptr;
  }
  auto memory = std::make_shared<Mapping>(start, bytes, descriptor);
  return fcntl(descriptor, F_ADD_SEALS, kSeals) == 0 ? memory : nullptr;
}

// A free block of so many bytes, which is the caller's to fill; null when there is none. Free ones
// of other sizes make way for a new one.
std::shared_ptr<Mapping> take_block(size_t bytes) {
  Blocks& blocks = instance();
  std::lock_guard lock(blocks.mutex);
  for (Block& block : blocks.all) {
    if (block.filling || block.memory->bytes() != bytes || is_out(*block.memory)) continue;
    block.filling = true;
    return block.memory;
  }
  std::erase_if(blocks.all, [&](const Block& block) {
    bool goes = blocks.bytes + bytes > blocks.bytes_max && !block.filling &&
                block.memory->bytes() != bytes && !is_out(*block.memory);
    if (goes) blocks.bytes -= block.memory->bytes();
    return goes;
  });
  if (blocks.bytes + bytes > blocks.bytes_max) return nullptr;
  std::shared_ptr<Mapping> made = make_block(bytes);
  if (!made) return nullptr;
  blocks.bytes += bytes;
  blocks.all.push_back({made, true});
  return made;
}

void filled(const std::shared_ptr<Mapping>& memory) {
  Blocks& blocks = instance();
  std::lock_guard lock(blocks.mutex);
  for (Block& block : blocks.all) {
    if (block.memory == memory) block.filling = false;
  }
}

// A way of its own to the memory, with a lock that lives as long as it does.
int open_loan(const Mapping& memory) {
  std::string path = "/proc/self/fd/" + std::to_string(memory.descriptor());
  int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return -1;
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_whence = SEEK_SET;
  if (fcntl(descriptor, F_OFD_SETLK, &lock) == 0) return descriptor;
  close(descriptor);
  return -1;
}

base::Error bad(const std::string& what) {
  return {base::ErrorKind::kOs, "shared memory that " + what};
}

}  // namespace

std::optional<Loan> lend(const void* data, size_t size) {
  std::shared_ptr<Mapping> memory = take_block(block_bytes(size));
  if (!memory) return {};
  std::memcpy(memory->start(), data, size);
  int descriptor = open_loan(*memory);
  filled(memory);
  if (descriptor < 0) return {};
  return Loan{descriptor};
}

void set_blocks_max(size_t bytes) {
  Blocks& blocks = instance();
  std::lock_guard lock(blocks.mutex);
  blocks.bytes_max = bytes;
  std::erase_if(blocks.all, [&](const Block& block) {
    bool goes = blocks.bytes > bytes && !block.filling;
    if (goes) blocks.bytes -= block.memory->bytes();
    return goes;
  });
}

size_t blocks_bytes() {
  Blocks& blocks = instance();
  std::lock_guard lock(blocks.mutex);
  return blocks.bytes;
}

base::Result<BufferPtr> borrow(int descriptor, uint64_t size) {
  auto refuse = [&](const std::string& what) {
    close(descriptor);
    return bad(what);
  };
  struct stat facts {};
  int seals = fcntl(descriptor, F_GET_SEALS);
  if (seals < 0 || fstat(descriptor, &facts) != 0) return refuse("is no memory");
  bool fixed = (seals & F_SEAL_SHRINK) && (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE));
  if (!fixed) return refuse("is not sealed");
  auto held = static_cast<uint64_t>(facts.st_size);
  if (size > held || size == 0) {
    return refuse("has " + std::to_string(held) + " bytes, too few for " + std::to_string(size));
  }
  void* start = mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  if (start == MAP_FAILED) return refuse(std::string("cannot be mapped: ") + std::strerror(errno));
  return Buffer::wrap(start, size, std::make_shared<const Mapping>(start, size, descriptor));
}

}  // namespace dusk::data::shared_memory
