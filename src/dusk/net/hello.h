// The bytes of a hello, and whether two of them go together.
//
// A hello is `kHelloMagic`, major and minor (u16), the length of the rest (u32), and then role,
// name and details, each after its length (u32); little-endian. This much never changes, so that
// any two versions can tell each other apart; what a later minor version adds comes after it and is
// skipped.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dusk/base/result.h"
#include "dusk/net/options.h"

namespace dusk::net {

constexpr std::string_view kHelloMagic = "DUSKNET\n";
constexpr size_t kHelloHeadBytes = 16;

// Throws Error(kValue) when role, name and details are more than limits.handshake_bytes.
std::string encode_hello(const Hello& hello, const Limits& limits);

// `head` is kHelloHeadBytes long, `body` as long as hello_body_bytes() says.
base::Result<size_t> hello_body_bytes(std::string_view head, const Limits& limits);
base::Result<Hello> decode_hello(std::string_view head, std::string_view body);

// What keeps the two from talking; names both sides and their versions, here first.
std::optional<base::Error> version_conflict(const Hello& ours, const Hello& theirs);

// "worker 'w1'".
std::string name_of(const Hello& hello);

}  // namespace dusk::net
