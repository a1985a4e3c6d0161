#include "dusk/net/socket_dialer.h"

#include <sys/epoll.h>

#include <thread>
#include <utility>

#include "dusk/net/greeting.h"
#include "dusk/net/mailbox.h"
#include "dusk/net/sockets.h"
#include "dusk/net/system_error.h"

namespace dusk::net {
namespace {

constexpr int64_t kFullQueueUs = 10'000;

using Places = base::Result<std::vector<SocketAddress>>;

// Tries the places of one address in turn, then shakes hands.
class Dialer final : public Watcher, public std::enable_shared_from_this<Dialer> {
 public:
  Dialer(Loop& loop, const Address& address, const NetOptions& options, StreamMaker make_stream,
         Greeting::Done done)
      : loop_(loop),
        address_(address),
        options_(options),
        make_stream_(std::move(make_stream)),
        done_(std::move(done)) {}

  void begin() {
    deadline_ = loop_.now() + options_.limits.handshake_us;
    timer_ = loop_.after(options_.limits.handshake_us, [self = shared_from_this()] {
      self->finish(base::Error(base::ErrorKind::kOs, "no connection in time"));
    });
    if (is_numeric(address_)) {
      resolved(resolve(address_));
    } else {
      resolve_elsewhere();
    }
  }

  void on_ready(uint32_t) override {
    int code = 0;
    socklen_t length = sizeof code;
    getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &code, &length);
    loop_.unwatch(socket_.number());
    if (code != 0) return try_next(code);
    greet();
  }

  void on_loop_gone() override { done_ = nullptr; }

 private:
  // Name servers take their time: a thread waits for them, and only it.
  void resolve_elsewhere() {
    std::thread([self = shared_from_this(), mailbox = loop_.mailbox(),
                 address = address_]() mutable {
      auto places = std::make_shared<Places>(resolve(address));
      mailbox->post([self = std::move(self), places] { self->resolved(std::move(*places)); });
    }).detach();
  }

  void resolved(Places places) {
    if (!done_) return;
    if (!places.ok()) return finish(places.error());
    places_ = std::move(places).value();
    try_next(0);
  }

  // `code` is why the place before did not do.
  void try_next(int code) {
    while (done_ && next_ < places_.size()) {
      const SocketAddress& place = places_[next_++];
      socket_ = Descriptor(socket(place.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      if (socket_.number() < 0) {
        code = errno;
        continue;
      }
      configure(socket_.number(), options_.limits);
      if (connect(socket_.number(), place.get(), place.length) == 0) return greet();
      if (errno == EINPROGRESS) {
        return loop_.watch(socket_.number(), EPOLLOUT, shared_from_this());
      }
      code = errno;
      if (code == EAGAIN) return try_again();  // a unix listener with a full queue
    }
    finish(base::Error(base::ErrorKind::kOs, system_text(code)));
  }

  void try_again() {
    --next_;
    loop_.after(kFullQueueUs, [self = shared_from_this()] { self->try_next(EAGAIN); });
  }

  void greet() {
    auto greeting = std::make_shared<Greeting>(loop_, make_stream_(socket_.release()), options_,
                                               address_.text());
    loop_.cancel(timer_);
    greeting->begin(deadline_ - loop_.now(),
                    [self = shared_from_this()](base::Result<ConnectionPtr> result) {
                      self->finish(std::move(result));
                    });
  }

  void finish(base::Result<ConnectionPtr> result) {
    if (!done_) return;
    loop_.cancel(timer_);
    if (socket_.number() >= 0) loop_.unwatch(socket_.number());
    socket_ = Descriptor();
    auto done = std::exchange(done_, nullptr);
    if (result.ok()) return done(std::move(result));
    done(base::Error(result.error().kind(),
                     "[connect] " + address_.text() + ": " + result.error().what()));
  }

  Loop& loop_;
  const Address address_;
  const NetOptions options_;
  const StreamMaker make_stream_;
  Greeting::Done done_;
  Descriptor socket_;
  std::vector<SocketAddress> places_;
  size_t next_ = 0;
  int64_t deadline_ = 0;
  Loop::TimerId timer_ = 0;
};

}  // namespace

void dial_socket(Loop& loop, const Address& address, const NetOptions& options,
                 StreamMaker make_stream, std::function<void(base::Result<ConnectionPtr>)> done) {
  loop.post([dialer = std::make_shared<Dialer>(loop, address, options, std::move(make_stream),
                                               std::move(done))] { dialer->begin(); });
}

}  // namespace dusk::net
