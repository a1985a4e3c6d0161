// Values on disk: records in a few large files, which only grow and go when nothing in them is
// needed any more. The space of a record that is let go is given back to the file system at once
// where that can punch holes into files.
//
// Files are written past the page cache where the file system allows it: spilled values would
// otherwise stay in the very memory that they are to leave. All methods may be called from any
// thread; several records are written and read at a time.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "dusk/data/value.h"

namespace dusk::node {

struct SpillSettings {
  std::string directory;                       // exists
  int64_t bytes_max = 0;                       // on disk; 0: as much as there is
  int64_t segment_bytes = int64_t{128} << 20;  // after which a new file is begun
};

class SpillSegment;

// One value on disk, for as long as somebody holds this.
class SpilledRecord {
 public:
  ~SpilledRecord();
  // Throws Error(kOs) when it cannot be read or its checksums do not fit.
  data::Frames read() const;
  int64_t bytes() const { return bytes_; }  // on disk

 private:
  friend class SpillFiles;
  SpilledRecord(std::shared_ptr<SpillSegment> segment, int64_t offset, int64_t bytes,
                size_t head_bytes, uint64_t number)
      : segment_(std::move(segment)),
        offset_(offset),
        bytes_(bytes),
        head_bytes_(head_bytes),
        number_(number) {}

  std::shared_ptr<SpillSegment> segment_;
  int64_t offset_;
  int64_t bytes_;
  size_t head_bytes_;
  uint64_t number_;
};
using SpilledPtr = std::shared_ptr<const SpilledRecord>;

class SpillFiles {
 public:
  explicit SpillFiles(SpillSettings settings);

  struct Written {
    SpilledPtr record;  // null: it is not on disk
    bool full = false;  // because there is no room
    std::string error;  // why not
  };
  Written write(const data::Frames& frames);
  int64_t bytes() const;  // of records that are held

 private:
  struct Place {
    std::shared_ptr<SpillSegment> segment;
    int64_t offset = 0;
  };
  Place place(int64_t bytes);

  const SpillSettings settings_;
  std::shared_ptr<std::atomic<int64_t>> bytes_;
  std::mutex mutex_;
  std::shared_ptr<SpillSegment> current_;
  int64_t end_ = 0;  // of the current segment
  int64_t segments_ = 0;
  std::atomic<uint64_t> records_{0};
};

}  // namespace dusk::node
