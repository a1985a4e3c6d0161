#include <arrow/api.h>

#include <bit>
#include <cmath>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/hash.h"
#include "dusk/kernels/frame/rows.h"

namespace dusk::kernels::frame {
namespace {

constexpr uint64_t kMissingHash = 0x9AE16A3B2F90404FULL;

template <class T>
uint64_t number_hash(T value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (value != value) return kMissingHash;
    auto wide = static_cast<double>(value);
    if (std::fabs(wide) < 9.2e18 && std::trunc(wide) == wide) {
      return mix(static_cast<uint64_t>(static_cast<int64_t>(wide)));
    }
    return mix(std::bit_cast<uint64_t>(wide));
  } else {
    return mix(static_cast<uint64_t>(static_cast<int64_t>(value)));
  }
}

PoolVector<uint64_t> value_hashes(const std::shared_ptr<arrow::Array>& array) {
  PoolVector<uint64_t> hashes(static_cast<size_t>(array->length()), kMissingHash);
  if (array->type_id() == arrow::Type::DICTIONARY) {
    const auto& coded = static_cast<const arrow::DictionaryArray&>(*array);
    auto entries = value_hashes(normalised(coded.dictionary()));
    for (int64_t i = 0; i < coded.length(); ++i) {
      if (coded.IsValid(i)) {
        hashes[static_cast<size_t>(i)] = entries[static_cast<size_t>(coded.GetValueIndex(i))];
      }
    }
    return hashes;
  }
  ColumnView view = view_of(*array);
  if (view.storage == Storage::kNull) return hashes;
  if (view.storage == Storage::kOther) {
    throw base::type_error("[hash_partition] values of type " + array->type()->ToString() +
                           " cannot be keys");
  }
  auto set = [&](auto&& hash_at) {
    for (int64_t i = 0; i < view.length; ++i) {
      if (view.valid(i)) hashes[static_cast<size_t>(i)] = hash_at(i);
    }
  };
  if (view.storage == Storage::kBool) {
    set([&](int64_t i) { return number_hash<int64_t>(view.bit(i)); });
  } else if (is_number(view.storage)) {
    dispatch_number(view.storage, [&](auto zero) {
      const auto* in = view.as<decltype(zero)>();
      set([&](int64_t i) { return number_hash(in[i]); });
    });
  } else {
    set([&](int64_t i) { return hash_bytes(view.text(i)); });
  }
  return hashes;
}

PoolVector<uint64_t> row_hashes(const arrow::Table& table, const std::vector<std::string>& keys) {
  PoolVector<uint64_t> hashes(static_cast<size_t>(table.num_rows()), 0);
  for (const std::string& key : keys) {
    const auto& column = table.column(column_index(*table.schema(), key, "hash_partition"));
    size_t at = 0;
    for (const auto& chunk : column->chunks()) {
      for (uint64_t hash : value_hashes(normalised(chunk))) {
        hashes[at] = mix(hashes[at] * 0x9E3779B97F4A7C15ULL + hash);
        ++at;
      }
    }
  }
  return hashes;
}

}  // namespace

std::vector<std::shared_ptr<arrow::Table>> hash_partition(
    const std::shared_ptr<arrow::Table>& table, const std::vector<std::string>& keys, int n) {
  if (n < 1) throw base::value_error("[hash_partition] the number of partitions must be positive");
  if (n == 1) return {table};
  PoolVector<uint64_t> hashes = row_hashes(*table, keys);
  std::vector<Rows> rows(static_cast<size_t>(n));
  for (Rows& part : rows) part.reserve(hashes.size() / rows.size() * 9 / 8 + 16);
  for (size_t i = 0; i < hashes.size(); ++i) {
    // The upper half times n, shifted: every part is as likely.
    uint64_t part = ((hashes[i] >> 32) * static_cast<uint64_t>(n)) >> 32;
    rows[part].push_back(static_cast<Row>(i));
  }
  auto single = table->CombineChunks();
  std::vector<std::shared_ptr<arrow::Table>> parts;
  for (const Rows& part : rows) parts.push_back(take(single.ok() ? *single : table, part));
  return parts;
}

}  // namespace dusk::kernels::frame
