// Vectorised hash aggregation, and reductions of whole tables (an aggregation without keys).
//
// An Aggregator streams batches: rows become group numbers (dense codes for small ranges and
// dictionaries, else a linear-probing table over packed keys), then every aggregate walks its
// column once with those numbers. Partial results of several Aggregators are merged directly, or
// travel as state tables.
//
//   tasks:   Aggregator a(spec, schema); a.consume(batch)...; a.to_state_table()
//   or:      a.to_state_tables(n)      -> n tables, groups split by hash, for n parallel merges
//   merge:   Aggregator m(spec, schema); m.consume_state(table)...; m.finish({...})
//
// Missing values (null, NaN) are skipped as in pandas; groups whose key is missing are kept until
// finish(). Results: sum of integers and bools int64 (uint64 for unsigned), of floats double
// (float32 stays), compensated; mean double (float32 stays); count, size, nunique int64; min, max,
// first, last keep their type, strings and timestamps included; var, std double by Welford's and
// Chan's moments; any, all bool; median exact. An Aggregator belongs to one thread at a time.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dusk/kernels/frame/expression.h"

namespace dusk::kernels::frame {

// `function`: sum mean count size min max var std prod first last any all nunique median sem.
// Options: ddof (var, std, sem; default 1), min_count (sum, prod; default 0), dropna (nunique,
// default true), skipna (reductions; default true). `size` needs no column.
struct Aggregate {
  std::string name;  // of the result column
  std::string function;
  std::string column;
  Options options;
};

struct AggregateSpec {
  std::vector<std::string> keys;  // none: one group, made even of no rows
  std::vector<Aggregate> aggregates;
};

// The schema of finish(): keys first, then results. Throws KeyError (nearest names), TypeError (a
// function that the column's type has not), ValueError (unknown function).
std::shared_ptr<arrow::Schema> aggregate_schema(const AggregateSpec& spec,
                                                const arrow::Schema& input);
// The schema of state tables: keys first.
std::shared_ptr<arrow::Schema> aggregate_state_schema(const AggregateSpec& spec,
                                                      const arrow::Schema& input);

class Aggregator {
 public:
  // Throws as aggregate_schema() does. Columns may come with other integer widths of offsets or
  // other dictionaries than `input` says, not with other types.
  Aggregator(const AggregateSpec& spec, const arrow::Schema& input);
  ~Aggregator();
  Aggregator(Aggregator&&) noexcept;
  Aggregator& operator=(Aggregator&&) noexcept;

  void consume(const arrow::RecordBatch& batch);
  void consume(const arrow::Table& table);

  int64_t num_groups() const;

  // All groups' partial states, keys first; order of first appearance.
  std::shared_ptr<arrow::Table> to_state_table() const;
  // The same in `n` tables by a hash of the keys: equal keys of any Aggregator agree on the table.
  std::vector<std::shared_ptr<arrow::Table>> to_state_tables(int n) const;
  // Merges groups of another Aggregator of the same spec. `first` and `last` go by the order in
  // which states and batches are consumed.
  void consume_state(const arrow::Table& state);
  void merge(const Aggregator& other);

  // The result. `sort`: by keys ascending, missing last; otherwise order of first appearance.
  // `dropna`: without groups that have a missing key.
  std::shared_ptr<arrow::Table> finish(bool sort = true, bool dropna = true) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// All at once.
std::shared_ptr<arrow::Table> aggregate(const std::shared_ptr<arrow::Table>& table,
                                        const AggregateSpec& spec, bool sort = true,
                                        bool dropna = true);

}  // namespace dusk::kernels::frame
