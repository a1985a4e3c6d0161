#include <arrow/api.h>

#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/grouper.h"
#include "dusk/kernels/frame/rows.h"

namespace dusk::kernels::frame {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;

// The group of every row.
PoolVector<uint32_t> group_rows(const std::vector<ArrayPtr>& columns, int64_t length,
                                uint32_t* num_groups) {
  std::vector<std::shared_ptr<arrow::DataType>> types;
  for (const ArrayPtr& column : columns) types.push_back(column->type());
  Grouper grouper(types);
  KeyBatch batch = grouper.prepare(columns, length);
  PoolVector<uint32_t> groups(static_cast<size_t>(length));
  for (int64_t start = 0; start < length; start += kWindow) {
    grouper.assign(batch, start, std::min(kWindow, length - start), groups.data() + start);
  }
  *num_groups = grouper.num_groups();
  return groups;
}

// Byte 1 for rows to keep.
PoolVector<uint8_t> kept_rows(const arrow::Table& table, const std::vector<std::string>& subset,
                              Keep keep) {
  std::vector<ArrayPtr> columns;
  for (const std::string& name : subset) {
    columns.push_back(
        combined(*table.column(column_index(*table.schema(), name, "drop_duplicates"))));
  }
  if (subset.empty()) {
    for (const auto& column : table.columns()) columns.push_back(combined(*column));
  }
  uint32_t count = 0;
  PoolVector<uint32_t> groups = group_rows(columns, table.num_rows(), &count);
  PoolVector<uint8_t> kept(groups.size(), 0);
  PoolVector<uint32_t> times(count, 0);
  if (keep == Keep::kNone) {
    for (uint32_t group : groups) ++times[group];
    for (size_t i = 0; i < groups.size(); ++i) kept[i] = times[groups[i]] == 1;
  } else if (keep == Keep::kFirst) {
    for (size_t i = 0; i < groups.size(); ++i) kept[i] = times[groups[i]]++ == 0;
  } else {
    for (size_t i = groups.size(); i-- > 0;) kept[i] = times[groups[i]]++ == 0;
  }
  return kept;
}

}  // namespace

std::shared_ptr<arrow::Table> drop_duplicates(const std::shared_ptr<arrow::Table>& table,
                                              const std::vector<std::string>& subset, Keep keep) {
  if (table->num_columns() == 0) return table;
  PoolVector<uint8_t> kept = kept_rows(*table, subset, keep);
  Rows rows;
  for (size_t i = 0; i < kept.size(); ++i) {
    if (kept[i]) rows.push_back(static_cast<Row>(i));
  }
  return rows.size() == kept.size() ? table : take(table, rows);
}

ArrayPtr duplicated(const std::shared_ptr<arrow::Table>& table,
                    const std::vector<std::string>& subset, Keep keep) {
  PoolVector<uint8_t> kept = kept_rows(*table, subset, keep);
  for (uint8_t& byte : kept) byte ^= 1;
  return bool_array(kept.data(), static_cast<int64_t>(kept.size()));
}

ArrayPtr unique(const arrow::ChunkedArray& column) {
  uint32_t count = 0;
  PoolVector<uint32_t> groups = group_rows({combined(column)}, column.length(), &count);
  Rows rows;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] == rows.size()) rows.push_back(static_cast<Row>(i));
  }
  return take(column, rows);
}

}  // namespace dusk::kernels::frame
