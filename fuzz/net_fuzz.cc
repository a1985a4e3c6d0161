// What a peer sends: a hello, then frames, in pieces of a size that the first byte gives.
#include <algorithm>
#include <cstring>
#include <string_view>

#include "dusk/net/frame_reader.h"
#include "dusk/net/frame_writer.h"
#include "dusk/net/hello.h"
#include "fuzz.h"

namespace net = dusk::net;

namespace {

net::Limits small_limits() {
  net::Limits limits;
  limits.handshake_bytes = 1 << 16;
  limits.control_bytes = 1 << 16;
  limits.message_bytes = 1 << 20;
  limits.buffers = 1000;
  return limits;
}

std::string written(net::FrameWriter& writer) {
  std::string bytes;
  while (!writer.empty()) {
    iovec part;
    writer.gather(&part, 1);
    bytes.append(static_cast<char*>(part.iov_base), part.iov_len);
    writer.wrote(part.iov_len);
  }
  return bytes;
}

dusk::data::BufferPtr filled(size_t size) {
  auto buffer = dusk::data::Buffer::allocate(size);
  if (size) std::memset(buffer->data(), 'b', size);
  return buffer;
}

std::string conversation(char piece, bool goodbye) {
  net::FrameWriter writer;
  writer.add({"control", {filled(40), filled(0), filled(5000)}});
  writer.add({"", {}});
  writer.add({std::string(300, 'c'), {filled(1)}});
  if (goodbye) writer.add_goodbye("enough");
  net::Hello hello{1, 2, "worker", "w1", "details"};
  return piece + net::encode_hello(hello, small_limits()) + written(writer);
}

// The hello at the front of `bytes`, which lose it. Throws what the handshake would report.
void shake_hands(std::string_view& bytes) {
  if (bytes.size() < net::kHelloHeadBytes) throw dusk::base::runtime_error("too short");
  std::string_view head = bytes.substr(0, net::kHelloHeadBytes);
  size_t length = net::hello_body_bytes(head, small_limits()).or_throw();
  bytes.remove_prefix(net::kHelloHeadBytes);
  std::string_view body = bytes.substr(0, length);
  bytes.remove_prefix(body.size());
  net::Hello hello = net::decode_hello(head, body).or_throw();
  net::version_conflict({1, 2, "scheduler", "s", ""}, hello);
  net::Limits roomy;
  std::string again = net::encode_hello(hello, roomy);
  if (net::hello_body_bytes(again, roomy).value() > body.size()) __builtin_trap();
}

// What came out goes in again, and comes out the same.
void check_round_trip(const net::Message& message) {
  net::FrameWriter writer;
  writer.add(message);
  std::string bytes = written(writer);
  net::FrameReader reader(small_limits());
  reader.give(std::as_bytes(std::span(bytes)));
  auto again = reader.next();
  bool same = again && again->control == message.control &&
              again->buffers.size() == message.buffers.size() && !reader.inside_message();
  if (!same) __builtin_trap();
}

}  // namespace

std::vector<std::string> seeds() {
  return {conversation(1, false), conversation(17, true), conversation(100, true)};
}

void parse(const uint8_t* data, size_t size) {
  if (size == 0) return;
  size_t piece = std::max<size_t>(1, data[0]);
  std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  shake_hands(bytes);
  net::FrameReader reader(small_limits());
  while (!bytes.empty()) {
    iovec place = reader.place();
    size_t placed = std::min({place.iov_len, piece, bytes.size()});
    if (placed) std::memcpy(place.iov_base, bytes.data(), placed);
    reader.placed(placed);
    size_t given = std::min(piece, bytes.size()) - placed;
    reader.give(std::as_bytes(std::span(bytes.data() + placed, given)));
    while (auto message = reader.next()) check_round_trip(*message);
    bytes.remove_prefix(placed + given);
  }
  if (reader.error()) throw *reader.error();
}
