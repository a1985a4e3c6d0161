// Bytes to and from a peer, without ever waiting.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dusk/net/sockets.h"

namespace dusk::net {

struct Transfer {
  enum class Status {
    kDone,     // `bytes` were moved, at least one
    kBlocked,  // none: when the descriptor is ready, more
    kEnded,    // reading: the peer sends no more
    kFailed,   // `error` says why
  };
  Status status;
  size_t bytes = 0;
  std::string error = {};
};

// Owns a connected socket.
class Stream {
 public:
  explicit Stream(int descriptor) : descriptor_(descriptor) {}
  virtual ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  virtual Transfer read(const iovec* parts, size_t count) = 0;
  // With no parts: only what was taken earlier and is held.
  virtual Transfer write(const iovec* parts, size_t count) = 0;
  // Whether descriptors can go along with the bytes.
  virtual bool passes_descriptors() const { return false; }
  // write(), with descriptors that leave with its first byte. REQUIRES: passes_descriptors().
  virtual Transfer write_with(const iovec* parts, size_t count, std::span<const int> descriptors) {
    (void)descriptors;
    return write(parts, count);
  }
  // Those that came along with what was read, in their order.
  virtual std::vector<Descriptor> take_descriptors() { return {}; }
  // Whether there is input that the descriptor does not announce any more.
  virtual bool holds_input() const { return false; }
  // Whether output was taken that the socket has not.
  virtual bool holds_output() const { return false; }
  // Tells the peer that nothing follows.
  virtual void end_output() = 0;

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};
using StreamPtr = std::unique_ptr<Stream>;

// Makes a stream of a socket.
using StreamMaker = std::function<StreamPtr(int descriptor)>;

// tcp:// and unix://
StreamPtr plain_stream(int descriptor);

}  // namespace dusk::net
