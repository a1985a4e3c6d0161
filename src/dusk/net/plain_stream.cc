#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "dusk/net/frame.h"
#include "dusk/net/stream.h"
#include "dusk/net/system_error.h"

namespace dusk::net {
namespace {

using Status = Transfer::Status;

Transfer result_of(ssize_t moved) {
  if (moved > 0) return {Status::kDone, static_cast<size_t>(moved)};
  if (moved == 0) return {Status::kEnded};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Status::kBlocked};
  return {Status::kFailed, 0, system_text(errno)};
}

class PlainStream : public Stream {
 public:
  using Stream::Stream;

  Transfer read(const iovec* parts, size_t count) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);
    message.msg_iovlen = count;
    return result_of(recvmsg(descriptor(), &message, MSG_CMSG_CLOEXEC));
  }

  Transfer write(const iovec* parts, size_t count) override {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);
    message.msg_iovlen = count;
    return result_of(sendmsg(descriptor(), &message, MSG_NOSIGNAL));
  }

  void end_output() override { shutdown(descriptor(), SHUT_WR); }
};

// A Unix socket, which also passes descriptors.
class LocalStream final : public PlainStream {
 public:
  using PlainStream::PlainStream;

  bool passes_descriptors() const override { return true; }
  std::vector<Descriptor> take_descriptors() override { return std::exchange(came_, {}); }

  Transfer read(const iovec* parts, size_t count) override {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kSharedMax)];
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);
    message.msg_iovlen = count;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    Transfer read = result_of(recvmsg(descriptor(), &message, MSG_CMSG_CLOEXEC));
    if (read.status != Status::kDone) return read;
    for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
      if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
      size_t numbers = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (size_t i = 0; i < numbers; ++i) {
        int number = -1;
        std::memcpy(&number, CMSG_DATA(c) + i * sizeof number, sizeof number);
        came_.emplace_back(number);
      }
    }
    if (message.msg_flags & MSG_CTRUNC) {
      return {Status::kFailed, 0, "it passed more descriptors than can be taken"};
    }
    return read;
  }

  Transfer write_with(const iovec* parts, size_t count, std::span<const int> descriptors) override {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kSharedMax)] = {};
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts);
    message.msg_iovlen = count;
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(head), descriptors.data(), descriptors.size_bytes());
    return result_of(sendmsg(descriptor(), &message, MSG_NOSIGNAL));
  }

 private:
  std::vector<Descriptor> came_;
};

bool is_local(int descriptor) {
  sockaddr_storage own{};
  socklen_t length = sizeof own;
  return getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &length) == 0 &&
         own.ss_family == AF_UNIX;
}

}  // namespace

Stream::~Stream() { ::close(descriptor_); }

StreamPtr plain_stream(int descriptor) {
  if (is_local(descriptor)) return std::make_unique<LocalStream>(descriptor);
  return std::make_unique<PlainStream>(descriptor);
}

}  // namespace dusk::net
