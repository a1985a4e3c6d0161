#include "dusk/base/token.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace dusk::base {

struct Tokenizer::State {
  XXH3_state_t hash;
};

std::string Token::hex() const {
  std::string text(32, '0');
  for (int i = 0; i < 16; ++i) {
    text[15 - i] = "0123456789abcdef"[hi >> (4 * i) & 15];
    text[31 - i] = "0123456789abcdef"[lo >> (4 * i) & 15];
  }
  return text;
}

Tokenizer::Tokenizer(std::string_view kind) : state_(new State) {
  XXH3_128bits_reset(&state_->hash);
  add(kind);
}
Tokenizer::~Tokenizer() = default;

Tokenizer& Tokenizer::bytes(const void* data, size_t size) {
  uint64_t framed = size;
  XXH3_128bits_update(&state_->hash, &framed, sizeof framed);
  XXH3_128bits_update(&state_->hash, data, size);
  return *this;
}

Tokenizer& Tokenizer::add(std::string_view text) { return bytes(text.data(), text.size()); }

Tokenizer& Tokenizer::add(const Token& token) {
  uint64_t words[2] = {token.hi, token.lo};
  return bytes(words, sizeof words);
}

Tokenizer& Tokenizer::add(double number) { return bytes(&number, sizeof number); }

Tokenizer& Tokenizer::add_integer(int64_t number) { return bytes(&number, sizeof number); }

Tokenizer& Tokenizer::add(std::span<const int64_t> numbers) {
  return bytes(numbers.data(), numbers.size_bytes());
}

Token Tokenizer::finish() {
  XXH128_hash_t h = XXH3_128bits_digest(&state_->hash);
  return {h.high64, h.low64};
}

}  // namespace dusk::base
