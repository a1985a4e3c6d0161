#include "dusk/net/socket_listener.h"

#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <mutex>
#include <utility>

#include "dusk/net/greeting.h"
#include "dusk/net/mailbox.h"
#include "dusk/net/sockets.h"

namespace dusk::net {
namespace {

constexpr int kAcceptsAtOnce = 64;
constexpr int64_t kBreathUs = 100'000;  // when the system has no descriptors left

// Belongs to the loop from its first tick until the listener closes.
class Acceptor final : public Watcher, public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(Loop& loop, Descriptor descriptor, const Address& address, const NetOptions& options,
           StreamMaker make_stream, std::function<void(ConnectionPtr)> on_accept)
      : loop_(loop),
        descriptor_(std::move(descriptor)),
        address_(address),
        options_(options),
        make_stream_(std::move(make_stream)),
        on_accept_(std::move(on_accept)) {}

  void begin() {
    if (!closed()) loop_.watch(descriptor_.number(), EPOLLIN, shared_from_this());
  }

  // Any thread: nobody can connect from here on.
  void close() {
    std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return;
    if (address_.scheme == Address::Scheme::kUnix) unlink(address_.path.c_str());
    shutdown(descriptor_.number(), SHUT_RDWR);
  }

  void end() {
    loop_.cancel(breath_);
    loop_.unwatch(descriptor_.number());
    on_accept_ = nullptr;
    for (auto& weak : greetings_) {
      if (auto greeting = weak.lock()) greeting->give_up("the listener closed");
    }
    descriptor_ = Descriptor();
  }

  void on_ready(uint32_t) override {
    for (int i = 0; i < kAcceptsAtOnce && !closed(); ++i) {
      Descriptor made(
          accept4(descriptor_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (made.number() >= 0) {
        greet(std::move(made));
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        return take_a_breath();
      } else if (errno != ECONNABORTED && errno != EINTR) {
        return;
      }
    }
  }

  void on_loop_gone() override { on_accept_ = nullptr; }

 private:
  bool closed() {
    std::lock_guard lock(mutex_);
    return closed_;
  }

  void take_a_breath() {
    loop_.unwatch(descriptor_.number());
    breath_ = loop_.after(kBreathUs, [self = shared_from_this()] { self->begin(); });
  }

  void greet(Descriptor made) {
    configure(made.number(), options_.limits);
    std::string remote = peer_text(made.number(), address_);
    auto greeting =
        std::make_shared<Greeting>(loop_, make_stream_(made.release()), options_, remote);
    make_room();
    greetings_.push_back(greeting);
    greeting->begin(options_.limits.handshake_us,
                    [self = shared_from_this(), remote](base::Result<ConnectionPtr> result) {
                      self->greeted(remote, std::move(result));
                    });
  }

  // Of too many that never finish their hello, the oldest goes.
  void make_room() {
    while (!greetings_.empty() && greetings_.front().expired()) greetings_.pop_front();
    if (static_cast<int64_t>(greetings_.size()) < options_.limits.handshakes_open) return;
    std::erase_if(greetings_, [](const auto& weak) { return weak.expired(); });
    if (static_cast<int64_t>(greetings_.size()) < options_.limits.handshakes_open) return;
    auto oldest = greetings_.front().lock();
    greetings_.pop_front();
    oldest->give_up("more than " + std::to_string(options_.limits.handshakes_open) +
                    " others wait for their handshake");
  }

  void greeted(const std::string& remote, base::Result<ConnectionPtr> result) {
    if (!on_accept_) return;
    if (result.ok()) {
      on_accept_(std::move(result).value());
    } else if (options_.on_refused) {
      options_.on_refused(
          {result.error().kind(), "[accept] " + remote + ": " + result.error().what()});
    }
  }

  Loop& loop_;
  Descriptor descriptor_;
  const Address address_;
  const NetOptions options_;
  const StreamMaker make_stream_;
  std::function<void(ConnectionPtr)> on_accept_;
  std::deque<std::weak_ptr<Greeting>> greetings_;
  Loop::TimerId breath_ = 0;
  std::mutex mutex_;
  bool closed_ = false;
};

class SocketListener final : public Listener {
 public:
  SocketListener(Loop& loop, const Address& address, const NetOptions& options,
                 StreamMaker make_stream, std::function<void(ConnectionPtr)> on_accept)
      : mailbox_(loop.mailbox()), address_(address) {
    Descriptor descriptor = bind_and_listen(address);
    if (uint16_t port = port_of(descriptor.number())) address_.port = port;
    acceptor_ = std::make_shared<Acceptor>(loop, std::move(descriptor), address_, options,
                                           std::move(make_stream), std::move(on_accept));
    mailbox_->post([acceptor = acceptor_] { acceptor->begin(); });
  }
  ~SocketListener() override { close(); }

  Address address() const override { return address_; }
  void close() override {
    if (!acceptor_) return;
    acceptor_->close();
    mailbox_->post([acceptor = std::move(acceptor_)] { acceptor->end(); });
    acceptor_ = nullptr;
  }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  Address address_;
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace

std::unique_ptr<Listener> listen_on_socket(Loop& loop, const Address& address,
                                           const NetOptions& options, StreamMaker make_stream,
                                           std::function<void(ConnectionPtr)> on_accept) {
  return std::make_unique<SocketListener>(loop, address, options, std::move(make_stream),
                                          std::move(on_accept));
}

}  // namespace dusk::net
