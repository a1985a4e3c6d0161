#include "dusk/kernels/frame/sort.h"

#include <arrow/api.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/filter.h"
#include "dusk/kernels/frame/radix_sort.h"
#include "dusk/kernels/frame/sort_words.h"

namespace dusk::kernels::frame {
namespace {

using TablePtr = std::shared_ptr<arrow::Table>;

std::vector<SortWords> all_words(const arrow::Table& table, const std::vector<SortKey>& keys,
                                 NaPosition na) {
  std::vector<SortWords> words;
  for (const SortKey& key : keys) {
    auto column = table.column(column_index(*table.schema(), key.column, "sort_values"));
    words.push_back(sort_words(combined(*column), key.ascending, na));
  }
  return words;
}

int bits_of_span(uint64_t span) { return span == 0 ? 64 : std::bit_width(span - 1); }

// All keys in one word, when they fit.
bool packed(const std::vector<SortWords>& keys, PoolVector<uint64_t>& words) {
  int bits = 0;
  for (const SortWords& key : keys) bits += bits_of_span(key.span);
  if (bits > 64) return false;
  words.assign(keys[0].words.size(), 0);
  for (const SortWords& key : keys) {
    int width = bits_of_span(key.span);
    for (size_t i = 0; i < words.size(); ++i) {
      words[i] = (width >= 64 ? 0 : words[i] << width) | key.words[i];
    }
  }
  return true;
}

// Least significant key first; every pass is stable.
Rows order_of(const std::vector<SortWords>& keys, size_t rows) {
  PoolVector<uint64_t> words;
  if (packed(keys, words)) return radix_order(words);
  Rows order(rows);
  std::iota(order.begin(), order.end(), 0);
  PoolVector<KeyedRow> keyed(rows);
  for (size_t k = keys.size(); k-- > 0;) {
    for (size_t i = 0; i < rows; ++i) keyed[i] = {keys[k].words[order[i]], order[i]};
    radix_sort(keyed);
    for (size_t i = 0; i < rows; ++i) order[i] = keyed[i].row;
  }
  return order;
}

bool less_row(const std::vector<SortWords>& keys, Row a, Row b) {
  for (const SortWords& key : keys) {
    if (key.words[a] != key.words[b]) return key.words[a] < key.words[b];
  }
  return false;
}

std::vector<std::string> names_of(const std::vector<SortKey>& keys) {
  std::vector<std::string> names;
  for (const SortKey& key : keys) {
    if (std::find(names.begin(), names.end(), key.column) == names.end())
      names.push_back(key.column);
  }
  return names;
}

}  // namespace

Rows sort_indices(const arrow::Table& table, const std::vector<SortKey>& keys, NaPosition na) {
  if (table.num_rows() >= static_cast<int64_t>(kNoRow)) {
    throw base::not_implemented("[sort_values] 2^32 - 1 rows or more in one partition");
  }
  auto rows = static_cast<size_t>(table.num_rows());
  if (keys.empty()) {
    Rows order(rows);
    std::iota(order.begin(), order.end(), 0);
    return order;
  }
  return order_of(all_words(table, keys, na), rows);
}

TablePtr sort(const TablePtr& table, const std::vector<SortKey>& keys, NaPosition na) {
  return take(table, sort_indices(*table, keys, na));
}

// Runs that are sorted already cost the radix sort no more than others, and a stable sort of the
// concatenation is the merge.
TablePtr merge_sorted(const std::vector<TablePtr>& tables, const std::vector<SortKey>& keys,
                      NaPosition na) {
  return sort(concatenate(tables), keys, na);
}

TablePtr top_rows(const TablePtr& table, int64_t n, const std::vector<std::string>& by,
                  bool largest, KeepTies keep) {
  if (n <= 0 || table->num_rows() == 0) return table->Slice(0, 0);
  std::vector<SortKey> keys;
  for (const std::string& name : by) keys.push_back({name, !largest});
  auto words = all_words(*table, keys, NaPosition::kLast);
  Rows rows(static_cast<size_t>(table->num_rows()));
  std::iota(rows.begin(), rows.end(), 0);
  auto before = [&](Row a, Row b) {
    if (less_row(words, a, b)) return true;
    if (less_row(words, b, a)) return false;
    return keep == KeepTies::kLast ? a > b : a < b;
  };
  auto count = std::min(static_cast<size_t>(n), rows.size());
  auto end = rows.begin() + static_cast<ptrdiff_t>(count);
  std::nth_element(rows.begin(), end - 1, rows.end(), before);
  std::sort(rows.begin(), end, before);
  if (keep == KeepTies::kAll) {
    Row last = rows[count - 1];
    auto tied =
        std::partition(end, rows.end(), [&](Row row) { return !less_row(words, last, row); });
    std::sort(end, tied);
    end = tied;
  }
  rows.erase(end, rows.end());
  return take(table, rows);
}

TablePtr sample_rows(const TablePtr& table, const std::vector<SortKey>& keys, int64_t n) {
  auto columns = select(table, names_of(keys));
  int64_t rows = table->num_rows();
  Rows picked;
  int64_t count = std::min(n, rows);
  for (int64_t i = 0; i < count; ++i)
    picked.push_back(static_cast<Row>((2 * i + 1) * rows / (2 * count)));
  return take(columns, picked);
}

TablePtr splitters(const std::vector<TablePtr>& samples, const std::vector<SortKey>& keys, int n,
                   NaPosition na) {
  TablePtr sorted = merge_sorted(samples, keys, na);
  int64_t rows = sorted->num_rows();
  if (rows == 0) return sorted;
  auto words = all_words(*sorted, keys, na);
  Rows picked;
  for (int64_t i = 1; i < n; ++i) {
    auto row = static_cast<Row>(i * rows / n);
    if (picked.empty() || less_row(words, picked.back(), row)) picked.push_back(row);
  }
  return take(sorted, picked);
}

std::vector<TablePtr> split(const TablePtr& table, const std::vector<SortKey>& keys,
                            const TablePtr& splitters, NaPosition na, int n) {
  int64_t bounds = splitters->num_rows();
  // Both in one table, so that their words can be compared.
  auto together = concatenate({splitters, select(table, splitters->schema()->field_names())});
  auto words = all_words(*together, keys, na);
  auto first = static_cast<Row>(bounds);
  std::vector<Rows> parts(static_cast<size_t>(std::max<int64_t>(bounds + 1, n)));
  Rows edges(static_cast<size_t>(bounds));
  std::iota(edges.begin(), edges.end(), 0);
  for (int64_t i = 0; i < table->num_rows(); ++i) {
    Row row = first + static_cast<Row>(i);
    auto at = std::upper_bound(edges.begin(), edges.end(), row,
                               [&](Row a, Row b) { return less_row(words, a, b); });
    parts[static_cast<size_t>(at - edges.begin())].push_back(static_cast<Row>(i));
  }
  std::vector<TablePtr> tables;
  for (const Rows& rows : parts) tables.push_back(take(table, rows));
  return tables;
}

}  // namespace dusk::kernels::frame
