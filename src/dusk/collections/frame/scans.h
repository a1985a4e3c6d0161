// Where rows come from: tables in memory, Parquet, CSV.
#pragma once

#include "dusk/collections/frame/frame_expr.h"
#include "dusk/io/csv.h"

namespace dusk::collections::frame {

// The hidden index of scans: a row's number in its partition.
inline const std::string kRowNumber = "__index__";
// The table, and the schema, with that column in front, counting from `first`.
std::shared_ptr<arrow::Table> with_row_number(const std::shared_ptr<arrow::Table>& table,
                                              int64_t first = 0);
SchemaPtr with_row_number_field(const arrow::Schema& schema);

// One partition a table; schemas must be equal.
FramePtr from_tables(std::vector<data::TablePtr> tables, const std::string& token,
                     std::string prefix);
// `split`: row groups a partition, 0 for whole files. Files whose schemas differ are refused with
// ValueError naming both and the first differing column.
FramePtr read_parquet(const Names& paths, const std::optional<Names>& columns, const Names& index,
                      int split);
FramePtr read_csv(const Names& paths, const SchemaPtr& schema, const io::CsvOptions& options,
                  int64_t blocksize);

// A Parquet scan that skips row groups which `predicate` rules out, by their statistics; null for
// other nodes. Rows that do not match may still come out.
FramePtr with_predicate(const graph::ExprPtr& scan, const ColumnPtr& predicate);

// A Parquet scan that gives text columns as dictionaries, whose values are hashed once for each
// row group instead of once a row; null for other nodes and for columns that are no text.
FramePtr with_dictionaries(const graph::ExprPtr& scan, const NameSet& columns);

}  // namespace dusk::collections::frame
