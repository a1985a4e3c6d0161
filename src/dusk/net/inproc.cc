#include "dusk/net/inproc.h"

#include <map>
#include <mutex>
#include <utility>

#include "dusk/net/hello.h"
#include "dusk/net/inproc_connection.h"
#include "dusk/net/mailbox.h"

namespace dusk::net {
namespace {

using Done = std::function<void(base::Result<ConnectionPtr>)>;

base::Error os_error(const std::string& what) { return {base::ErrorKind::kOs, what}; }

// Somebody who waits for a connection, on the loop's thread.
class Dial final : public Watcher, public std::enable_shared_from_this<Dial> {
 public:
  Dial(Loop& loop, const Address& address, const NetOptions& options, Done done)
      : loop(loop), options(options), address_(address), done_(std::move(done)) {}

  void begin();
  void finish(base::Result<ConnectionPtr> result) {
    if (!done_) return;
    loop.cancel(timer_);
    loop.forget(this);
    Done done = std::exchange(done_, nullptr);
    if (result.ok()) return done(std::move(result));
    done(base::Error(result.error().kind(),
                     "[connect] " + address_.text() + ": " + result.error().what()));
  }
  void on_ready(uint32_t) override {}
  void on_loop_gone() override { done_ = nullptr; }

  Loop& loop;
  const NetOptions options;

 private:
  const Address address_;
  Done done_;
  Loop::TimerId timer_ = 0;
};

class Acceptor {
 public:
  Acceptor(Loop& loop, const Address& address, const NetOptions& options,
           std::function<void(ConnectionPtr)> on_accept)
      : mailbox(loop.mailbox()),
        loop_(loop),
        address_(address),
        options_(options),
        on_accept_(std::move(on_accept)) {}

  // On the listener's thread; answers on the dialer's.
  void greet(const std::shared_ptr<Dial>& dial, const std::shared_ptr<Mailbox>& answers) {
    auto answer = [&](base::Result<ConnectionPtr> result) {
      auto shared = std::make_shared<base::Result<ConnectionPtr>>(std::move(result));
      answers->post([dial, shared] { dial->finish(std::move(*shared)); });
    };
    if (!on_accept_) return answer(os_error("nobody listens there"));
    if (auto conflict = version_conflict(dial->options.hello, options_.hello)) {
      answer(*conflict);
      conflict = version_conflict(options_.hello, dial->options.hello);
      if (options_.on_refused) options_.on_refused(*conflict);
      return;
    }
    auto [ours, theirs] = inproc_pair({loop_, options_, mailbox},
                                      {dial->loop, dial->options, answers}, address_.text());
    answer(ConnectionPtr(std::move(theirs)));
    on_accept_(std::move(ours));
  }

  void end() { on_accept_ = nullptr; }

  const std::shared_ptr<Mailbox> mailbox;

 private:
  Loop& loop_;
  const Address address_;
  const NetOptions options_;
  std::function<void(ConnectionPtr)> on_accept_;
};

// The names of the process.
class Registry {
 public:
  static Registry& instance() {
    static Registry* registry = new Registry;  // listeners may close while statics are destroyed
    return *registry;
  }
  bool add(const std::string& name, const std::shared_ptr<Acceptor>& acceptor) {
    std::lock_guard lock(mutex_);
    return names_.emplace(name, acceptor).second;
  }
  void remove(const std::string& name) {
    std::lock_guard lock(mutex_);
    names_.erase(name);
  }
  std::shared_ptr<Acceptor> find(const std::string& name) {
    std::lock_guard lock(mutex_);
    auto found = names_.find(name);
    return found == names_.end() ? nullptr : found->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Acceptor>> names_;
};

void Dial::begin() {
  loop.keep(shared_from_this());
  timer_ = loop.after(options.limits.handshake_us, [self = shared_from_this()] {
    self->finish(os_error("[handshake] no whole hello in time"));
  });
  auto acceptor = Registry::instance().find(address_.path);
  bool posted = acceptor && acceptor->mailbox->post(
                                [acceptor, self = shared_from_this(), answers = loop.mailbox()] {
                                  acceptor->greet(self, answers);
                                });
  if (!posted) finish(os_error("nobody listens there"));
}

class InprocListener final : public Listener {
 public:
  InprocListener(Loop& loop, const Address& address, const NetOptions& options,
                 std::function<void(ConnectionPtr)> on_accept)
      : address_(address),
        acceptor_(std::make_shared<Acceptor>(loop, address, options, std::move(on_accept))) {
    if (!Registry::instance().add(address.path, acceptor_)) {
      throw os_error("[listen] " + address.text() + ": somebody listens there already");
    }
  }
  ~InprocListener() override {
    if (acceptor_) shut();
  }

  Address address() const override { return address_; }
  void close() override {
    if (acceptor_) shut();
  }

 private:
  void shut() {
    Registry::instance().remove(address_.path);
    auto mailbox = acceptor_->mailbox;
    mailbox->post([acceptor = std::move(acceptor_)] { acceptor->end(); });
    acceptor_ = nullptr;
  }

  const Address address_;
  std::shared_ptr<Acceptor> acceptor_;
};

}  // namespace

std::unique_ptr<Listener> listen_inproc(Loop& loop, const Address& address,
                                        const NetOptions& options,
                                        std::function<void(ConnectionPtr)> on_accept) {
  return std::make_unique<InprocListener>(loop, address, options, std::move(on_accept));
}

void dial_inproc(Loop& loop, const Address& address, const NetOptions& options, Done done) {
  auto dial = std::make_shared<Dial>(loop, address, options, std::move(done));
  loop.post([dial] { dial->begin(); });
}

}  // namespace dusk::net
