#include "dusk/net/inproc_connection.h"

#include <array>
#include <mutex>
#include <optional>
#include <vector>

#include "dusk/base/check.h"
#include "dusk/net/hello.h"
#include "dusk/net/mailbox.h"

namespace dusk::net {
namespace {

class InprocConnection;

// What the two threads share.
struct Link {
  // What goes to one of the ends.
  struct Lane {
    std::shared_ptr<Mailbox> mailbox;
    std::weak_ptr<InprocConnection> end;
    std::vector<Message> messages;
    int64_t bytes = 0;  // sent and not handed out yet
    bool announced = false;
    bool started = false;
    bool tell_when_drained = false;
    std::optional<std::string> last_words;  // the sender has closed
    bool closed = false;                    // the receiver has
  };
  std::mutex mutex;
  std::array<Lane, 2> lanes;
};

class InprocConnection final : public Connection,
                               public Watcher,
                               public std::enable_shared_from_this<InprocConnection> {
 public:
  InprocConnection(const InprocSide& side, Hello peer, std::string remote,
                   std::shared_ptr<Link> link, size_t index)
      : loop_(side.loop),
        limits_(side.options.limits),
        peer_(std::move(peer)),
        remote_(std::move(remote)),
        link_(std::move(link)),
        index_(index) {}
  ~InprocConnection() override { leave("went away without a word"); }

  void start(Handler handler) override {
    DUSK_CHECK(!handler_.on_closed && handler.on_closed && handler.on_message,
               "a connection starts once, with on_message and on_closed");
    if (!open_) return;
    handler_ = std::move(handler);
    loop_.keep(shared_from_this());
    std::lock_guard lock(link_->mutex);
    inbox().started = true;
    if (!inbox().messages.empty() || inbox().last_words) announce(inbox());
  }

  void send(Message message) override {
    if (!open_) return;
    int64_t bytes = message.nbytes();
    std::lock_guard lock(link_->mutex);
    Link::Lane& lane = outbox();
    if (lane.closed) return;
    lane.messages.push_back(std::move(message));
    lane.bytes += bytes;
    if (lane.bytes > limits_.high_water) lane.tell_when_drained = true;
    if (lane.bytes > limits_.queue_bytes) {
      end_later(failure("is cut off: " + std::to_string(lane.bytes) +
                        " bytes wait for it, more than the limit of " +
                        std::to_string(limits_.queue_bytes)));
    }
    announce(lane);
  }

  void resume() override {}

  int64_t queued_bytes() const override {
    std::lock_guard lock(link_->mutex);
    return link_->lanes[1 - index_].bytes;
  }

  void close(const std::string& reason) override {
    if (!open_) return;
    open_ = false;
    leave("closed: " + reason);
    end_later({base::ErrorKind::kCancelled, "[connection] closed here: " + reason});
  }

  const Hello& peer() const override { return peer_; }
  std::string remote() const override { return remote_; }

  void on_ready(uint32_t) override {}
  void on_loop_gone() override {
    open_ = false;
    leave("went away without a word");
    handler_ = {};
  }

  void deliver() {
    std::vector<Message> messages;
    std::optional<std::string> last_words;
    {
      std::lock_guard lock(link_->mutex);
      inbox().announced = false;
      messages.swap(inbox().messages);
      last_words = inbox().last_words;
    }
    int64_t bytes = 0;
    for (Message& message : messages) {
      bytes += message.nbytes();
      if (open_) handler_.on_message(std::move(message));
    }
    count_out(bytes);
    if (last_words && open_) end(failure(*last_words));
  }

  void drained() {
    if (open_ && handler_.on_drained) handler_.on_drained();
  }

 private:
  Link::Lane& inbox() { return link_->lanes[index_]; }
  Link::Lane& outbox() { return link_->lanes[1 - index_]; }

  base::Error failure(const std::string& what) const {
    return {base::ErrorKind::kOs, "[connection] " + name_of(peer_) + " at " + remote_ + " " + what};
  }

  // REQUIRES: the link is locked. One posted function serves all that comes until it runs.
  static void announce(Link::Lane& lane) {
    if (lane.announced || !lane.started || lane.closed) return;
    lane.announced = lane.mailbox->post([weak = lane.end] {
      if (auto end = weak.lock()) end->deliver();
    });
  }

  // Tells the sender when little enough is left.
  void count_out(int64_t bytes) {
    std::lock_guard lock(link_->mutex);
    if (inbox().closed) return;
    inbox().bytes -= bytes;
    if (!inbox().tell_when_drained || inbox().bytes > limits_.low_water) return;
    inbox().tell_when_drained = false;
    outbox().mailbox->post([weak = outbox().end] {
      if (auto end = weak.lock()) end->drained();
    });
  }

  // Nothing is taken any more, and the peer hears why.
  void leave(const std::string& last_words) {
    std::vector<Message> dropped;
    std::lock_guard lock(link_->mutex);
    if (std::exchange(inbox().closed, true)) return;
    dropped.swap(inbox().messages);
    inbox().bytes = 0;
    outbox().last_words = last_words;
    announce(outbox());
  }

  void end_later(const base::Error& reason) {
    loop_.at_tick_end([self = shared_from_this(), reason] { self->end(reason); });
  }

  void end(const base::Error& reason) {
    open_ = false;
    leave("went away without a word");
    loop_.forget(this);
    Handler handler = std::exchange(handler_, {});
    if (handler.on_closed) handler.on_closed(reason);
  }

  Loop& loop_;
  const Limits limits_;
  const Hello peer_;
  const std::string remote_;
  const std::shared_ptr<Link> link_;
  const size_t index_;
  Handler handler_;
  bool open_ = true;
};

}  // namespace

std::pair<ConnectionPtr, ConnectionPtr> inproc_pair(const InprocSide& listener,
                                                    const InprocSide& dialer,
                                                    const std::string& address) {
  auto link = std::make_shared<Link>();
  auto ours = std::make_shared<InprocConnection>(listener, dialer.options.hello, address, link, 0);
  auto theirs =
      std::make_shared<InprocConnection>(dialer, listener.options.hello, address, link, 1);
  link->lanes[0].mailbox = listener.mailbox;
  link->lanes[0].end = ours;
  link->lanes[1].mailbox = dialer.mailbox;
  link->lanes[1].end = theirs;
  return {std::move(ours), std::move(theirs)};
}

}  // namespace dusk::net
