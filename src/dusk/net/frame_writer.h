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
#include <vector>

#include "dusk/net/message.h"
#include "dusk/net/sockets.h"

namespace dusk::net {

class FrameWriter {
 public:
  // Buffers of at least so many bytes leave as shared memory, while there is some.
  void share_from(int64_t bytes) { share_min_ = bytes; }
  void add(Message message);
  void add_goodbye(std::string reason);

  bool empty() const { return queued_ == 0; }
  int64_t queued_bytes() const { return queued_; }

  // Up to `capacity` parts of what is to be written next; returns how many. Their first byte takes
  // the descriptors() along.
  size_t gather(iovec* parts, size_t capacity) const;
  std::vector<int> descriptors() const;
  // So many bytes of these parts have been written.
  void wrote(size_t bytes);
  void clear();

 private:
  struct Part {
    std::variant<std::string, data::BufferPtr> bytes;
    std::vector<Descriptor> descriptors = {};  // leave with its first byte
  };

  static iovec memory_of(const Part& part);
  void copy(const void* bytes, size_t size);
  void refer(std::variant<std::string, data::BufferPtr> bytes);
  std::vector<bool> lend(const Message& message, Part* part) const;

  std::deque<Part> parts_;
  bool tail_is_chunk_ = false;  // the last part takes more copies
  size_t written_ = 0;          // of the first part
  int64_t queued_ = 0;
  int64_t share_min_ = 0;  // 0: none is shared
  std::string spare_;      // an emptied chunk
};

}  // namespace dusk::net
