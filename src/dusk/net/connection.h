// A way to one peer that said hello, whatever the transport.
//
// Everything happens on the loop's thread: calls to the methods and calls of the handler. Messages
// arrive whole, once and in the order in which they were sent, or the connection closes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "dusk/base/error.h"
#include "dusk/net/message.h"
#include "dusk/net/options.h"

namespace dusk::net {

// on_closed is called exactly once on a connection that was started, and last; its kind is
// kCancelled after our own close(), kOs for whatever the peer or the network did. It is never
// called inside start(), send() or close(). on_drained and reserve may be empty.
//
// reserve is asked for the bytes of a message's buffers when their lengths have come, and before
// any of them exists. When it says no, nothing more is read and the peer's writes stall, until
// resume(), which asks again. What it has granted is the handler's to take back: when the message
// comes, or with on_closed. Between two ends in one process nothing is read and nothing asked.
struct Handler {
  std::function<void(Message)> on_message;
  std::function<void(const base::Error& reason)> on_closed;
  std::function<void()> on_drained;
  std::function<bool(int64_t bytes)> reserve;
};

// A started connection lives until on_closed even if nobody else keeps it; one that never was
// started closes when it is dropped.
class Connection {
 public:
  virtual ~Connection() = default;

  // From now on the handler is called. Once.
  virtual void start(Handler handler) = 0;
  // Queues a message. What is queued in one tick of the loop leaves together. Ignored after close.
  // REQUIRES: started.
  virtual void send(Message message) = 0;
  // Goes on reading after reserve said no; does nothing otherwise.
  virtual void resume() = 0;
  // Bytes that send() took and that have not left yet.
  virtual int64_t queued_bytes() const = 0;
  // Sends what is queued, and `reason` for the peer's on_closed, then closes; on_closed follows.
  // Messages that still arrive are dropped.
  virtual void close(const std::string& reason) = 0;

  virtual const Hello& peer() const = 0;
  // The other end as text, for errors and logs.
  virtual std::string remote() const = 0;
};
using ConnectionPtr = std::shared_ptr<Connection>;

}  // namespace dusk::net
