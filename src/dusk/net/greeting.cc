#include "dusk/net/greeting.h"

#include <sys/epoll.h>

#include <utility>

#include "dusk/net/hello.h"
#include "dusk/net/socket_connection.h"

namespace dusk::net {

Greeting::Greeting(Loop& loop, StreamPtr stream, const NetOptions& options, std::string remote)
    : loop_(loop),
      stream_(std::move(stream)),
      ours_(options.hello),
      limits_(options.limits),
      remote_(std::move(remote)),
      unsaid_(encode_hello(options.hello, options.limits)) {}

void Greeting::begin(int64_t microseconds, Done done) {
  done_ = std::move(done);
  timer_ = loop_.after(microseconds,
                       [self = shared_from_this()] { self->give_up("no whole hello in time"); });
  loop_.watch(stream_->descriptor(), EPOLLIN | EPOLLOUT, shared_from_this());
}

void Greeting::give_up(const std::string& why) {
  refuse({base::ErrorKind::kOs, "[handshake] " + why});
}

// Under TLS either direction can need the other to get on, so both are tried.
void Greeting::on_ready(uint32_t) {
  if (!done_ || !say() || !hear()) return;
  bool all_said = unsaid_.empty() && !stream_->holds_output();
  if (all_said && body_.size() == body_bytes_ && head_.size() == kHelloHeadBytes) return judge();
  loop_.watch(stream_->descriptor(), all_said ? EPOLLIN : EPOLLIN | EPOLLOUT, shared_from_this());
}

void Greeting::on_loop_gone() {
  done_ = nullptr;
  stream_.reset();
}

bool Greeting::say() {
  while (!unsaid_.empty() || stream_->holds_output()) {
    iovec part{unsaid_.data(), unsaid_.size()};
    Transfer written = stream_->write(&part, unsaid_.empty() ? 0 : 1);
    if (written.status == Transfer::Status::kBlocked) return true;
    if (written.status != Transfer::Status::kDone) {
      // Why the peer went may still be there to be read.
      if (!hear()) return false;
      give_up(written.error);
      return false;
    }
    unsaid_.erase(0, written.bytes);
  }
  return true;
}

// Not a byte beyond the hello is read: what follows is the connection's.
bool Greeting::hear() {
  if (head_.size() < kHelloHeadBytes) {
    if (!fill(head_, kHelloHeadBytes)) return false;
    if (head_.size() < kHelloHeadBytes) return true;
    auto bytes = hello_body_bytes(head_, limits_);
    if (!bytes.ok()) {
      refuse(bytes.error());
      return false;
    }
    body_bytes_ = bytes.value();
  }
  return fill(body_, body_bytes_);
}

// Reads towards `size` bytes; false when the handshake is over.
bool Greeting::fill(std::string& bytes, size_t size) {
  while (bytes.size() < size) {
    char some[4096];
    iovec part{some, std::min(sizeof some, size - bytes.size())};
    Transfer read = stream_->read(&part, 1);
    if (read.status == Transfer::Status::kBlocked) return true;
    if (read.status != Transfer::Status::kDone) {
      give_up(read.status == Transfer::Status::kEnded ? "the other side closed the connection"
                                                      : read.error);
      return false;
    }
    bytes.append(some, read.bytes);
  }
  return true;
}

void Greeting::judge() {
  auto theirs = decode_hello(head_, body_);
  if (!theirs.ok()) return refuse(theirs.error());
  if (auto conflict = version_conflict(ours_, theirs.value())) return refuse(*conflict);
  loop_.unwatch(stream_->descriptor());
  finish(ConnectionPtr(std::make_shared<SocketConnection>(loop_, std::move(stream_), limits_,
                                                          std::move(theirs).value(), remote_)));
}

void Greeting::refuse(const base::Error& error) {
  if (!done_) return;
  loop_.unwatch(stream_->descriptor());
  stream_.reset();
  finish(error);
}

void Greeting::finish(base::Result<ConnectionPtr> result) {
  loop_.cancel(timer_);
  Done done = std::exchange(done_, nullptr);
  done(std::move(result));
}

}  // namespace dusk::net
