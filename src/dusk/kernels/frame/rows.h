// Moving whole rows: gather, hash partition, concatenate, duplicates.
//
// Rows of one table are numbered by 32 bits; tables of 2^32 - 1 rows and more are refused with
// NotImplementedError (use more partitions).
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dusk/kernels/frame/pool_vector.h"

namespace dusk::kernels::frame {

using Row = uint32_t;
using Rows = PoolVector<Row>;
constexpr Row kNoRow = 0xFFFFFFFF;  // in gathers: a row of missing values

// The rows at `rows`, in that order; kNoRow gives nulls. Columns of the result have one chunk.
std::shared_ptr<arrow::Table> take(const std::shared_ptr<arrow::Table>& table,
                                   std::span<const Row> rows);
std::shared_ptr<arrow::Array> take(const arrow::ChunkedArray& column, std::span<const Row> rows);

// Splits rows by a hash of the key columns into `n` tables (order kept in each). Equal keys, and
// missing ones, go to one place, whatever table, process or integer width they come from: int32 7,
// int64 7 and double 7.0 agree, and so do string, large_string and dictionaries of them.
std::vector<std::shared_ptr<arrow::Table>> hash_partition(
    const std::shared_ptr<arrow::Table>& table, const std::vector<std::string>& keys, int n);

// Tables after each other, in chunks (no copy); schemas must be equal but for dictionaries.
std::shared_ptr<arrow::Table> concatenate(const std::vector<std::shared_ptr<arrow::Table>>& tables);

enum class Keep : uint8_t { kFirst, kLast, kNone };
// Rows whose key (all columns when `subset` is empty) occurs first, last, or only once; in order.
// Missing equals missing.
std::shared_ptr<arrow::Table> drop_duplicates(const std::shared_ptr<arrow::Table>& table,
                                              const std::vector<std::string>& subset, Keep keep);
// One boolean a row: true for those that drop_duplicates would remove.
std::shared_ptr<arrow::Array> duplicated(const std::shared_ptr<arrow::Table>& table,
                                         const std::vector<std::string>& subset, Keep keep);
// Distinct values in order of first appearance; one missing value at most.
std::shared_ptr<arrow::Array> unique(const arrow::ChunkedArray& column);

}  // namespace dusk::kernels::frame
