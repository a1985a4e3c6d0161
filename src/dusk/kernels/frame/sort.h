// Sorting by keys, merging, the largest rows, and splitting by ranges (sample sort).
//
// Order: ascending or descending per key; missing values (null, NaN) first or last for all keys,
// whatever the direction, as in pandas. Stable. One numeric key is sorted by LSD radix passes over
// its order-preserving bits, several keys that fit into 64 bits likewise; others by comparison.
// Strings compare by bytes (code points), dictionaries by their codes when ordered or made by
// pandas (category order).
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dusk/kernels/frame/rows.h"

namespace dusk::kernels::frame {

struct SortKey {
  std::string column;
  bool ascending = true;
};
enum class NaPosition : uint8_t { kFirst, kLast };

// Throws KeyError for columns that are not there, TypeError for types without an order.
Rows sort_indices(const arrow::Table& table, const std::vector<SortKey>& keys,
                  NaPosition na = NaPosition::kLast);
std::shared_ptr<arrow::Table> sort(const std::shared_ptr<arrow::Table>& table,
                                   const std::vector<SortKey>& keys,
                                   NaPosition na = NaPosition::kLast);
// One sorted table of sorted tables; rows that are equal keep the order of the tables.
std::shared_ptr<arrow::Table> merge_sorted(const std::vector<std::shared_ptr<arrow::Table>>& tables,
                                           const std::vector<SortKey>& keys,
                                           NaPosition na = NaPosition::kLast);

enum class KeepTies : uint8_t { kFirst, kLast, kAll };
// pandas' nlargest (largest) and nsmallest: the first n rows by the columns, missing last.
std::shared_ptr<arrow::Table> top_rows(const std::shared_ptr<arrow::Table>& table, int64_t n,
                                       const std::vector<std::string>& by, bool largest,
                                       KeepTies keep = KeepTies::kFirst);

// Sample sort. sample_rows: about `n` evenly spread rows of the key columns. splitters: of samples
// of all partitions, the at most n - 1 rows that cut them into n equal parts (sorted, distinct).
// split: rows below the first splitter, ... and from the last one on; every row whose keys equal a
// splitter goes to the right of it. Missing values go with the end that `na` says.
std::shared_ptr<arrow::Table> sample_rows(const std::shared_ptr<arrow::Table>& table,
                                          const std::vector<SortKey>& keys, int64_t n);
std::shared_ptr<arrow::Table> splitters(const std::vector<std::shared_ptr<arrow::Table>>& samples,
                                        const std::vector<SortKey>& keys, int n,
                                        NaPosition na = NaPosition::kLast);
// Always n = splitters rows + 1 tables, or `n` when given (the rest empty).
std::vector<std::shared_ptr<arrow::Table>> split(const std::shared_ptr<arrow::Table>& table,
                                                 const std::vector<SortKey>& keys,
                                                 const std::shared_ptr<arrow::Table>& splitters,
                                                 NaPosition na = NaPosition::kLast, int n = 0);

}  // namespace dusk::kernels::frame
