#include "dusk/net/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "dusk/base/check.h"
#include "dusk/net/system_error.h"

namespace dusk::net {
namespace {

using Status = Transfer::Status;

// So much ciphertext is gathered before the socket gets it.
constexpr size_t kHeldMax = size_t{128} << 10;
constexpr size_t kRecordBytes = size_t{16} << 10;

class TlsStream final : public Stream {
 public:
  TlsStream(int descriptor, std::shared_ptr<const TlsContext> context, TlsSide side);
  ~TlsStream() override { SSL_free(ssl_); }

  Transfer read(const iovec* parts, size_t count) override;
  Transfer write(const iovec* parts, size_t count) override;
  bool holds_input() const override { return more_to_read_ && SSL_has_pending(ssl_); }
  bool holds_output() const override { return sent_ < held_.size(); }
  void end_output() override;

  // What OpenSSL reads from and writes to.
  int receive(char* bytes, int size);
  void hold(const char* bytes, int size) { held_.append(bytes, static_cast<size_t>(size)); }
  bool ended() const { return ended_; }

 private:
  bool send_held();
  Transfer result(size_t bytes, int code);

  std::shared_ptr<const TlsContext> context_;
  SSL* ssl_;
  std::string held_;  // ciphertext, of which sent_ bytes have been sent
  size_t sent_ = 0;
  bool more_to_read_ = false;  // the last read ended for want of room
  bool ended_ = false;
  int error_ = 0;        // of the socket
  std::string failure_;  // of TLS: nothing works after it
};

TlsStream& stream_of(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

int bio_read(BIO* bio, char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  int got = stream_of(bio).receive(bytes, size);
  if (got < 0 && errno == EAGAIN) BIO_set_retry_read(bio);
  return got;
}

// Never blocks: write() looks how much is held.
int bio_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  stream_of(bio).hold(bytes, size);
  return size;
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return stream_of(bio).ended();
  return command == BIO_CTRL_FLUSH;
}

const BIO_METHOD* bio_method() {
  static const BIO_METHOD* method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "dusk");
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

TlsStream::TlsStream(int descriptor, std::shared_ptr<const TlsContext> context, TlsSide side)
    : Stream(descriptor), context_(std::move(context)), ssl_(SSL_new(context_->get())) {
  BIO* bio = BIO_new(bio_method());
  DUSK_CHECK(ssl_ && bio, "OpenSSL has no memory");
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  if (side == TlsSide::kListener) {
    SSL_set_accept_state(ssl_);
  } else {
    SSL_set_connect_state(ssl_);
  }
}

int TlsStream::receive(char* bytes, int size) {
  ssize_t got = recv(descriptor(), bytes, static_cast<size_t>(size), 0);
  if (got == 0) ended_ = true;
  if (got < 0) {
    if (errno == EWOULDBLOCK || errno == EINTR) errno = EAGAIN;
    if (errno != EAGAIN) error_ = errno;
  }
  return static_cast<int>(got);
}

Transfer TlsStream::read(const iovec* parts, size_t count) {
  size_t total = 0;
  int code = SSL_ERROR_NONE;
  ERR_clear_error();
  for (size_t i = 0; i < count && code == SSL_ERROR_NONE; ++i) {
    auto* bytes = static_cast<char*>(parts[i].iov_base);
    for (size_t left = parts[i].iov_len; left > 0;) {
      size_t some = 0;
      if (SSL_read_ex(ssl_, bytes, left, &some) != 1) {
        code = SSL_get_error(ssl_, 0);
        break;
      }
      bytes += some;
      left -= some;
      total += some;
    }
  }
  more_to_read_ = code == SSL_ERROR_NONE;
  send_held();  // of the handshake
  return result(total, code);
}

Transfer TlsStream::write(const iovec* parts, size_t count) {
  size_t total = 0;
  int code = SSL_ERROR_NONE;
  ERR_clear_error();
  bool room = send_held();
  for (size_t i = 0; i < count && room && code == SSL_ERROR_NONE; ++i) {
    const auto* bytes = static_cast<const char*>(parts[i].iov_base);
    for (size_t left = parts[i].iov_len; left > 0 && room;) {
      size_t some = 0;
      if (SSL_write_ex(ssl_, bytes, std::min(left, kRecordBytes), &some) != 1) {
        code = SSL_get_error(ssl_, 0);
        break;
      }
      bytes += some;
      left -= some;
      total += some;
      if (held_.size() >= kHeldMax) room = send_held();
    }
  }
  room = send_held();
  if (error_ != 0) return {Status::kFailed, 0, system_text(error_)};
  if (count == 0 && room) return {Status::kDone};
  return result(total, code);
}

// What was moved before something went wrong counts; that comes again with the next call.
Transfer TlsStream::result(size_t bytes, int code) {
  if (bytes > 0) return {Status::kDone, bytes};
  if (code == SSL_ERROR_NONE || code == SSL_ERROR_WANT_READ) return {Status::kBlocked};
  if (code == SSL_ERROR_ZERO_RETURN) return {Status::kEnded};
  if (code == SSL_ERROR_SSL && failure_.empty()) {
    bool cut = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    if (cut) return {Status::kEnded};
    failure_ = "TLS: " + take_tls_error();
    long verified = SSL_get_verify_result(ssl_);
    if (verified != X509_V_OK) {
      failure_ += std::string(" (") + X509_verify_cert_error_string(verified) + ")";
    }
  }
  if (!failure_.empty()) return {Status::kFailed, 0, failure_};
  if (error_ != 0) return {Status::kFailed, 0, system_text(error_)};
  return {Status::kEnded};
}

// True when nothing is held any more.
bool TlsStream::send_held() {
  while (sent_ < held_.size() && error_ == 0) {
    ssize_t n = send(descriptor(), held_.data() + sent_, held_.size() - sent_, MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return false;
    if (n < 0) {
      error_ = errno;
      return false;
    }
    sent_ += static_cast<size_t>(n);
  }
  held_.clear();
  sent_ = 0;
  return true;
}

void TlsStream::end_output() {
  ERR_clear_error();
  SSL_shutdown(ssl_);
  send_held();
  shutdown(descriptor(), SHUT_WR);
}

}  // namespace

StreamPtr tls_stream(int descriptor, std::shared_ptr<const TlsContext> context, TlsSide side) {
  return std::make_unique<TlsStream>(descriptor, std::move(context), side);
}

}  // namespace dusk::net
