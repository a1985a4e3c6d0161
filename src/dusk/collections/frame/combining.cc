#include "dusk/collections/frame/combining.h"

#include <arrow/api.h>

#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/collections/frame/layers.h"
#include "dusk/collections/frame/rowwise.h"
#include "dusk/collections/frame/scans.h"

namespace dusk::collections::frame {
namespace {

using graph::Inputs;
using graph::LayerPtr;
using graph::TaskContext;
namespace kernels = dusk::kernels::frame;

// A node that is a lowering function and a way to make itself again.
class Combined : public FrameExpr {
 public:
  using Lower = std::function<LayerPtr(const Combined& self, std::span<const LayerPtr> inputs)>;
  using Remake = std::function<FramePtr(std::vector<FramePtr> inputs)>;
  using Needs = std::function<std::vector<NameSet>(const NameSet& wanted)>;
  Combined(std::string kind, std::string text, base::Token token,
           std::vector<graph::ExprPtr> inputs, std::string prefix, SchemaPtr schema, Names index,
           int64_t npartitions, Lower lower, Remake remake, Needs needs)
      : FrameExpr(token, std::move(inputs), std::move(prefix), std::move(schema), std::move(index),
                  npartitions),
        kind_(std::move(kind)),
        text_(std::move(text)),
        lower_(std::move(lower)),
        remake_(std::move(remake)),
        needs_(std::move(needs)) {}
  std::string_view kind() const override { return kind_; }
  std::string describe() const override { return text_.empty() ? kind_ : kind_ + " " + text_; }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    std::vector<FramePtr> frames;
    for (const auto& input : inputs) frames.push_back(as_frame(input));
    return remake_(std::move(frames));
  }
  std::vector<NameSet> needs(const NameSet& wanted) const override {
    return needs_ ? needs_(wanted) : FrameExpr::needs(wanted);
  }
  graph::LayerPtr lower(std::span<const LayerPtr> inputs) const override {
    return lower_(*this, inputs);
  }

 private:
  std::string kind_, text_;
  Lower lower_;
  Remake remake_;
  Needs needs_;
};

std::vector<graph::ExprPtr> to_exprs(const std::vector<FramePtr>& xs) {
  return {xs.begin(), xs.end()};
}

// Passes through what is wanted, and the given names.
Combined::Needs plus(size_t inputs, Names names) {
  return [inputs, names](const NameSet& wanted) {
    NameSet all = wanted;
    all.insert(names.begin(), names.end());
    return std::vector<NameSet>(inputs, all);
  };
}

// A right side of at most this many rows is joined to every left partition.
constexpr int64_t kBroadcastRows = 500'000;

bool broadcasts(const FrameExpr& right, kernels::JoinKind kind) {
  if (kind == kernels::JoinKind::kRight || kind == kernels::JoinKind::kOuter) return false;
  if (right.block_count() == 1) return true;
  auto rows = right.rows();
  return rows && *rows <= kBroadcastRows;
}

LayerPtr hash_parts(const FrameExpr& self, const char* side, const LayerPtr& input,
                    const Names& keys, int64_t count) {
  auto run = [keys, count](const TaskContext&, Inputs values) {
    return to_list(kernels::hash_partition(table_of(values[0]), keys, static_cast<int>(count)));
  };
  LayerPtr parts =
      partitionwise(std::string("shuffle-split-") + side, inner_token(self.token(), side),
                    table_operation("shuffle-split", run), input->size(), {&input, 1});
  auto gather = [](const TaskContext& context, Inputs values) {
    return to_value(pieces(values, context.index), {});
  };
  base::Token token = base::Tokenizer("shuffle").add(self.token()).add(side).finish();
  return all_to_all(std::string("shuffle-") + side, token,
                    table_operation("shuffle", gather, "", false), parts, count);
}

LayerPtr gather_all(const FrameExpr& self, const char* what, const LayerPtr& input) {
  auto run = [](const TaskContext&, Inputs values) { return to_value(concatenated(values), {}); };
  return all_to_all("concat", inner_token(self.token(), what), table_operation("concat", run),
                    input, 1);
}

}  // namespace

FramePtr merge(const FramePtr& left, const FramePtr& right, const kernels::JoinSpec& spec,
               const Names& index, int64_t npartitions) {
  require_columns("merge", *left, spec.left_on);
  require_columns("merge", *right, spec.right_on);
  auto schema = kernels::join_schema(*left->schema(), *right->schema(), spec)->RemoveMetadata();
  Names levels = index;
  bool numbers = index.empty();
  if (numbers) {
    schema = with_row_number_field(*schema);
    levels = {kRowNumber};
  }
  bool small = broadcasts(*right, spec.kind);
  bool single = left->block_count() == 1 && right->block_count() == 1;
  int64_t count =
      npartitions > 0 ? npartitions : std::max(left->block_count(), right->block_count());
  if (single) count = 1;
  if (small) count = left->block_count();
  auto lower = [spec, numbers, small, single](const Combined& self,
                                              std::span<const LayerPtr> inputs) {
    LayerPtr one = inputs[0], two = inputs[1];
    if (small && two->size() != 1) two = gather_all(self, "build", two);
    if (!small && !single) {
      one = hash_parts(self, "left", one, spec.left_on, self.block_count());
      two = hash_parts(self, "right", two, spec.right_on, self.block_count());
    }
    auto run = [spec, numbers, index = self.index()](const TaskContext&, Inputs values) {
      auto table = kernels::join(table_of(values[0]), table_of(values[1]), spec);
      return to_value(numbers ? with_row_number(table) : table, index);
    };
    std::vector<LayerPtr> sides{one, two};
    return partitionwise("merge", self.token(), table_operation("merge", run), self.block_count(),
                         sides);
  };
  auto remake = [spec, index, npartitions](std::vector<FramePtr> inputs) {
    return merge(inputs[0], inputs[1], spec, index, npartitions);
  };
  auto needs = [spec](const NameSet&) {
    NameSet one(spec.left_on.begin(), spec.left_on.end());
    NameSet two(spec.right_on.begin(), spec.right_on.end());
    for (const auto& column : spec.columns) (column.side == 0 ? one : two).insert(column.source);
    return std::vector<NameSet>{one, two};
  };
  base::Tokenizer token("merge");
  token.add(left->token()).add(right->token()).add(static_cast<int>(spec.kind)).add(npartitions);
  for (const auto& key : spec.left_on) token.add(key);
  for (const auto& key : spec.right_on) token.add(key);
  for (const auto& column : spec.columns) {
    token.add(column.name).add(column.side).add(column.source);
  }
  for (const auto& name : index) token.add(name);
  std::string text = small    ? "small right side joined to every partition"
                     : single ? "one partition"
                              : "both sides partitioned by key";
  return std::make_shared<Combined>("Merge", text, token.finish(), to_exprs({left, right}), "merge",
                                    std::move(schema), std::move(levels), count, lower, remake,
                                    needs);
}

namespace {

LayerPtr lower_sort(const Combined& self, const LayerPtr& input,
                    const std::vector<kernels::SortKey>& keys, kernels::NaPosition na) {
  Names index = self.index();
  auto whole = [keys, na, index](const TaskContext&, Inputs values) {
    return to_value(kernels::sort(concatenated(values), keys, na), index);
  };
  int64_t count = self.block_count();
  if (count == 1) {
    return all_to_all("sort", self.token(), table_operation("sort", whole), input, 1);
  }
  auto sample = [keys](const TaskContext&, Inputs values) {
    return to_value(kernels::sample_rows(table_of(values[0]), keys, 256), {});
  };
  LayerPtr samples =
      partitionwise("sort-sample", inner_token(self.token(), "sample"),
                    table_operation("sort-sample", sample), input->size(), {&input, 1});
  auto choose = [keys, na, count](const TaskContext&, Inputs values) {
    std::vector<std::shared_ptr<arrow::Table>> tables;
    for (const auto& value : values) tables.push_back(table_of(value));
    return to_value(kernels::splitters(tables, keys, static_cast<int>(count), na), {});
  };
  LayerPtr cuts = all_to_all("sort-splitters", inner_token(self.token(), "splitters"),
                             table_operation("sort-splitters", choose), samples, 1);
  auto cut = [keys, na, count](const TaskContext&, Inputs values) {
    return to_list(kernels::split(table_of(values[0]), keys, table_of(values[1]), na,
                                  static_cast<int>(count)));
  };
  std::vector<LayerPtr> both{input, cuts};
  LayerPtr parts = partitionwise("sort-split", inner_token(self.token(), "split"),
                                 table_operation("sort-split", cut), input->size(), both);
  auto finish = [keys, na, index](const TaskContext& context, Inputs values) {
    return to_value(kernels::sort(pieces(values, context.index), keys, na), index);
  };
  return all_to_all("sort", self.token(), table_operation("sort", finish, "", false), parts, count);
}

}  // namespace

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
  int64_t count = x->block_count() == 1 ? 1 : std::max<int64_t>(npartitions, 1);
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

using TableToTable =
    std::function<std::shared_ptr<arrow::Table>(const std::shared_ptr<arrow::Table>&)>;

// The same function on every partition (unless `local` is false), and on all of them together.
FramePtr twice(const std::string& kind, const std::string& prefix, std::string text,
               base::Token token, const FramePtr& x, TableToTable function, bool local,
               Combined::Remake remake, Combined::Needs needs) {
  auto lower = [prefix, function, local](const Combined& self, std::span<const LayerPtr> inputs) {
    Names index = self.index();
    LayerPtr layer = inputs[0];
    if (local && layer->size() > 1) {
      auto run = [function](const TaskContext&, Inputs values) {
        return to_value(function(table_of(values[0])), {});
      };
      layer = partitionwise(prefix + "-partial", inner_token(self.token(), "partial"),
                            table_operation(prefix + "-partial", run), layer->size(), {&layer, 1});
    }
    auto run = [function, index](const TaskContext&, Inputs values) {
      return to_value(function(concatenated(values)), index);
    };
    return all_to_all(prefix, self.token(), table_operation(prefix, run), layer, 1);
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
  auto run = [n, by, descending, keep](const std::shared_ptr<arrow::Table>& table) {
    return kernels::top_rows(table, n, by, descending, keep);
  };
  auto remake = [n, by, descending, keep](std::vector<FramePtr> inputs) {
    return largest(inputs[0], n, by, descending, keep);
  };
  return twice("Largest", descending ? "nlargest" : "nsmallest", std::to_string(n), token.finish(),
               x, run, true, remake, plus(1, by));
}

FramePtr head(const FramePtr& x, int64_t n, int64_t npartitions) {
  base::Tokenizer token("head");
  token.add(x->token()).add(n).add(npartitions);
  auto run = [n](const std::shared_ptr<arrow::Table>& table) {
    return n < 0 ? table->Slice(0, std::max<int64_t>(table->num_rows() + n, 0))
                 : table->Slice(0, n);
  };
  auto remake = [n, npartitions](std::vector<FramePtr> inputs) {
    return head(inputs[0], n, npartitions);
  };
  FramePtr from = x;
  if (npartitions > 0 && npartitions < x->block_count()) {
    std::vector<int64_t> first;
    for (int64_t i = 0; i < npartitions; ++i) first.push_back(i);
    from = partitions(x, first);
  }
  return twice("Head", "head", std::to_string(n), token.finish(), from, run, n >= 0, remake,
               plus(1, {}));
}

FramePtr tail(const FramePtr& x, int64_t n) {
  base::Tokenizer token("tail");
  token.add(x->token()).add(n);
  auto run = [n](const std::shared_ptr<arrow::Table>& table) {
    int64_t rows = table->num_rows();
    return n < 0 ? table->Slice(std::min(-n, rows)) : table->Slice(std::max<int64_t>(rows - n, 0));
  };
  auto remake = [n](std::vector<FramePtr> inputs) { return tail(inputs[0], n); };
  return twice("Tail", "tail", std::to_string(n), token.finish(), x, run, n >= 0, remake,
               plus(1, {}));
}

FramePtr drop_duplicates(const FramePtr& x, const Names& subset, kernels::Keep keep) {
  require_columns("drop_duplicates", *x, subset);
  Names by = subset.empty() ? x->columns() : subset;
  base::Tokenizer token("drop-duplicates");
  token.add(x->token()).add(static_cast<int>(keep));
  for (const auto& name : by) token.add(name);
  auto run = [by, keep](const std::shared_ptr<arrow::Table>& table) {
    return kernels::drop_duplicates(table, by, keep);
  };
  auto remake = [by, keep](std::vector<FramePtr> inputs) {
    return drop_duplicates(inputs[0], by, keep);
  };
  return twice("DropDuplicates", "drop_duplicates", "", token.finish(), x, run,
               keep != kernels::Keep::kNone, remake, plus(1, by));
}

namespace {

// Frames that others read too may have kept more columns than the rest.
std::vector<FramePtr> only_common(const std::vector<FramePtr>& xs) {
  Names common;
  for (const std::string& name : xs[0]->names()) {
    bool everywhere = std::all_of(xs.begin(), xs.end(), [&](const FramePtr& x) {
      return x->schema()->GetFieldIndex(name) >= 0;
    });
    if (everywhere) common.push_back(name);
  }
  std::vector<FramePtr> result;
  for (const FramePtr& x : xs) {
    std::vector<NamedColumn> index, columns;
    for (const std::string& name : common) {
      bool level = std::find(x->index().begin(), x->index().end(), name) != x->index().end();
      (level ? index : columns).emplace_back(name, kernels::ColumnExpr::field(name));
    }
    result.push_back(x->names() == common ? x : project(x, columns, index));
  }
  return result;
}

}  // namespace

FramePtr concat(const std::vector<FramePtr>& xs) {
  if (xs.empty()) throw base::value_error("[concat] needs at least one frame");
  if (xs.size() == 1) return xs[0];
  base::Tokenizer token("concat");
  int64_t count = 0;
  for (const auto& x : xs) {
    token.add(x->token());
    count += x->block_count();
    if (!x->schema()->Equals(*xs[0]->schema(), false)) {
      throw base::value_error("[concat] frames have different schemas:\n" +
                              xs[0]->schema()->ToString() + "\nand\n" + x->schema()->ToString());
    }
  }
  auto lower = [](const Combined& self, std::span<const LayerPtr> inputs) {
    return chained("concat", self.token(), {inputs.begin(), inputs.end()});
  };
  auto remake = [](std::vector<FramePtr> inputs) { return concat(only_common(inputs)); };
  return std::make_shared<Combined>("ConcatFrames", std::to_string(xs.size()), token.finish(),
                                    to_exprs(xs), "concat", xs[0]->schema(), xs[0]->index(), count,
                                    lower, remake, plus(xs.size(), {}));
}

FramePtr partitions(const FramePtr& x, const std::vector<int64_t>& numbers) {
  base::Tokenizer token("partitions");
  token.add(x->token()).add(std::span<const int64_t>(numbers));
  for (int64_t n : numbers) {
    if (n < 0 || n >= x->block_count()) {
      throw base::index_error("[partitions] partition " + std::to_string(n) +
                              " is out of range for " + std::to_string(x->block_count()) +
                              " partitions");
    }
  }
  auto lower = [numbers](const Combined& self, std::span<const LayerPtr> inputs) -> LayerPtr {
    return std::make_shared<graph::PickLayer>("partitions", self.token(), inputs[0], numbers);
  };
  auto remake = [numbers](std::vector<FramePtr> inputs) { return partitions(inputs[0], numbers); };
  return std::make_shared<Combined>(
      "Partitions", std::to_string(numbers.size()), token.finish(), to_exprs({x}), "partitions",
      x->schema(), x->index(), static_cast<int64_t>(numbers.size()), lower, remake, plus(1, {}));
}

FramePtr repartition(const FramePtr& x, const std::vector<std::vector<int64_t>>& groups) {
  base::Tokenizer token("repartition");
  token.add(x->token());
  for (const auto& group : groups) token.add(std::span<const int64_t>(group));
  auto lower = [groups](const Combined& self, std::span<const LayerPtr> inputs) {
    auto run = [index = self.index()](const TaskContext&, Inputs values) {
      return to_value(concatenated(values), index);
    };
    return grouped("repartition", self.token(), table_operation("repartition", run), inputs[0],
                   groups);
  };
  auto remake = [groups](std::vector<FramePtr> inputs) { return repartition(inputs[0], groups); };
  return std::make_shared<Combined>(
      "Repartition", std::to_string(groups.size()), token.finish(), to_exprs({x}), "repartition",
      x->schema(), x->index(), static_cast<int64_t>(groups.size()), lower, remake, plus(1, {}));
}

FramePtr map_partitions(graph::OperationPtr operation, const std::vector<FramePtr>& inputs,
                        SchemaPtr schema, Names index, const std::string& name,
                        const std::string& token) {
  if (inputs.empty()) throw base::value_error("[" + name + "] needs at least one frame");
  int64_t count = 1;
  base::Tokenizer t("map-partitions");
  t.add(name).add(token);
  for (const auto& input : inputs) {
    t.add(input->token());
    if (input->block_count() == 1) continue;
    if (count != 1 && input->block_count() != count) {
      throw base::value_error("[" + name + "] frames have " + std::to_string(count) + " and " +
                              std::to_string(input->block_count()) +
                              " partitions; repartition one of them");
    }
    count = input->block_count();
  }
  auto lower = [operation, name](const Combined& self, std::span<const LayerPtr> layers) {
    return partitionwise(name, self.token(), operation, self.block_count(), layers);
  };
  auto remake = [operation, schema, index, name, token](std::vector<FramePtr> frames) {
    return map_partitions(operation, frames, schema, index, name, token);
  };
  return std::make_shared<Combined>("MapPartitions", operation->detail(), t.finish(),
                                    to_exprs(inputs), name, schema, index, count, lower, remake,
                                    Combined::Needs());
}

}  // namespace dusk::collections::frame
