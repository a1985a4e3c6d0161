// Stable LSD radix sort of 64-bit keys with a 32-bit payload.
#pragma once

#include <cstdint>
#include <vector>

#include "dusk/kernels/frame/pool_vector.h"

namespace dusk::kernels::frame {

struct KeyedRow {
  uint64_t key;
  uint32_t row;
};

// Sorts by key, ascending; equal keys keep their order. Digits in which all keys agree are skipped.
void radix_sort(PoolVector<KeyedRow>& rows);

// The rows 0..n-1 in the order of their keys.
PoolVector<uint32_t> radix_order(const PoolVector<uint64_t>& keys);

}  // namespace dusk::kernels::frame
