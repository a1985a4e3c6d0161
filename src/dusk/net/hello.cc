#include "dusk/net/hello.h"

#include <cstdlib>

#include "dusk/net/little_endian.h"

namespace dusk::net {
namespace {

base::Error malformed(const std::string& what) {
  return {base::ErrorKind::kOs, "[handshake] " + what};
}

void append_text(std::string& bytes, const std::string& text) {
  append_little<uint32_t>(bytes, static_cast<uint32_t>(text.size()));
  bytes += text;
}

// The next text of `rest`; false when it ends too early.
bool take_text(std::string_view& rest, std::string& text) {
  if (rest.size() < 4) return false;
  auto length = read_little<uint32_t>(rest.data());
  rest.remove_prefix(4);
  if (rest.size() < length) return false;
  text = rest.substr(0, length);
  rest.remove_prefix(length);
  return true;
}

std::string version_of(const Hello& hello) {
  return std::to_string(hello.major) + "." + std::to_string(hello.minor);
}

// What somebody else's first bytes look like.
std::string guess(std::string_view head) {
  if (head.starts_with("\x16\x03")) return ": it speaks TLS; use tls:// on both sides";
  if (head.starts_with("GET ") || head.starts_with("POST ") || head.starts_with("HTTP/")) {
    return ": it speaks HTTP";
  }
  return "";
}

}  // namespace

std::string encode_hello(const Hello& hello, const Limits& limits) {
  std::string body;
  append_text(body, hello.role);
  append_text(body, hello.name);
  append_text(body, hello.details);
  if (static_cast<int64_t>(body.size()) > limits.handshake_bytes) {
    throw base::value_error("[handshake] a hello of " + std::to_string(body.size()) +
                            " bytes is more than the limit of " +
                            std::to_string(limits.handshake_bytes));
  }
  std::string bytes(kHelloMagic);
  append_little(bytes, hello.major);
  append_little(bytes, hello.minor);
  append_text(bytes, body);
  return bytes;
}

base::Result<size_t> hello_body_bytes(std::string_view head, const Limits& limits) {
  if (head.substr(0, kHelloMagic.size()) != kHelloMagic) {
    return malformed("the other side is no Dusk process" + guess(head));
  }
  auto bytes = read_little<uint32_t>(head.data() + kHelloHeadBytes - 4);
  if (bytes > limits.handshake_bytes) {
    return malformed("the other side's hello of " + std::to_string(bytes) +
                     " bytes is more than the limit of " + std::to_string(limits.handshake_bytes));
  }
  return size_t{bytes};
}

base::Result<Hello> decode_hello(std::string_view head, std::string_view body) {
  Hello hello;
  hello.major = read_little<uint16_t>(head.data() + kHelloMagic.size());
  hello.minor = read_little<uint16_t>(head.data() + kHelloMagic.size() + 2);
  if (!take_text(body, hello.role) || !take_text(body, hello.name) ||
      !take_text(body, hello.details)) {
    return malformed("the other side's hello is malformed");
  }
  return hello;
}

std::optional<base::Error> version_conflict(const Hello& ours, const Hello& theirs) {
  if (ours.major == theirs.major && std::abs(ours.minor - theirs.minor) <= 1) return std::nullopt;
  return malformed(name_of(ours) + " here speaks version " + version_of(ours) + " and " +
                   name_of(theirs) + " speaks version " + version_of(theirs) +
                   ": the same major version and minor versions at most one apart would do");
}

std::string name_of(const Hello& hello) { return hello.role + " '" + hello.name + "'"; }

}  // namespace dusk::net
