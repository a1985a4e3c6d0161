#include "dusk/kernels/frame/radix_sort.h"

#include <algorithm>
#include <array>
#include <memory>

namespace dusk::kernels::frame {
namespace {

constexpr int kDigitBits = 11;
constexpr int kDigits = 6;  // 6 * 11 >= 64
constexpr uint32_t kDigitMask = (1u << kDigitBits) - 1;
constexpr size_t kSmall = 256;

using Counts = std::array<uint32_t, 1u << kDigitBits>;

}  // namespace

void radix_sort(PoolVector<KeyedRow>& rows) {
  if (rows.size() < kSmall) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const KeyedRow& a, const KeyedRow& b) { return a.key < b.key; });
    return;
  }
  uint64_t all = rows[0].key, any = rows[0].key;
  for (const KeyedRow& row : rows) {
    all &= row.key;
    any |= row.key;
  }
  uint64_t differing = all ^ any;
  PoolVector<KeyedRow> other(rows.size());
  auto counts = std::make_unique<Counts>();
  for (int digit = 0; digit < kDigits; ++digit) {
    int shift = digit * kDigitBits;
    if (((differing >> shift) & kDigitMask) == 0) continue;
    counts->fill(0);
    for (const KeyedRow& row : rows) ++(*counts)[(row.key >> shift) & kDigitMask];
    uint32_t total = 0;
    for (uint32_t& count : *counts) {
      uint32_t here = count;
      count = total;
      total += here;
    }
    for (const KeyedRow& row : rows) other[(*counts)[(row.key >> shift) & kDigitMask]++] = row;
    rows.swap(other);
  }
}

PoolVector<uint32_t> radix_order(const PoolVector<uint64_t>& keys) {
  PoolVector<KeyedRow> rows(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) rows[i] = {keys[i], static_cast<uint32_t>(i)};
  radix_sort(rows);
  PoolVector<uint32_t> order(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) order[i] = rows[i].row;
  return order;
}

}  // namespace dusk::kernels::frame
