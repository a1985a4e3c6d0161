#include "dusk/net/socket_connection.h"

#include <sys/epoll.h>

#include <utility>

#include "dusk/base/check.h"
#include "dusk/net/hello.h"

namespace dusk::net {
namespace {

using Status = Transfer::Status;

// After so much the other connections get their turn.
constexpr int kReadsAtOnce = 4;
constexpr size_t kWriteBytesAtOnce = size_t{8} << 20;
constexpr size_t kPartsAtOnce = 64;

}  // namespace

SocketConnection::SocketConnection(Loop& loop, StreamPtr stream, const Limits& limits, Hello peer,
                                   std::string remote)
    : loop_(loop),
      stream_(std::move(stream)),
      limits_(limits),
      peer_(std::move(peer)),
      remote_(std::move(remote)),
      reader_(limits) {
  if (stream_->passes_descriptors()) writer_.share_from(limits_.share_min);
}

void SocketConnection::start(Handler handler) {
  DUSK_CHECK(!handler_.on_closed && handler.on_closed && handler.on_message,
             "a connection starts once, with on_message and on_closed");
  if (state_ != State::kOpen) return;
  handler_ = std::move(handler);
  reader_.ask_before_buffers(handler_.reserve);
  last_progress_ = loop_.now();
  events_ = EPOLLIN;
  loop_.watch(stream_->descriptor(), events_, shared_from_this());
  if (stream_->holds_input()) {
    loop_.at_tick_end([self = shared_from_this()] { self->read_some(); });
  }
  watch_for_stalls();
}

void SocketConnection::send(Message message) {
  if (state_ != State::kOpen) return;
  if (writer_.empty()) last_progress_ = loop_.now();
  writer_.add(std::move(message));
  if (writer_.queued_bytes() > limits_.high_water) above_high_water_ = true;
  schedule_flush();
}

void SocketConnection::close(const std::string& reason) {
  if (state_ != State::kOpen) return;
  state_ = State::kClosing;
  close_reason_ = reason;
  writer_.add_goodbye(reason);
  if (reader_.held()) set_events((events_ & EPOLLOUT) | input_events());
  close_timer_ = loop_.after(limits_.close_us, [self = shared_from_this()] {
    self->end({base::ErrorKind::kCancelled,
               "[connection] closed before all had left: " + self->close_reason_});
  });
  schedule_flush();
}

void SocketConnection::on_ready(uint32_t events) {
  if (events & ~uint32_t{EPOLLOUT}) {
    if (state_ == State::kOpen) {
      if (!reader_.held()) read_some();
    } else if (state_ != State::kClosed) {
      discard();
    }
  }
  if ((events & EPOLLOUT) && (state_ == State::kOpen || state_ == State::kClosing)) flush();
}

void SocketConnection::on_loop_gone() {
  state_ = State::kClosed;
  handler_ = {};
  writer_.clear();
  stream_.reset();
}

void SocketConnection::read_some() {
  for (int round = 0; round < kReadsAtOnce; ++round) {
    if (state_ != State::kOpen || reader_.held()) return;
    iovec place = reader_.place();
    iovec parts[2] = {place, {loop_.scratch().data(), loop_.scratch().size()}};
    size_t first = place.iov_len == 0;
    Transfer read = stream_->read(parts + first, 2 - first);
    if (read.status == Status::kBlocked) return;
    if (read.status == Status::kEnded) return fail("went away without a word");
    if (read.status == Status::kFailed) return fail("went away: " + read.error);
    if (stream_->passes_descriptors()) reader_.give_descriptors(stream_->take_descriptors());
    if (!take(read.bytes, place)) return;
    bool all_there_was = read.bytes < place.iov_len + parts[1].iov_len;
    if (all_there_was && !stream_->holds_input()) return;
  }
  if (stream_->holds_input()) {
    loop_.at_tick_end([self = shared_from_this()] { self->read_some(); });
  }
}

// Hands out what `bytes` complete, which lie at `place` and in the loop's scratch memory.
bool SocketConnection::take(size_t bytes, const iovec& place) {
  last_progress_ = loop_.now();
  size_t placed = std::min(bytes, place.iov_len);
  reader_.placed(placed);
  reader_.give(loop_.scratch().first(bytes - placed));
  return hand_out();
}

// Hands out whole messages; false when there is nothing to read after them.
bool SocketConnection::hand_out() {
  while (auto message = reader_.next()) {
    handler_.on_message(std::move(*message));
    if (state_ != State::kOpen) return false;
  }
  if (reader_.goodbye()) {
    fail("closed: " + *reader_.goodbye());
  } else if (reader_.error()) {
    fail("is cut off: " + std::string(reader_.error()->what()));
  }
  if (state_ != State::kOpen) return false;
  set_events((events_ & EPOLLOUT) | input_events());
  return !reader_.held();
}

// Not inside the caller, which may be the handler.
void SocketConnection::resume() {
  if (state_ != State::kOpen || !reader_.held()) return;
  loop_.at_tick_end([self = shared_from_this()] { self->read_on(); });
}

void SocketConnection::read_on() {
  if (state_ != State::kOpen || !reader_.held()) return;
  last_progress_ = loop_.now();
  if (hand_out() && stream_->holds_input()) read_some();
}

uint32_t SocketConnection::input_events() const {
  bool held = state_ == State::kOpen && reader_.held();
  return input_ended_ || held ? 0 : uint32_t{EPOLLIN};
}

void SocketConnection::set_events(uint32_t events) {
  if (events == events_) return;
  auto self = shared_from_this();
  if (events_ == 0) loop_.forget(this);
  events_ = events;
  if (events != 0) return loop_.watch(stream_->descriptor(), events, self);
  loop_.unwatch(stream_->descriptor());
  loop_.keep(self);
}

void SocketConnection::discard() {
  iovec part{loop_.scratch().data(), loop_.scratch().size()};
  Transfer read{Status::kBlocked};
  for (int round = 0; round < kReadsAtOnce; ++round) {
    read = stream_->read(&part, 1);
    if (read.status != Status::kDone) break;
  }
  if (read.status == Status::kDone || read.status == Status::kBlocked) return;
  if (state_ == State::kLingering) return release();
  input_ended_ = true;
  wait_for_room();
}

void SocketConnection::schedule_flush() {
  if (flush_scheduled_ || (events_ & EPOLLOUT)) return;
  flush_scheduled_ = true;
  loop_.at_tick_end([self = shared_from_this()] {
    self->flush_scheduled_ = false;
    self->flush();
  });
}

void SocketConnection::flush() {
  if (state_ != State::kOpen && state_ != State::kClosing) return;
  if (writer_.queued_bytes() > limits_.queue_bytes) {
    return fail("is cut off: " + std::to_string(writer_.queued_bytes()) +
                " bytes wait for it, more than the limit of " +
                std::to_string(limits_.queue_bytes));
  }
  size_t bytes = 0;
  while (!writer_.empty() || stream_->holds_output()) {
    if (bytes >= kWriteBytesAtOnce) return wait_for_room();
    iovec parts[kPartsAtOnce];
    size_t count = writer_.gather(parts, kPartsAtOnce);
    std::vector<int> descriptors = writer_.descriptors();
    Transfer written = descriptors.empty() ? stream_->write(parts, count)
                                           : stream_->write_with(parts, count, descriptors);
    if (written.status == Status::kBlocked) return wait_for_room();
    if (written.status != Status::kDone) return write_failed(written.error);
    writer_.wrote(written.bytes);
    bytes += written.bytes;
    last_progress_ = loop_.now();
  }
  all_written();
}

void SocketConnection::wait_for_room() {
  set_events(input_events() | EPOLLOUT);
  if (above_high_water_ && state_ == State::kOpen && queued_bytes() <= limits_.low_water) {
    above_high_water_ = false;
    if (handler_.on_drained) handler_.on_drained();
  }
}

void SocketConnection::all_written() {
  if (events_ & EPOLLOUT) set_events(input_events());
  if (state_ == State::kClosing) {
    stream_->end_output();
    return end({base::ErrorKind::kCancelled, "[connection] closed here: " + close_reason_});
  }
  if (!std::exchange(above_high_water_, false)) return;
  if (handler_.on_drained) handler_.on_drained();
}

// The peer's last words may still be there to be read.
void SocketConnection::write_failed(const std::string& error) {
  if (state_ == State::kOpen && !reader_.held()) read_some();
  if (state_ == State::kOpen) return fail("went away: " + error);
  if (state_ != State::kClosing) return;
  end({base::ErrorKind::kCancelled, "[connection] closed here: " + close_reason_});
}

void SocketConnection::watch_for_stalls() {
  stall_timer_ = loop_.after(limits_.stall_us, [self = weak_from_this()] {
    if (auto connection = self.lock()) connection->check_stall();
  });
}

void SocketConnection::check_stall() {
  if (state_ != State::kOpen) return;
  bool inside = reader_.inside_message() && !reader_.held();  // held: it waits for us
  bool waiting = inside || !writer_.empty();
  if (waiting && loop_.now() - last_progress_ >= limits_.stall_us) {
    return fail("is cut off: no byte moved for " + std::to_string(limits_.stall_us / 1000) +
                " ms " + (inside ? "inside a message" : "while messages wait for it"));
  }
  watch_for_stalls();
}

void SocketConnection::fail(const std::string& what) {
  end({base::ErrorKind::kOs, "[connection] " + name_of(peer_) + " at " + remote_ + " " + what});
}

// Tells the handler, unless it was told. After a goodbye of ours the socket stays a little.
void SocketConnection::end(const base::Error& reason) {
  bool linger = state_ == State::kClosing && writer_.empty() && !input_ended_ && events_ != 0;
  if (linger) {
    state_ = State::kLingering;
  } else {
    release();
  }
  Handler handler = std::exchange(handler_, {});
  if (handler.on_closed) handler.on_closed(reason);
}

void SocketConnection::release() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  loop_.cancel(stall_timer_);
  loop_.cancel(close_timer_);
  writer_.clear();
  if (events_ != 0) {
    loop_.unwatch(stream_->descriptor());
  } else {
    loop_.forget(this);
  }
  stream_.reset();
}

}  // namespace dusk::net
