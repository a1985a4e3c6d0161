#include "dusk/kernels/frame/interner.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/hash.h"

namespace dusk::kernels::frame {
namespace {

constexpr size_t kArenaBlock = 1 << 16;
constexpr int kFirstBits = 8;

}  // namespace

Interner::Interner() : slots_(1u << kFirstBits, {0, kAbsent}), shift_(64 - kFirstBits) {}

std::string_view Interner::keep(std::string_view text) {
  if (text.size() > arena_left_) {
    size_t size = std::max(kArenaBlock, text.size());
    arena_.push_back(std::make_unique_for_overwrite<char[]>(size));
    arena_at_ = arena_.back().get();
    arena_left_ = size;
  }
  if (!text.empty()) std::memcpy(arena_at_, text.data(), text.size());
  std::string_view kept(arena_at_, text.size());
  arena_at_ += text.size();
  arena_left_ -= text.size();
  return kept;
}

void Interner::grow() {
  --shift_;
  PoolVector<Slot> slots(slots_.size() * 2, {0, kAbsent});
  size_t mask = slots.size() - 1;
  for (uint32_t number = 0; number < texts_.size(); ++number) {
    uint64_t hash = hash_bytes(texts_[number]);
    size_t at = hash >> shift_;
    while (slots[at].number != kAbsent) at = (at + 1) & mask;
    slots[at] = {static_cast<uint32_t>(hash), number};
  }
  slots_.swap(slots);
}

uint32_t Interner::intern(std::string_view text) { return intern(text, hash_bytes(text)); }

uint32_t Interner::intern(std::string_view text, uint64_t hash) {
  size_t mask = slots_.size() - 1;
  auto salt = static_cast<uint32_t>(hash);
  size_t at = hash >> shift_;
  for (; slots_[at].number != kAbsent; at = (at + 1) & mask) {
    if (slots_[at].salt == salt && texts_[slots_[at].number] == text) return slots_[at].number;
  }
  if (texts_.size() == kAbsent - 1) {
    throw base::not_implemented("[groupby] more than 2^32 - 2 distinct texts; use more partitions");
  }
  uint32_t number = size();
  texts_.push_back(keep(text));
  slots_[at] = {salt, number};
  if (texts_.size() * 2 > slots_.size()) grow();
  return number;
}

uint32_t Interner::find(std::string_view text) const {
  uint64_t hash = hash_bytes(text);
  size_t mask = slots_.size() - 1;
  for (size_t at = hash >> shift_; slots_[at].number != kAbsent; at = (at + 1) & mask) {
    if (slots_[at].salt == static_cast<uint32_t>(hash) && texts_[slots_[at].number] == text) {
      return slots_[at].number;
    }
  }
  return kAbsent;
}

PoolVector<uint32_t> Interner::ranks() const {
  PoolVector<uint32_t> order(texts_.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [this](uint32_t a, uint32_t b) { return texts_[a] < texts_[b]; });
  PoolVector<uint32_t> ranks(texts_.size());
  for (uint32_t i = 0; i < order.size(); ++i) ranks[order[i]] = i;
  return ranks;
}

}  // namespace dusk::kernels::frame
