#include "dusk/node/spill_files.h"

#include <cerrno>
#include <cstring>
#include <system_error>

#include "dusk/base/crc32c.h"
#include "dusk/base/error.h"
#include "dusk/data/buffer.h"
#include "dusk/node/spill_record.h"
#include "dusk/node/spill_segment.h"

namespace dusk::node {
namespace {

base::Error unreadable(const std::string& path, const std::string& why) {
  return {base::ErrorKind::kOs, "a spilled value in " + path + " cannot be read back: " + why};
}

SpillFiles::Written failed(int error, const std::string& path) {
  bool full = error == ENOSPC || error == EDQUOT;
  return {nullptr, full, path + ": " + std::strerror(error)};
}

}  // namespace

SpilledRecord::~SpilledRecord() { segment_->forget(offset_, bytes_); }

data::Frames SpilledRecord::read() const {
  std::string start(head_bytes_, '\0');
  if (int error = segment_->read(offset_, start.data(), start.size())) {
    throw unreadable(segment_->path(), std::strerror(error));
  }
  base::Result<SpillHead> read = decode_spill_head(start.data(), start.size());
  if (!read.ok()) throw unreadable(segment_->path(), read.error().what());
  SpillHead head = std::move(read).value();
  if (head.number != number_) throw unreadable(segment_->path(), "another record is there");
  data::Frames frames{std::move(head.header), {}};
  int64_t offset = offset_ + static_cast<int64_t>(head_bytes_);
  for (const SpillHead::Part& part : head.parts) {
    data::BufferPtr buffer = data::Buffer::allocate(part.bytes);
    if (int error = segment_->read(offset, buffer->data(), part.bytes)) {
      throw unreadable(segment_->path(), std::strerror(error));
    }
    if (base::crc32c(buffer->data(), part.bytes) != part.checksum) {
      throw unreadable(segment_->path(), "the checksum of its data is another");
    }
    offset += static_cast<int64_t>(whole_blocks(part.bytes));
    frames.buffers.push_back(std::move(buffer));
  }
  return frames;
}

SpillFiles::SpillFiles(SpillSettings settings)
    : settings_(std::move(settings)), bytes_(std::make_shared<std::atomic<int64_t>>(0)) {}

// Throws std::system_error.
SpillFiles::Place SpillFiles::place(int64_t bytes) {
  std::lock_guard lock(mutex_);
  if (!current_ || (end_ > 0 && end_ + bytes > settings_.segment_bytes)) {
    current_ = std::make_shared<SpillSegment>(
        settings_.directory + "/segment-" + std::to_string(++segments_), bytes_);
    end_ = 0;
  }
  Place place{current_, end_};
  end_ += bytes;
  return place;
}

SpillFiles::Written SpillFiles::write(const data::Frames& frames) {
  SpillHead head = spill_head(++records_, frames);
  std::string start = encode_spill_head(head);
  auto bytes = static_cast<int64_t>(head.record_bytes());
  if (bytes_->fetch_add(bytes) + bytes > settings_.bytes_max && settings_.bytes_max > 0) {
    bytes_->fetch_sub(bytes);
    return {nullptr, true,
            "spilled values would take more than the limit of " +
                std::to_string(settings_.bytes_max >> 20) + " MiB"};
  }
  Place at;
  try {
    at = place(bytes);
  } catch (const std::system_error& error) {
    bytes_->fetch_sub(bytes);
    return failed(error.code().value(), settings_.directory);
  }
  // Gives the space back when it goes, whatever became of the record.
  SpilledPtr record(new SpilledRecord(at.segment, at.offset, bytes, start.size(), head.number));
  int64_t offset = at.offset;
  if (int error = at.segment->write(offset, start.data(), start.size())) {
    return failed(error, at.segment->path());
  }
  offset += static_cast<int64_t>(start.size());
  for (const data::BufferPtr& buffer : frames.buffers) {
    if (int error = at.segment->write(offset, buffer->data(), buffer->size())) {
      return failed(error, at.segment->path());
    }
    offset += static_cast<int64_t>(whole_blocks(buffer->size()));
  }
  return {std::move(record), false, {}};
}

int64_t SpillFiles::bytes() const { return bytes_->load(); }

}  // namespace dusk::node
