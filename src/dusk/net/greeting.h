// The handshake over a stream: both sides say hello at once, then each judges the other's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "dusk/base/result.h"
#include "dusk/net/connection.h"
#include "dusk/net/loop.h"
#include "dusk/net/options.h"
#include "dusk/net/stream.h"

namespace dusk::net {

class Greeting final : public Watcher, public std::enable_shared_from_this<Greeting> {
 public:
  using Done = std::function<void(base::Result<ConnectionPtr>)>;

  // `remote` is the peer's address as text.
  Greeting(Loop& loop, StreamPtr stream, const NetOptions& options, std::string remote);

  // Calls `done` once, never inside begin(), at the latest in `microseconds`.
  void begin(int64_t microseconds, Done done);
  // Ends it with an error, unless it is done.
  void give_up(const std::string& why);

  void on_ready(uint32_t events) override;
  void on_loop_gone() override;

 private:
  bool say();
  bool hear();
  bool fill(std::string& bytes, size_t size);
  void judge();
  void refuse(const base::Error& error);
  void finish(base::Result<ConnectionPtr> result);

  Loop& loop_;
  StreamPtr stream_;
  const Hello ours_;
  const Limits limits_;
  const std::string remote_;
  std::string unsaid_;  // what is left of our hello
  std::string head_;
  std::string body_;
  size_t body_bytes_ = 0;
  Loop::TimerId timer_ = 0;
  Done done_;
};

}  // namespace dusk::net
