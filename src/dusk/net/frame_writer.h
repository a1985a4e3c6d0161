// Messages on their way out, as parts for one gathering write after another.
//
// Heads and whatever is small are copied into chunks, so that many small messages are one part;
// large parts are written from where they are.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <deque>
#include <string>
#include <variant>

#include "dusk/net/message.h"

namespace dusk::net {

class FrameWriter {
 public:
  void add(Message message);
  void add_goodbye(std::string reason);

  bool empty() const { return queued_ == 0; }
  int64_t queued_bytes() const { return queued_; }

  // Up to `capacity` parts of what is to be written next; returns how many.
  size_t gather(iovec* parts, size_t capacity) const;
  // So many bytes of these parts have been written.
  void wrote(size_t bytes);
  void clear();

 private:
  using Part = std::variant<std::string, data::BufferPtr>;

  static iovec memory_of(const Part& part);
  void copy(const void* bytes, size_t size);
  void refer(Part part);

  std::deque<Part> parts_;
  bool tail_is_chunk_ = false;  // the last part takes more copies
  size_t written_ = 0;          // of the first part
  int64_t queued_ = 0;
  std::string spare_;  // an emptied chunk
};

}  // namespace dusk::net
