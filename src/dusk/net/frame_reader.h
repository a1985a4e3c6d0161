// Messages out of bytes, whichever way these are cut.
//
// Small parts are copied out of the chunk that was read; a buffer whose bytes are still to come is
// allocated when its turn comes and read straight into. After an error nothing more comes out.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dusk/base/error.h"
#include "dusk/net/message.h"
#include "dusk/net/options.h"
#include "dusk/net/sockets.h"

namespace dusk::net {

class FrameReader {
 public:
  // Asked for the bytes of a message's buffers before any of them is allocated.
  using Reserve = std::function<bool(int64_t bytes)>;

  explicit FrameReader(const Limits& limits) : limits_(limits) {}
  void ask_before_buffers(Reserve reserve) { reserve_ = std::move(reserve); }

  // The place of the bytes that come next, empty when they go to give().
  iovec place() const;
  // So many bytes are there now.
  void placed(size_t bytes);
  // The bytes that come next. They stay where they are until next() has returned nothing.
  void give(std::span<const std::byte> bytes) { given_ = bytes; }
  // Descriptors that came along with these bytes. Without this call no buffer may be shared.
  void give_descriptors(std::vector<Descriptor> came);
  // The next whole message; nothing when more bytes are needed, while held(), or after goodbye() or
  // error().
  std::optional<Message> next();
  // Whether memory for the buffers was refused. The next call of next() asks again; until it is
  // granted nothing more may be given: what was given last is kept.
  bool held() const { return stage_ == Stage::kReserve; }

  // Whether a message has begun and is not whole.
  bool inside_message() const { return stage_ != Stage::kHead || have_ > 0; }
  const std::optional<std::string>& goodbye() const { return goodbye_; }
  const std::optional<base::Error>& error() const { return error_; }

 private:
  enum class Stage { kHead, kLengths, kControl, kReserve, kBuffers, kOver };

  bool collect(void* destination, size_t size);
  bool head();
  bool lengths();
  bool control();
  bool reserved();
  bool buffers();
  void begin_buffer();
  bool borrow_buffer(uint64_t bytes);
  void fail(const std::string& what);

  const Limits limits_;
  Reserve reserve_;
  std::span<const std::byte> given_;
  std::vector<std::byte> kept_;  // what given_ shows while held()
  Stage stage_ = Stage::kHead;
  size_t have_ = 0;  // bytes of the head, of the lengths or of the present buffer
  uint32_t head_[2] = {0, 0};
  std::vector<uint64_t> lengths_;  // with kSharedBuffer
  bool may_borrow_ = false;
  std::deque<Descriptor> descriptors_;
  Message message_;
  std::optional<std::string> goodbye_;
  std::optional<base::Error> error_;
};

}  // namespace dusk::net
