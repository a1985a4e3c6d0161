#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

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

class PlainStream final : public Stream {
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

}  // namespace

Stream::~Stream() { ::close(descriptor_); }

StreamPtr plain_stream(int descriptor) { return std::make_unique<PlainStream>(descriptor); }

}  // namespace dusk::net
