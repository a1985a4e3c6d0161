// One file of spilled records. Internal to the folder.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace dusk::node {

// Removed with the last record in it. Throws std::system_error when it cannot be made.
class SpillSegment {
 public:
  SpillSegment(std::string path, std::shared_ptr<std::atomic<int64_t>> bytes);
  ~SpillSegment();
  SpillSegment(const SpillSegment&) = delete;
  SpillSegment& operator=(const SpillSegment&) = delete;

  // `offset` lies on a block. Each returns 0 or the error's number; what is written is filled up to
  // a block with zeros.
  int write(int64_t offset, const void* data, size_t size) const;
  int read(int64_t offset, void* data, size_t size) const;
  // The record there is not needed any more.
  void forget(int64_t offset, int64_t bytes) const;

  const std::string& path() const { return path_; }

 private:
  int write_whole(int64_t offset, const char* data, size_t size) const;
  int read_whole(int64_t offset, char* data, size_t size, size_t needed) const;

  std::string path_;
  int descriptor_;
  std::shared_ptr<std::atomic<int64_t>> bytes_;  // on disk, of all segments
};

}  // namespace dusk::node
