// Deterministic 128-bit names for immutable things.
//
// Two expressions with one token are one computation. A token depends on what was asked for only:
// never on addresses, time, threads or the process. The hash is XXH3-128.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace dusk::base {

struct Token {
  uint64_t hi = 0;
  uint64_t lo = 0;
  auto operator<=>(const Token&) const = default;
  // 32 lower-case hexadecimal digits.
  std::string hex() const;
};

// Accumulates parts into a Token. Every part is framed by its type and length, so that ("a", "bc")
// and ("ab", "c") differ.
class Tokenizer {
 public:
  explicit Tokenizer(std::string_view kind);
  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  Tokenizer& bytes(const void* data, size_t size);
  Tokenizer& add(std::string_view text);
  Tokenizer& add(const char* text) { return add(std::string_view(text)); }
  Tokenizer& add(const Token& token);
  Tokenizer& add(double number);
  template <class I>
  requires std::is_integral_v<I> Tokenizer& add(I number) {
    return add_integer(static_cast<int64_t>(number));
  }
  Tokenizer& add(std::span<const int64_t> numbers);
  Token finish();

 private:
  struct State;
  Tokenizer& add_integer(int64_t number);
  std::unique_ptr<State> state_;
};

}  // namespace dusk::base

template <>
struct std::hash<dusk::base::Token> {
  size_t operator()(const dusk::base::Token& t) const noexcept { return t.lo ^ (t.hi * 31); }
};
