// One key column of a group-by or join as 64-bit words: equal values have equal words.
//
// Integers, bools and times are their own words (two's complement), floats order-preserving bits
// (-0 is 0, NaN is missing), texts, fixed-size values and dictionary entries the numbers of an
// interner. Encoding new values changes the column; finding does not and may run on many threads.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "dusk/kernels/frame/column_view.h"
#include "dusk/kernels/frame/interner.h"

namespace dusk::kernels::frame {

enum class KeyKind : uint8_t { kSigned, kUnsigned, kFloat, kText, kDictionary };

// A batch's array made ready: normalised, and for dictionaries the word of every entry.
struct PreparedKey {
  std::shared_ptr<arrow::Array> array;
  ColumnView view;
  PoolVector<uint64_t> entry_words;
  PoolVector<uint8_t> entry_missing;
  bool may_miss = false;
};

class KeyColumn {
 public:
  static constexpr uint64_t kAbsentWord = ~uint64_t{0};  // of interned kinds, when finding

  explicit KeyColumn(std::shared_ptr<arrow::DataType> type);

  KeyKind kind() const { return kind_; }
  const std::shared_ptr<arrow::DataType>& type() const { return type_; }
  // Words are numbers of an interner, counted from 0.
  bool interned() const { return kind_ == KeyKind::kText || kind_ == KeyKind::kDictionary; }
  uint64_t interned_count() const { return interner_.size(); }

  // Casts to the column's type where it differs; throws TypeError when it cannot.
  PreparedKey prepare(const std::shared_ptr<arrow::Array>& array);
  PreparedKey prepare_find(const std::shared_ptr<arrow::Array>& array) const;

  // Words of rows [start, start + count); `missing` bytes are written when key.may_miss.
  void encode(const PreparedKey& key, int64_t start, int64_t count, uint64_t* words,
              uint8_t* missing);
  void find(const PreparedKey& key, int64_t start, int64_t count, uint64_t* words,
            uint8_t* missing) const;

  // A number that orders words as their values are ordered. Texts need `ranks`.
  uint64_t order_word(uint64_t word, const PoolVector<uint32_t>& ranks) const;
  PoolVector<uint32_t> ranks() const;  // empty where words order themselves

  // Words as an array of the column's type; missing where the byte is set (may be null).
  std::shared_ptr<arrow::Array> array_of(const PoolVector<uint64_t>& words,
                                         const PoolVector<uint8_t>& missing) const;

 private:
  PreparedKey prepared(const std::shared_ptr<arrow::Array>& array) const;
  void encode_numbers(const PreparedKey& key, int64_t start, int64_t count, uint64_t* words,
                      uint8_t* missing) const;
  void add_dictionary(const std::shared_ptr<arrow::Array>& dictionary, PreparedKey& key);

  std::shared_ptr<arrow::DataType> type_;
  KeyKind kind_;
  Interner interner_;
  // Dictionaries seen: entries that were new, as (array, position), in order of their numbers.
  std::vector<std::pair<std::shared_ptr<arrow::Array>, int64_t>> entries_;
  std::shared_ptr<arrow::Array> last_dictionary_;
  PoolVector<uint64_t> last_words_;
  PoolVector<uint8_t> last_missing_;
};

}  // namespace dusk::kernels::frame
