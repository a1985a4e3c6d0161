// Numbers distinct byte strings 0, 1, 2... in order of first appearance.
//
// A linear-probing table of (salt, number) pairs over an arena of bytes. Numbers fit in 32 bits.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "dusk/kernels/frame/pool_vector.h"

namespace dusk::kernels::frame {

class Interner {
 public:
  static constexpr uint32_t kAbsent = 0xFFFFFFFF;

  Interner();
  // The number of `text`; a new one for a new text.
  uint32_t intern(std::string_view text, uint64_t hash);
  uint32_t intern(std::string_view text);
  // kAbsent when it was never interned.
  uint32_t find(std::string_view text) const;

  uint32_t size() const { return static_cast<uint32_t>(texts_.size()); }
  std::string_view text(uint32_t number) const { return texts_[number]; }
  // Three steps that start loading what interning a hash will read: its slot, then the text that
  // the slot names, then that text's bytes. Call them for later rows, some rows apart.
  void prefetch_slot(uint64_t hash) const { __builtin_prefetch(&slots_[hash >> shift_]); }
  void prefetch_text(uint64_t hash) const {
    uint32_t number = slots_[hash >> shift_].number;
    if (number != kAbsent) __builtin_prefetch(&texts_[number]);
  }
  void prefetch_bytes(uint64_t hash) const {
    uint32_t number = slots_[hash >> shift_].number;
    if (number != kAbsent) __builtin_prefetch(texts_[number].data());
  }

  // Position of every text among all of them in order of bytes.
  PoolVector<uint32_t> ranks() const;

 private:
  struct Slot {
    uint32_t salt;
    uint32_t number;
  };
  std::string_view keep(std::string_view text);
  void grow();

  PoolVector<Slot> slots_;
  int shift_;
  PoolVector<std::string_view> texts_;
  std::vector<std::unique_ptr<char[]>> arena_;
  size_t arena_left_ = 0;
  char* arena_at_ = nullptr;
};

}  // namespace dusk::kernels::frame
