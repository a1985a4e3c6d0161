#include "dusk/kernels/frame/sort_words.h"

#include <arrow/api.h>

#include <algorithm>

#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/grouper.h"
#include "dusk/kernels/frame/key_column.h"

namespace dusk::kernels::frame {

SortWords sort_words(const std::shared_ptr<arrow::Array>& array, bool ascending, NaPosition na) {
  KeyColumn column(array->type());
  PreparedKey key = column.prepare(array);
  int64_t n = array->length();
  SortWords result;
  result.words.resize(static_cast<size_t>(n));
  PoolVector<uint8_t> missing(key.may_miss ? static_cast<size_t>(n) : 0, 0);
  for (int64_t start = 0; start < n; start += kWindow) {
    int64_t count = std::min(kWindow, n - start);
    column.encode(key, start, count, result.words.data() + start,
                  key.may_miss ? missing.data() + start : nullptr);
  }
  // Brings words into order, then from 0 on, with a place for missing values at one end.
  PoolVector<uint32_t> ranks = column.ranks();
  uint64_t low = ~uint64_t{0}, high = 0;
  bool lost = false;
  for (size_t i = 0; i < result.words.size(); ++i) {
    if (key.may_miss && missing[i]) {
      lost = true;
      continue;
    }
    uint64_t word = column.order_word(result.words[i], ranks);
    result.words[i] = word;
    low = std::min(low, word);
    high = std::max(high, word);
  }
  if (low > high) low = high = 0;
  const bool first = na == NaPosition::kFirst;
  const uint64_t shift = lost && first ? 1 : 0;
  const uint64_t place = first ? 0 : high - low + 1;
  result.span = high - low + 1 + (lost ? 1 : 0);
  if (lost && high - low == ~uint64_t{0}) {
    // Every word is taken: the extreme neighbours the missing values. Only NaN payloads get here
    // for floats; integers of the full range with nulls lose the distinction of one value.
    result.span = 0;
  }
  for (size_t i = 0; i < result.words.size(); ++i) {
    if (key.may_miss && missing[i]) {
      result.words[i] = place;
    } else {
      uint64_t distance = ascending ? result.words[i] - low : high - result.words[i];
      result.words[i] = distance + shift;
    }
  }
  return result;
}

}  // namespace dusk::kernels::frame
