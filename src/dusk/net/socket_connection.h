// A connection over a stream: frames in, frames out, and the ways in which it can end.
//
//   open -> closing: close() was called; what is queued leaves, what comes is dropped
//   closing -> lingering: all has left; waits for the peer to end, so that nothing is lost to a
//   reset any -> closed
//
// While the handler refuses memory for a message nothing is read; without anything to write the
// descriptor is not watched at all then, so that a peer that hangs up does not keep the loop busy.
#pragma once

#include <memory>
#include <string>

#include "dusk/net/connection.h"
#include "dusk/net/frame_reader.h"
#include "dusk/net/frame_writer.h"
#include "dusk/net/loop.h"
#include "dusk/net/stream.h"

namespace dusk::net {

class SocketConnection final : public Connection,
                               public Watcher,
                               public std::enable_shared_from_this<SocketConnection> {
 public:
  // `stream` is not watched by the loop.
  SocketConnection(Loop& loop, StreamPtr stream, const Limits& limits, Hello peer,
                   std::string remote);

  void start(Handler handler) override;
  void send(Message message) override;
  void resume() override;
  int64_t queued_bytes() const override { return writer_.queued_bytes(); }
  void close(const std::string& reason) override;
  const Hello& peer() const override { return peer_; }
  std::string remote() const override { return remote_; }

  void on_ready(uint32_t events) override;
  void on_loop_gone() override;

 private:
  enum class State { kOpen, kClosing, kLingering, kClosed };

  void read_some();
  bool take(size_t bytes, const iovec& place);
  bool hand_out();
  void read_on();
  void set_events(uint32_t events);
  uint32_t input_events() const;
  void discard();
  void schedule_flush();
  void flush();
  void wait_for_room();
  void all_written();
  void write_failed(const std::string& error);
  void watch_for_stalls();
  void check_stall();
  void fail(const std::string& what);
  void end(const base::Error& reason);
  void release();

  Loop& loop_;
  StreamPtr stream_;
  const Limits limits_;
  const Hello peer_;
  const std::string remote_;
  FrameReader reader_;
  FrameWriter writer_;
  Handler handler_;
  State state_ = State::kOpen;
  std::string close_reason_;
  uint32_t events_ = 0;           // that are watched; 0: kept by the loop without
  bool flush_scheduled_ = false;  // at the end of this tick
  bool above_high_water_ = false;
  bool input_ended_ = false;
  int64_t last_progress_ = 0;  // when bytes moved, or when the timer found nothing to wait for
  Loop::TimerId stall_timer_ = 0;
  Loop::TimerId close_timer_ = 0;
};

}  // namespace dusk::net
