// Rows in order: sorts, the largest, the first and the last, distinct ones.
#include <arrow/api.h>

#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/collections/frame/codecs.h"
#include "dusk/collections/frame/combined_expr.h"
#include "dusk/collections/frame/combining.h"
#include "dusk/collections/frame/layers.h"
#include "dusk/collections/frame/table_operation.h"

namespace dusk::collections::frame {
namespace {

using graph::Inputs;
using graph::LayerPtr;
using graph::TaskContext;
namespace kernels = dusk::kernels::frame;
using kernels::NaPosition;
using kernels::SortKey;
using TablePtr = std::shared_ptr<arrow::Table>;

constexpr int64_t kPartitionsMax = int64_t{1} << 30;

void require_partitions(int64_t count) {
  if (count < 1 || count > kPartitionsMax) throw graph::Decoder::damaged();
}

// All rows, sorted.
struct SortTables {
  static constexpr std::string_view kCodec = "frame.sort";
  static constexpr size_t kInputs = 1;
  std::vector<SortKey> keys;
  NaPosition na = NaPosition::kLast;
  Names index;

  static auto members(auto& self) { return std::tie(self.keys, self.na, self.index); }
  data::Value run(const TaskContext&, Inputs values) const {
    return to_value(kernels::sort(concatenated(values), keys, na), index);
  }
};

// The rows of the task's range, sorted.
struct SortPieces {
  static constexpr std::string_view kCodec = "frame.sort-pieces";
  static constexpr size_t kInputs = 1;
  static constexpr bool kIndexFree = false;
  std::vector<SortKey> keys;
  NaPosition na = NaPosition::kLast;
  Names index;

  static auto members(auto& self) { return std::tie(self.keys, self.na, self.index); }
  data::Value run(const TaskContext& context, Inputs values) const {
    return to_value(kernels::sort(pieces(values, context.index), keys, na), index);
  }
};

struct SampleRows {
  static constexpr std::string_view kCodec = "frame.sample-rows";
  static constexpr size_t kInputs = 1;
  static constexpr int64_t kRows = 256;
  std::vector<SortKey> keys;

  static auto members(auto& self) { return std::tie(self.keys); }
  data::Value run(const TaskContext&, Inputs values) const {
    return to_value(kernels::sample_rows(table_of(values[0]), keys, kRows), {});
  }
};

struct ChooseSplitters {
  static constexpr std::string_view kCodec = "frame.splitters";
  static constexpr size_t kInputs = 1;
  std::vector<SortKey> keys;
  NaPosition na = NaPosition::kLast;
  int64_t count = 1;

  static auto members(auto& self) { return std::tie(self.keys, self.na, self.count); }
  void check() const { require_partitions(count); }
  data::Value run(const TaskContext&, Inputs values) const {
    std::vector<TablePtr> tables;
    for (const auto& value : values) tables.push_back(table_of(value));
    return to_value(kernels::splitters(tables, keys, static_cast<int>(count), na), {});
  }
};

struct SplitRows {
  static constexpr std::string_view kCodec = "frame.split-rows";
  static constexpr size_t kInputs = 2;
  std::vector<SortKey> keys;
  NaPosition na = NaPosition::kLast;
  int64_t count = 1;

  static auto members(auto& self) { return std::tie(self.keys, self.na, self.count); }
  void check() const { require_partitions(count); }
  data::Value run(const TaskContext&, Inputs values) const {
    return to_list(kernels::split(table_of(values[0]), keys, table_of(values[1]), na,
                                  static_cast<int>(count)));
  }
};

// A function from table to table, of all inputs after each other.
template <class Function>
struct OfTables {
  static constexpr std::string_view kCodec = Function::kCodec;
  static constexpr size_t kInputs = 1;
  Function function;
  Names index;

  static auto members(auto& self) { return std::tie(self.function, self.index); }
  data::Value run(const TaskContext&, Inputs values) const {
    TablePtr table = values.size() == 1 ? table_of(values[0]) : concatenated(values);
    return to_value(function(table), index);
  }
};

struct TopRows {
  static constexpr std::string_view kCodec = "frame.top-rows";
  int64_t n = 0;
  Names by;
  bool descending = true;
  kernels::KeepTies keep = kernels::KeepTies::kFirst;

  static auto members(auto& self) { return std::tie(self.n, self.by, self.descending, self.keep); }
  TablePtr operator()(const TablePtr& table) const {
    return kernels::top_rows(table, n, by, descending, keep);
  }
};

// The first n rows, or all but the last -n.
struct FirstRows {
  static constexpr std::string_view kCodec = "frame.first-rows";
  int64_t n = 0;

  static auto members(auto& self) { return std::tie(self.n); }
  TablePtr operator()(const TablePtr& table) const {
    return table->Slice(0, n < 0 ? std::max<int64_t>(table->num_rows() + n, 0) : n);
  }
};

// The last n rows, or all but the first -n.
struct LastRows {
  static constexpr std::string_view kCodec = "frame.last-rows";
  int64_t n = 0;

  static auto members(auto& self) { return std::tie(self.n); }
  TablePtr operator()(const TablePtr& table) const {
    int64_t rows = table->num_rows();
    return table->Slice(n < 0 ? std::min(-n, rows) : std::max<int64_t>(rows - n, 0));
  }
};

struct DistinctRows {
  static constexpr std::string_view kCodec = "frame.distinct-rows";
  Names by;
  kernels::Keep keep = kernels::Keep::kFirst;

  static auto members(auto& self) { return std::tie(self.by, self.keep); }
  TablePtr operator()(const TablePtr& table) const {
    return kernels::drop_duplicates(table, by, keep);
  }
};

LayerPtr lower_sort(const Combined& self, const LayerPtr& input,
                    const std::vector<kernels::SortKey>& keys, kernels::NaPosition na) {
  Names index = self.index();
  int64_t count = self.block_count();
  if (count == 1) {
    return all_to_all("sort", self.token(), table_operation("sort", SortTables{keys, na, index}),
                      input, 1);
  }
  LayerPtr samples =
      partitionwise("sort-sample", inner_token(self.token(), "sample"),
                    table_operation("sort-sample", SampleRows{keys}), input->size(), {&input, 1});
  LayerPtr cuts =
      all_to_all("sort-splitters", inner_token(self.token(), "splitters"),
                 table_operation("sort-splitters", ChooseSplitters{keys, na, count}), samples, 1);
  std::vector<LayerPtr> both{input, cuts};
  LayerPtr parts =
      partitionwise("sort-split", inner_token(self.token(), "split"),
                    table_operation("sort-split", SplitRows{keys, na, count}), input->size(), both);
  return all_to_all("sort", self.token(), table_operation("sort", SortPieces{keys, na, index}),
                    parts, count);
}

}  // namespace

void add_sorting_codecs(graph::Codecs& codecs) {
  add_table_operations<SortTables, SortPieces, SampleRows, ChooseSplitters, SplitRows,
                       OfTables<TopRows>, OfTables<FirstRows>, OfTables<LastRows>,
                       OfTables<DistinctRows>>(codecs);
}

FramePtr sort(const FramePtr& x, const std::vector<kernels::SortKey>& keys, kernels::NaPosition na,
              int64_t npartitions) {
  Names by;
  base::Tokenizer token("sort");
  token.add(x->token()).add(static_cast<int>(na)).add(npartitions);
  for (const auto& key : keys) {
    by.push_back(key.column);
    token.add(key.column).add(key.ascending);
  }
  require_columns("sort_values", *x, by);
  int64_t count = std::max<int64_t>(npartitions, 1);
  auto lower = [keys, na](const Combined& self, std::span<const LayerPtr> inputs) {
    return lower_sort(self, inputs[0], keys, na);
  };
  auto remake = [keys, na, npartitions](std::vector<FramePtr> inputs) {
    return sort(inputs[0], keys, na, npartitions);
  };
  std::string text = "by";
  for (const auto& key : keys) text += " " + key.column + (key.ascending ? "" : " descending");
  return std::make_shared<Combined>("Sort", text, token.finish(), to_exprs({x}), "sort",
                                    x->schema(), x->index(), count, lower, remake, plus(1, by));
}

namespace {

// The same function on every partition (unless `local` is false), and on all of them together.
template <class Function>
FramePtr twice(const std::string& kind, const std::string& prefix, std::string text,
               base::Token token, const FramePtr& x, Function function, bool local,
               Combined::Remake remake, Combined::Needs needs) {
  auto lower = [prefix, function, local](const Combined& self, std::span<const LayerPtr> inputs) {
    LayerPtr layer = inputs[0];
    if (local && layer->size() > 1) {
      layer = partitionwise(prefix + "-partial", inner_token(self.token(), "partial"),
                            table_operation(prefix + "-partial", OfTables<Function>{function, {}}),
                            layer->size(), {&layer, 1});
    }
    return all_to_all(prefix, self.token(),
                      table_operation(prefix, OfTables<Function>{function, self.index()}), layer,
                      1);
  };
  return std::make_shared<Combined>(kind, std::move(text), token, to_exprs({x}), prefix,
                                    x->schema(), x->index(), 1, lower, std::move(remake),
                                    std::move(needs));
}

}  // namespace

FramePtr largest(const FramePtr& x, int64_t n, const Names& by, bool descending,
                 kernels::KeepTies keep) {
  require_columns(descending ? "nlargest" : "nsmallest", *x, by);
  base::Tokenizer token("largest");
  token.add(x->token()).add(n).add(descending).add(static_cast<int>(keep));
  for (const auto& name : by) token.add(name);
  auto remake = [n, by, descending, keep](std::vector<FramePtr> inputs) {
    return largest(inputs[0], n, by, descending, keep);
  };
  return twice("Largest", descending ? "nlargest" : "nsmallest", std::to_string(n), token.finish(),
               x, TopRows{n, by, descending, keep}, true, remake, plus(1, by));
}

FramePtr head(const FramePtr& x, int64_t n, int64_t npartitions) {
  base::Tokenizer token("head");
  token.add(x->token()).add(n).add(npartitions);
  auto remake = [n, npartitions](std::vector<FramePtr> inputs) {
    return head(inputs[0], n, npartitions);
  };
  FramePtr from = x;
  if (npartitions > 0 && npartitions < x->block_count()) {
    std::vector<int64_t> first;
    for (int64_t i = 0; i < npartitions; ++i) first.push_back(i);
    from = partitions(x, first);
  }
  return twice("Head", "head", std::to_string(n), token.finish(), from, FirstRows{n}, n >= 0,
               remake, plus(1, {}));
}

FramePtr tail(const FramePtr& x, int64_t n) {
  base::Tokenizer token("tail");
  token.add(x->token()).add(n);
  auto remake = [n](std::vector<FramePtr> inputs) { return tail(inputs[0], n); };
  return twice("Tail", "tail", std::to_string(n), token.finish(), x, LastRows{n}, n >= 0, remake,
               plus(1, {}));
}

FramePtr drop_duplicates(const FramePtr& x, const Names& subset, kernels::Keep keep) {
  require_columns("drop_duplicates", *x, subset);
  Names by = subset.empty() ? x->columns() : subset;
  base::Tokenizer token("drop-duplicates");
  token.add(x->token()).add(static_cast<int>(keep));
  for (const auto& name : by) token.add(name);
  auto remake = [by, keep](std::vector<FramePtr> inputs) {
    return drop_duplicates(inputs[0], by, keep);
  };
  return twice("DropDuplicates", "drop_duplicates", "", token.finish(), x, DistinctRows{by, keep},
               keep != kernels::Keep::kNone, remake, plus(1, by));
}

}  // namespace dusk::collections::frame
