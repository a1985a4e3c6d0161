#include "dusk/collections/frame/combining.h"

#include <arrow/api.h>

#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/collections/frame/codecs.h"
#include "dusk/collections/frame/combined_expr.h"
#include "dusk/collections/frame/layers.h"
#include "dusk/collections/frame/rowwise.h"
#include "dusk/collections/frame/scans.h"
#include "dusk/collections/frame/table_operation.h"

namespace dusk::collections::frame {
namespace {

using graph::Inputs;
using graph::LayerPtr;
using graph::TaskContext;
namespace kernels = dusk::kernels::frame;

// A right side of at most this many rows is joined to every left partition.
constexpr int64_t kBroadcastRows = 500'000;

bool broadcasts(const FrameExpr& right, kernels::JoinKind kind) {
  if (kind == kernels::JoinKind::kRight || kind == kernels::JoinKind::kOuter) return false;
  if (right.block_count() == 1) return true;
  auto rows = right.rows();
  return rows && *rows <= kBroadcastRows;
}

struct HashPartition {
  static constexpr std::string_view kCodec = "frame.hash-partition";
  static constexpr size_t kInputs = 1;
  Names keys;
  int64_t count = 1;

  static auto members(auto& self) { return std::tie(self.keys, self.count); }
  void check() const {
    if (count < 1 || count > kPiecesMax) throw graph::Decoder::damaged();
  }
  data::Value run(const TaskContext&, Inputs values) const {
    return to_list(kernels::hash_partition(table_of(values[0]), keys, static_cast<int>(count)));
  }
  static constexpr int64_t kPiecesMax = int64_t{1} << 30;
};

// The pieces of the task's number.
struct GatherPieces {
  static constexpr std::string_view kCodec = "frame.gather-pieces";
  static constexpr size_t kInputs = 1;
  static constexpr bool kIndexFree = false;

  static auto members(auto&) { return std::tie(); }
  data::Value run(const TaskContext& context, Inputs values) const {
    return to_value(pieces(values, context.index), {});
  }
};

struct ConcatenateTables {
  static constexpr std::string_view kCodec = "frame.concatenate";
  static constexpr size_t kInputs = 1;
  Names index;

  static auto members(auto& self) { return std::tie(self.index); }
  data::Value run(const TaskContext&, Inputs values) const {
    return to_value(concatenated(values), index);
  }
};

struct JoinTables {
  static constexpr std::string_view kCodec = "frame.join";
  static constexpr size_t kInputs = 2;
  kernels::JoinSpec spec;
  bool numbers = false;  // the index is a new row number
  Names index;

  static auto members(auto& self) { return std::tie(self.spec, self.numbers, self.index); }
  void check() const {
    bool fits = spec.left_on.size() == spec.right_on.size();
    for (const auto& column : spec.columns) fits &= column.side == 0 || column.side == 1;
    if (!fits) throw graph::Decoder::damaged();
  }
  data::Value run(const TaskContext&, Inputs values) const {
    auto table = kernels::join(table_of(values[0]), table_of(values[1]), spec);
    return to_value(numbers ? with_row_number(table) : table, index);
  }
};

LayerPtr hash_parts(const FrameExpr& self, const char* side, const LayerPtr& input,
                    const Names& keys, int64_t count) {
  LayerPtr parts = partitionwise(
      std::string("shuffle-split-") + side, inner_token(self.token(), side),
      table_operation("shuffle-split", HashPartition{keys, count}), input->size(), {&input, 1});
  base::Token token = base::Tokenizer("shuffle").add(self.token()).add(side).finish();
  return all_to_all(std::string("shuffle-") + side, token,
                    table_operation("shuffle", GatherPieces{}), parts, count);
}

LayerPtr gather_all(const FrameExpr& self, const char* what, const LayerPtr& input) {
  return all_to_all("concat", inner_token(self.token(), what),
                    table_operation("concat", ConcatenateTables{}), input, 1);
}

}  // namespace

void add_combining_codecs(graph::Codecs& codecs) {
  add_table_operations<HashPartition, GatherPieces, ConcatenateTables, JoinTables>(codecs);
}

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
    std::vector<LayerPtr> sides{one, two};
    return partitionwise("merge", self.token(),
                         table_operation("merge", JoinTables{spec, numbers, self.index()}),
                         self.block_count(), sides);
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
    return grouped("repartition", self.token(),
                   table_operation("repartition", ConcatenateTables{self.index()}), inputs[0],
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
