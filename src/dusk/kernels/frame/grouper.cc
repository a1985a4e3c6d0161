#include "dusk/kernels/frame/grouper.h"

#include <arrow/api.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/hash.h"
#include "dusk/kernels/frame/radix_sort.h"

namespace dusk::kernels::frame {
namespace {

constexpr int kDenseBitsAlways = 16;
constexpr int kDenseBitsMost = 25;
constexpr int kTooWide = 65;
constexpr uint64_t kSign = uint64_t{1} << 63;

int bits_for(uint64_t count, bool overflown) {
  return overflown ? kTooWide : std::bit_width(count);
}

uint64_t hash_row(const uint64_t* row, size_t width) {
  uint64_t hash = 0;
  for (size_t i = 0; i < width; ++i) hash = mix(hash ^ row[i]) + i;
  return hash;
}

}  // namespace

Grouper::Grouper(const std::vector<std::shared_ptr<arrow::DataType>>& types) {
  if (types.size() > 64) throw base::not_implemented("[groupby] more than 64 key columns");
  for (const auto& type : types) columns_.emplace_back(type);
  ranges_.resize(columns_.size());
  fill_table(0, 0);
}

KeyBatch Grouper::prepare(const std::vector<std::shared_ptr<arrow::Array>>& columns,
                          int64_t length) {
  KeyBatch batch{{}, length};
  for (size_t k = 0; k < columns_.size(); ++k) {
    batch.keys.push_back(columns_[k].prepare(columns[k]));
  }
  return batch;
}

KeyBatch Grouper::prepare_find(const std::vector<std::shared_ptr<arrow::Array>>& columns,
                               int64_t length) const {
  KeyBatch batch{{}, length};
  for (size_t k = 0; k < columns_.size(); ++k) {
    batch.keys.push_back(columns_[k].prepare_find(columns[k]));
  }
  return batch;
}

uint32_t Grouper::new_group() {
  if (num_groups_ == kNoGroup - 1) {
    throw base::not_implemented("[groupby] more than 2^32 - 2 groups; use more partitions");
  }
  return num_groups_++;
}

// Adds the codes of one key to `packed`; false when a word is out of range.
bool Grouper::pack(size_t key, int64_t count, const uint64_t* words, const uint8_t* missing,
                   uint64_t* packed) const {
  const Range range = ranges_[key];
  uint64_t outside = 0;
  if (missing == nullptr) {
    for (int64_t i = 0; i < count; ++i) {
      uint64_t distance = words[i] - range.base;
      outside |= distance >= range.count;
      packed[i] |= (distance + 1) << range.shift;
    }
  } else {
    for (int64_t i = 0; i < count; ++i) {
      uint64_t distance = words[i] - range.base;
      uint64_t there = missing[i] ^ 1u;
      outside |= there & static_cast<uint64_t>(distance >= range.count);
      packed[i] |= ((distance + 1) & (0 - there)) << range.shift;
    }
  }
  return outside == 0;
}

bool Grouper::pack_rows(const KeyBatch& batch, int64_t start, int64_t count, uint64_t* packed) {
  uint64_t words[kWindow];
  uint8_t missing[kWindow];
  std::fill_n(packed, count, 0);
  for (size_t k = 0; k < columns_.size(); ++k) {
    const PreparedKey& key = batch.keys[k];
    columns_[k].encode(key, start, count, words, missing);
    if (pack(k, count, words, key.may_miss ? missing : nullptr, packed)) continue;
    widen(batch, start, k);
    return false;
  }
  return true;
}

// Takes the values of the rest of the batch into the range of a key.
void Grouper::widen(const KeyBatch& batch, int64_t start, size_t k) {
  KeyColumn& column = columns_[k];
  std::vector<Range> ranges = ranges_;
  Range& range = ranges[k];
  if (column.interned()) {
    range.base = 0;
    range.count = std::max<uint64_t>(255, std::bit_ceil(column.interned_count() * 2) - 1);
    return arrange(std::move(ranges), batch.length);
  }
  uint64_t flip = column.kind() == KeyKind::kSigned ? kSign : 0;
  bool known = range.count > 0;
  uint64_t low = known ? range.base ^ flip : ~uint64_t{0};
  uint64_t high = known ? low + range.count - 1 : 0;
  const uint64_t old_low = low, old_high = high;
  uint64_t words[kWindow];
  uint8_t missing[kWindow];
  const PreparedKey& key = batch.keys[k];
  for (int64_t at = start; at < batch.length; at += kWindow) {
    int64_t count = std::min(kWindow, batch.length - at);
    column.encode(key, at, count, words, missing);
    for (int64_t i = 0; i < count; ++i) {
      if (key.may_miss && missing[i]) continue;
      uint64_t order = words[i] ^ flip;
      low = order < low ? order : low;
      high = order > high ? order : high;
    }
  }
  uint64_t extent = high - low;
  if (known && low < old_low) low -= std::min(low, extent);
  if (known && high > old_high) high += std::min(~high, extent);
  range.base = low ^ flip;
  range.count = high - low + 1;
  bool overflown = range.count == 0;
  if (overflown) return become_wide();
  arrange(std::move(ranges), batch.length);
}

// Packs all groups anew for these ranges.
void Grouper::arrange(std::vector<Range> ranges, int64_t rows) {
  int bits = 0;
  for (size_t k = ranges.size(); k-- > 0;) {
    ranges[k].shift = bits;
    bits += bits_for(ranges[k].count, false);
    if (bits > 64) return become_wide();
  }
  PoolVector<uint32_t> all(num_groups_);
  std::iota(all.begin(), all.end(), 0);
  PoolVector<uint64_t> fresh(num_groups_, 0), words;
  PoolVector<uint8_t> missing;
  for (size_t k = 0; k < columns_.size(); ++k) {
    words_of(k, all, words, missing);
    for (size_t g = 0; g < fresh.size(); ++g) {
      uint64_t code = missing[g] ? 0 : words[g] - ranges[k].base + 1;
      if (code != 0) fresh[g] |= code << ranges[k].shift;
    }
  }
  packed_ = std::move(fresh);
  ranges_ = std::move(ranges);
  fill_table(bits, rows);
}

void Grouper::fill_table(int bits, int64_t rows) {
  uint64_t seen = static_cast<uint64_t>(rows) + num_groups_;
  bool dense =
      bits <= kDenseBitsAlways || (bits <= kDenseBitsMost && (uint64_t{1} << bits) <= 4 * seen);
  mode_ = dense ? Mode::kDense : Mode::kHashed;
  slots_.clear();
  dense_.clear();
  if (!dense) return reserve_slots(num_groups_ + static_cast<uint32_t>(kWindow));
  dense_.assign(size_t{1} << bits, kNoGroup);
  for (uint32_t g = 0; g < num_groups_; ++g) dense_[packed_[g]] = g;
}

void Grouper::reserve_slots(uint32_t groups) {
  size_t wanted = std::bit_ceil(static_cast<size_t>(groups) * 2);
  if (wanted <= slots_.size()) return;
  slots_.assign(wanted, {0, kNoGroup});
  slot_shift_ = 64 - std::countr_zero(wanted);
  size_t mask = wanted - 1;
  for (uint32_t g = 0; g < num_groups_; ++g) {
    size_t at = spread(packed_[g]) >> slot_shift_;
    while (slots_[at].group != kNoGroup) at = (at + 1) & mask;
    slots_[at] = {packed_[g], g};
  }
}

void Grouper::assign(const KeyBatch& batch, int64_t start, int64_t count, uint32_t* groups) {
  if (mode_ != Mode::kWide) {
    uint64_t packed[kWindow];
    while (!pack_rows(batch, start, count, packed)) {
      if (mode_ == Mode::kWide) return assign_wide(batch, start, count, groups);
    }
    return mode_ == Mode::kDense ? assign_dense(count, packed, groups)
                                 : assign_hashed(count, packed, groups);
  }
  assign_wide(batch, start, count, groups);
}

void Grouper::assign_dense(int64_t count, const uint64_t* packed, uint32_t* groups) {
  uint32_t* table = dense_.data();
  for (int64_t i = 0; i < count; ++i) {
    uint32_t group = table[packed[i]];
    if (group == kNoGroup) [[unlikely]] {
      group = table[packed[i]] = new_group();
      packed_.push_back(packed[i]);
    }
    groups[i] = group;
  }
}

void Grouper::assign_hashed(int64_t count, const uint64_t* packed, uint32_t* groups) {
  reserve_slots(num_groups_ + static_cast<uint32_t>(count));
  Slot* slots = slots_.data();
  const size_t mask = slots_.size() - 1;
  const int shift = slot_shift_;
  constexpr int64_t kAhead = 16;
  for (int64_t i = 0; i < count; ++i) {
    if (i + kAhead < count) __builtin_prefetch(&slots[spread(packed[i + kAhead]) >> shift]);
    const uint64_t row = packed[i];
    size_t at = spread(row) >> shift;
    for (;; at = (at + 1) & mask) {
      if (slots[at].group == kNoGroup) {
        slots[at] = {row, new_group()};
        packed_.push_back(row);
        break;
      }
      if (slots[at].packed == row) break;
    }
    groups[i] = slots[at].group;
  }
}

void Grouper::find(const KeyBatch& batch, int64_t start, int64_t count, uint32_t* groups) const {
  if (mode_ == Mode::kWide) {
    PoolVector<uint64_t> rows;
    wide_words(batch, start, count, rows, true);
    for (int64_t i = 0; i < count; ++i) {
      const uint64_t* row = rows.data() + static_cast<size_t>(i) * width();
      size_t mask = dense_.size() - 1, at = hash_row(row, width()) & mask;
      while (dense_[at] != kNoGroup &&
             !std::equal(row, row + width(), &wide_[dense_[at] * width()])) {
        at = (at + 1) & mask;
      }
      groups[i] = dense_[at];
    }
    return;
  }
  uint64_t words[kWindow], packed[kWindow];
  uint8_t missing[kWindow], outside[kWindow];
  std::fill_n(packed, count, 0);
  std::fill_n(outside, count, 0);
  for (size_t k = 0; k < columns_.size(); ++k) {
    const PreparedKey& key = batch.keys[k];
    const Range range = ranges_[k];
    columns_[k].find(key, start, count, words, missing);
    for (int64_t i = 0; i < count; ++i) {
      bool lost = key.may_miss && missing[i];
      uint64_t distance = words[i] - range.base;
      outside[i] |= !lost && distance >= range.count;
      packed[i] |= lost || outside[i] ? 0 : (distance + 1) << range.shift;
    }
  }
  if (mode_ == Mode::kDense) {
    for (int64_t i = 0; i < count; ++i) groups[i] = outside[i] ? kNoGroup : dense_[packed[i]];
    return;
  }
  const size_t mask = slots_.size() - 1;
  constexpr int64_t kAhead = 16;
  for (int64_t i = 0; i < count; ++i) {
    if (i + kAhead < count) __builtin_prefetch(&slots_[spread(packed[i + kAhead]) >> slot_shift_]);
    size_t at = spread(packed[i]) >> slot_shift_;
    while (slots_[at].group != kNoGroup && slots_[at].packed != packed[i]) at = (at + 1) & mask;
    groups[i] = outside[i] ? kNoGroup : slots_[at].group;
  }
}

void Grouper::wide_words(const KeyBatch& batch, int64_t start, int64_t count,
                         PoolVector<uint64_t>& rows, bool finding) const {
  rows.assign(static_cast<size_t>(count) * width(), 0);
  uint64_t words[kWindow];
  uint8_t missing[kWindow];
  for (size_t k = 0; k < columns_.size(); ++k) {
    const PreparedKey& key = batch.keys[k];
    if (finding) {
      columns_[k].find(key, start, count, words, missing);
    } else {
      const_cast<KeyColumn&>(columns_[k]).encode(key, start, count, words, missing);
    }
    for (int64_t i = 0; i < count; ++i) {
      uint64_t* row = rows.data() + static_cast<size_t>(i) * width();
      bool lost = key.may_miss && missing[i];
      row[k] = lost ? 0 : words[i];
      row[columns_.size()] |= static_cast<uint64_t>(lost) << (k & 63);
    }
  }
}

void Grouper::assign_wide(const KeyBatch& batch, int64_t start, int64_t count, uint32_t* groups) {
  PoolVector<uint64_t> rows;
  wide_words(batch, start, count, rows, false);
  size_t wanted =
      std::bit_ceil((static_cast<size_t>(num_groups_) + static_cast<size_t>(count)) * 2);
  if (wanted > dense_.size()) {
    dense_.assign(wanted, kNoGroup);
    for (uint32_t g = 0; g < num_groups_; ++g) {
      size_t at = hash_row(&wide_[g * width()], width()) & (wanted - 1);
      while (dense_[at] != kNoGroup) at = (at + 1) & (wanted - 1);
      dense_[at] = g;
    }
  }
  size_t mask = dense_.size() - 1;
  for (int64_t i = 0; i < count; ++i) {
    const uint64_t* row = rows.data() + static_cast<size_t>(i) * width();
    size_t at = hash_row(row, width()) & mask;
    while (dense_[at] != kNoGroup &&
           !std::equal(row, row + width(), &wide_[dense_[at] * width()])) {
      at = (at + 1) & mask;
    }
    if (dense_[at] == kNoGroup) {
      dense_[at] = new_group();
      wide_.insert(wide_.end(), row, row + width());
    }
    groups[i] = dense_[at];
  }
}

void Grouper::become_wide() {
  PoolVector<uint32_t> all(num_groups_);
  std::iota(all.begin(), all.end(), 0);
  wide_.assign(num_groups_ * width(), 0);
  PoolVector<uint64_t> words;
  PoolVector<uint8_t> missing;
  for (size_t k = 0; k < columns_.size(); ++k) {
    words_of(k, all, words, missing);
    for (size_t g = 0; g < all.size(); ++g) {
      wide_[g * width() + k] = missing[g] ? 0 : words[g];
      wide_[g * width() + columns_.size()] |= static_cast<uint64_t>(missing[g]) << (k & 63);
    }
  }
  mode_ = Mode::kWide;
  packed_.clear();
  slots_.clear();
  dense_.clear();
}

void Grouper::words_of(size_t k, std::span<const uint32_t> groups, PoolVector<uint64_t>& words,
                       PoolVector<uint8_t>& missing) const {
  words.resize(groups.size());
  missing.resize(groups.size());
  if (mode_ == Mode::kWide) {
    for (size_t i = 0; i < groups.size(); ++i) {
      const uint64_t* row = &wide_[groups[i] * width()];
      words[i] = row[k];
      missing[i] = (row[columns_.size()] >> (k & 63)) & 1;
    }
    return;
  }
  const Range range = ranges_[k];
  int bits = bits_for(range.count, false);
  uint64_t mask = bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
  for (size_t i = 0; i < groups.size(); ++i) {
    uint64_t code = bits == 0 ? 0 : (packed_[groups[i]] >> range.shift) & mask;
    missing[i] = code == 0;
    words[i] = code == 0 ? 0 : code - 1 + range.base;
  }
}

std::vector<std::shared_ptr<arrow::Array>> Grouper::keys(std::span<const uint32_t> groups) const {
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  PoolVector<uint64_t> words;
  PoolVector<uint8_t> missing;
  for (size_t k = 0; k < columns_.size(); ++k) {
    words_of(k, groups, words, missing);
    arrays.push_back(columns_[k].array_of(words, missing));
  }
  return arrays;
}

PoolVector<uint8_t> Grouper::missing() const {
  PoolVector<uint32_t> all(num_groups_);
  std::iota(all.begin(), all.end(), 0);
  PoolVector<uint64_t> words;
  PoolVector<uint8_t> result(num_groups_, 0), missing;
  for (size_t k = 0; k < columns_.size(); ++k) {
    words_of(k, all, words, missing);
    for (size_t g = 0; g < result.size(); ++g) result[g] |= missing[g];
  }
  return result;
}

PoolVector<uint32_t> Grouper::sorted() const {
  if (mode_ == Mode::kWide) return sorted_wide();
  PoolVector<uint32_t> all(num_groups_);
  std::iota(all.begin(), all.end(), 0);
  PoolVector<uint64_t> order(num_groups_, 0), words;
  PoolVector<uint8_t> missing;
  for (size_t k = 0; k < columns_.size(); ++k) {
    const Range range = ranges_[k];
    if (range.count == 0) continue;
    words_of(k, all, words, missing);
    PoolVector<uint32_t> ranks = columns_[k].ranks();
    for (size_t g = 0; g < order.size(); ++g) {
      uint64_t word = missing[g]      ? range.count
                      : ranks.empty() ? words[g] - range.base
                                      : ranks[words[g]];
      order[g] |= word << range.shift;
    }
  }
  return radix_order(order);
}

PoolVector<uint32_t> Grouper::sorted_wide() const {
  PoolVector<uint64_t> order = wide_;
  for (size_t k = 0; k < columns_.size(); ++k) {
    PoolVector<uint32_t> ranks = columns_[k].ranks();
    for (uint32_t g = 0; g < num_groups_; ++g) {
      uint64_t* row = &order[g * width()];
      bool lost = (row[columns_.size()] >> (k & 63)) & 1;
      if (!lost) row[k] = columns_[k].order_word(row[k], ranks);
    }
  }
  PoolVector<uint32_t> groups(num_groups_);
  std::iota(groups.begin(), groups.end(), 0);
  std::sort(groups.begin(), groups.end(), [&](uint32_t a, uint32_t b) {
    const uint64_t *x = &order[a * width()], *y = &order[b * width()];
    for (size_t k = 0; k < columns_.size(); ++k) {
      bool lost_x = (x[columns_.size()] >> (k & 63)) & 1;
      bool lost_y = (y[columns_.size()] >> (k & 63)) & 1;
      if (lost_x != lost_y) return lost_y;
      if (x[k] != y[k]) return x[k] < y[k];
    }
    return a < b;
  });
  return groups;
}

}  // namespace dusk::kernels::frame
