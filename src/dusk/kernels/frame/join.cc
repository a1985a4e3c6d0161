#include "dusk/kernels/frame/join.h"

#include <arrow/api.h>

#include <algorithm>

#include "dusk/base/error.h"
#include "dusk/data/table.h"
#include "dusk/kernels/frame/arrow_call.h"
#include "dusk/kernels/frame/functions.h"
#include "dusk/kernels/frame/grouper.h"
#include "dusk/kernels/frame/rows.h"
#include "dusk/kernels/frame/sort.h"

namespace dusk::kernels::frame {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;
using TablePtr = std::shared_ptr<arrow::Table>;

// Both sides' keys are compared as values of this type.
TypePtr key_type(const TypePtr& left, const TypePtr& right, const std::string& name) {
  if (left->Equals(*right)) return left;
  auto plain = [](const TypePtr& type) {
    if (type->id() != arrow::Type::DICTIONARY) return normalised_type(type);
    return normalised_type(static_cast<const arrow::DictionaryType&>(*type).value_type());
  };
  TypePtr a = plain(left), b = plain(right);
  TypePtr type = common_type(a, b);
  if (type == nullptr || is_string_type(*a) != is_string_type(*b)) {
    throw base::value_error("[merge] You are trying to merge on " + left->ToString() + " and " +
                            right->ToString() + " columns for key '" + name +
                            "'. If you wish to proceed you should use concat");
  }
  return type;
}

std::vector<TypePtr> key_types(const arrow::Schema& left, const arrow::Schema& right,
                               const JoinSpec& spec) {
  if (spec.left_on.size() != spec.right_on.size() || spec.left_on.empty()) {
    throw base::value_error("[merge] len(left_on) must equal len(right_on), and be at least 1");
  }
  std::vector<TypePtr> types;
  for (size_t k = 0; k < spec.left_on.size(); ++k) {
    types.push_back(key_type(left.field(column_index(left, spec.left_on[k], "merge"))->type(),
                             right.field(column_index(right, spec.right_on[k], "merge"))->type(),
                             spec.left_on[k]));
  }
  return types;
}

std::vector<ArrayPtr> key_arrays(const arrow::Table& table, const std::vector<std::string>& names,
                                 const std::vector<TypePtr>& types) {
  std::vector<ArrayPtr> arrays;
  for (size_t k = 0; k < names.size(); ++k) {
    ArrayPtr array = combined(*table.column(column_index(*table.schema(), names[k], "merge")));
    bool coded = types[k]->id() == arrow::Type::DICTIONARY;
    arrays.push_back(coded ? array : cast_array(decoded(array), types[k], false, "merge"));
  }
  return arrays;
}

void check_rows(int64_t rows) {
  if (rows < static_cast<int64_t>(kNoRow)) return;
  throw base::not_implemented(
      "[merge] 2^32 - 1 rows or more in one partition; use more partitions");
}

// A side's rows by key: the rows of group g are rows[starts[g]] to rows[starts[g + 1]], in order.
struct Built {
  Grouper grouper;
  PoolVector<uint32_t> starts;
  Rows rows;
  bool distinct = true;  // no key twice: rows[starts[g]] is g's only one

  explicit Built(const std::vector<TypePtr>& types) : grouper(types) {}

  void build(const std::vector<ArrayPtr>& keys, int64_t length) {
    check_rows(length);
    KeyBatch batch = grouper.prepare(keys, length);
    PoolVector<uint32_t> groups(static_cast<size_t>(length));
    for (int64_t start = 0; start < length; start += kWindow) {
      grouper.assign(batch, start, std::min(kWindow, length - start), groups.data() + start);
    }
    distinct = grouper.num_groups() == groups.size();
    if (distinct) return;  // group g is row g
    starts.assign(grouper.num_groups() + 1, 0);
    for (uint32_t group : groups) ++starts[group + 1];
    for (size_t g = 1; g < starts.size(); ++g) starts[g] += starts[g - 1];
    rows.resize(groups.size());
    PoolVector<uint32_t> next(starts.begin(), starts.end() - 1);
    for (size_t i = 0; i < groups.size(); ++i) rows[next[groups[i]]++] = static_cast<Row>(i);
  }
};

struct Pairs {
  Rows probe;
  Rows build;
};

// What becomes of a probe row that finds no partner, or of one that does.
enum class Emit : uint8_t { kMatches, kMatchesAndLoners, kFound, kLoners };

Pairs probe_rows(const Built& built, const std::vector<ArrayPtr>& keys, int64_t length, Emit emit) {
  check_rows(length);
  KeyBatch batch = built.grouper.prepare_find(keys, length);
  Pairs pairs;
  bool both = emit == Emit::kMatches || emit == Emit::kMatchesAndLoners;
  pairs.probe.reserve(static_cast<size_t>(length));
  if (both) pairs.build.reserve(static_cast<size_t>(length));
  uint32_t groups[kWindow];
  for (int64_t start = 0; start < length; start += kWindow) {
    int64_t count = std::min(kWindow, length - start);
    built.grouper.find(batch, start, count, groups);
    for (int64_t i = 0; i < count; ++i) {
      auto row = static_cast<Row>(start + i);
      uint32_t group = groups[i];
      if (!both) {
        if ((group != kNoGroup) == (emit == Emit::kFound)) pairs.probe.push_back(row);
      } else if (group == kNoGroup) {
        if (emit == Emit::kMatches) continue;
        pairs.probe.push_back(row);
        pairs.build.push_back(kNoRow);
      } else if (built.distinct) {
        pairs.probe.push_back(row);
        pairs.build.push_back(group);
      } else {
        for (uint32_t at = built.starts[group]; at < built.starts[group + 1]; ++at) {
          pairs.probe.push_back(row);
          pairs.build.push_back(built.rows[at]);
        }
      }
    }
  }
  return pairs;
}

// The position of a column among the keys when its key has one name on both sides; -1 otherwise.
int shared_key(const JoinColumn& column, const JoinSpec& spec) {
  for (size_t k = 0; k < spec.left_on.size(); ++k) {
    if (spec.left_on[k] == column.source && spec.right_on[k] == column.source) {
      return static_cast<int>(k);
    }
  }
  return -1;
}

ArrayPtr patched(const ArrayPtr& values, const ArrayPtr& others, const Rows& rows) {
  PoolVector<uint8_t> there(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) there[i] = rows[i] != kNoRow;
  auto condition = bool_array(there.data(), static_cast<int64_t>(there.size()));
  return call_array("if_else", {condition, values, others});
}

TablePtr gathered(const TablePtr& left, const TablePtr& right, const Rows& left_rows,
                  const Rows& right_rows, const JoinSpec& spec) {
  auto schema = join_schema(*left->schema(), *right->schema(), spec);
  arrow::ChunkedArrayVector columns;
  for (size_t c = 0; c < spec.columns.size(); ++c) {
    const JoinColumn& wanted = spec.columns[c];
    const TablePtr& table = wanted.side == 0 ? left : right;
    const Rows& rows = wanted.side == 0 ? left_rows : right_rows;
    const TypePtr& type = schema->field(static_cast<int>(c))->type();
    int index = column_index(*table->schema(), wanted.source, "merge");
    ArrayPtr values = take(*table->column(index), rows);
    bool holes = std::find(rows.begin(), rows.end(), kNoRow) != rows.end();
    if (holes && shared_key(wanted, spec) >= 0) {
      const TablePtr& other = wanted.side == 0 ? right : left;
      const Rows& other_rows = wanted.side == 0 ? right_rows : left_rows;
      ArrayPtr others =
          take(*other->column(column_index(*other->schema(), wanted.source, "merge")), other_rows);
      bool coded = type->id() == arrow::Type::DICTIONARY;
      TypePtr plain = coded ? static_cast<const arrow::DictionaryType&>(*type).value_type() : type;
      values =
          patched(cast_array(decoded(values), plain), cast_array(decoded(others), plain), rows);
      if (coded) values = call_array("dictionary_encode", {values});
    }
    columns.push_back(std::make_shared<arrow::ChunkedArray>(cast_array(values, type)));
  }
  return arrow::Table::Make(schema, std::move(columns), static_cast<int64_t>(left_rows.size()));
}

// Rows of the build side that no pair names.
Rows without_partner(const Rows& build, int64_t length) {
  PoolVector<uint8_t> seen(static_cast<size_t>(length), 0);
  for (Row row : build) {
    if (row != kNoRow) seen[row] = 1;
  }
  Rows rows;
  for (size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i]) rows.push_back(static_cast<Row>(i));
  }
  return rows;
}

// Orders the pairs of an outer join by their keys.
void sort_pairs(const TablePtr& left, const TablePtr& right, const std::vector<TypePtr>& types,
                const JoinSpec& spec, Rows& left_rows, Rows& right_rows) {
  std::vector<ArrayPtr> lk = key_arrays(*left, spec.left_on, types);
  std::vector<ArrayPtr> rk = key_arrays(*right, spec.right_on, types);
  arrow::FieldVector fields;
  std::vector<ArrayPtr> columns;
  std::vector<SortKey> keys;
  for (size_t k = 0; k < types.size(); ++k) {
    ArrayPtr a = decoded(take(arrow::ChunkedArray(lk[k]), left_rows));
    ArrayPtr b = decoded(take(arrow::ChunkedArray(rk[k]), right_rows));
    columns.push_back(patched(a, b, left_rows));
    keys.push_back({std::to_string(k), true});
    fields.push_back(arrow::field(keys.back().column, columns.back()->type()));
  }
  auto table = arrow::Table::Make(arrow::schema(fields), columns);
  Rows order = sort_indices(*table, keys, NaPosition::kLast);
  Rows sorted_left(order.size()), sorted_right(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    sorted_left[i] = left_rows[order[i]];
    sorted_right[i] = right_rows[order[i]];
  }
  left_rows.swap(sorted_left);
  right_rows.swap(sorted_right);
}

// Inner pairs found from the right side, put into the left side's order (stable counting sort).
void left_order(Rows& left_rows, Rows& right_rows, int64_t left_length) {
  PoolVector<uint32_t> next(static_cast<size_t>(left_length) + 1, 0);
  for (Row row : left_rows) ++next[row + 1];
  for (size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  Rows a(left_rows.size()), b(left_rows.size());
  for (size_t i = 0; i < left_rows.size(); ++i) {
    uint32_t at = next[left_rows[i]]++;
    a[at] = left_rows[i];
    b[at] = right_rows[i];
  }
  left_rows.swap(a);
  right_rows.swap(b);
}

}  // namespace

JoinKind join_kind(const std::string& how) {
  if (how == "inner") return JoinKind::kInner;
  if (how == "left") return JoinKind::kLeft;
  if (how == "right") return JoinKind::kRight;
  if (how == "outer") return JoinKind::kOuter;
  if (how == "leftsemi") return JoinKind::kLeftSemi;
  if (how == "leftanti") return JoinKind::kLeftAnti;
  throw base::value_error("[merge] '" + how +
                          "' is not a valid Merge type: inner, left, right, outer, leftsemi, "
                          "leftanti");
}

std::shared_ptr<arrow::Schema> join_schema(const arrow::Schema& left, const arrow::Schema& right,
                                           const JoinSpec& spec) {
  auto types = key_types(left, right, spec);
  arrow::FieldVector fields;
  for (const JoinColumn& column : spec.columns) {
    const arrow::Schema& side = column.side == 0 ? left : right;
    TypePtr type = side.field(column_index(side, column.source, "merge"))->type();
    int key = shared_key(column, spec);
    if (key >= 0) type = types[static_cast<size_t>(key)];
    fields.push_back(arrow::field(column.name, type));
  }
  return arrow::schema(std::move(fields));
}

TablePtr join(const TablePtr& left, const TablePtr& right, const JoinSpec& spec) {
  auto types = key_types(*left->schema(), *right->schema(), spec);
  auto lk = key_arrays(*left, spec.left_on, types), rk = key_arrays(*right, spec.right_on, types);
  bool from_right = spec.kind == JoinKind::kRight ||
                    (spec.kind == JoinKind::kInner && left->num_rows() * 2 < right->num_rows());
  Built built(types);
  from_right ? built.build(lk, left->num_rows()) : built.build(rk, right->num_rows());
  Emit emit = spec.kind == JoinKind::kInner      ? Emit::kMatches
              : spec.kind == JoinKind::kLeftSemi ? Emit::kFound
              : spec.kind == JoinKind::kLeftAnti ? Emit::kLoners
                                                 : Emit::kMatchesAndLoners;
  Pairs pairs = from_right ? probe_rows(built, rk, right->num_rows(), emit)
                           : probe_rows(built, lk, left->num_rows(), emit);
  Rows& left_rows = from_right ? pairs.build : pairs.probe;
  Rows& right_rows = from_right ? pairs.probe : pairs.build;
  if (from_right && spec.kind == JoinKind::kInner) {
    left_order(left_rows, right_rows, left->num_rows());
  }
  if (spec.kind == JoinKind::kOuter) {
    for (Row row : without_partner(right_rows, right->num_rows())) {
      left_rows.push_back(kNoRow);
      right_rows.push_back(row);
    }
    if (spec.sort_outer) sort_pairs(left, right, types, spec, left_rows, right_rows);
  }
  return gathered(left, right, left_rows, right_rows, spec);
}

struct JoinTable::State {
  TablePtr right;
  JoinSpec spec;
  std::vector<TypePtr> types;
  Built built;

  State(TablePtr table, const arrow::Schema& left, JoinSpec given)
      : right(std::move(table)),
        spec(std::move(given)),
        types(key_types(left, *right->schema(), spec)),
        built(types) {
    if (spec.kind == JoinKind::kRight || spec.kind == JoinKind::kOuter) {
      throw base::value_error(
          "[merge] a broadcast right side serves inner, left, leftsemi and "
          "leftanti joins only");
    }
    built.build(key_arrays(*right, spec.right_on, types), right->num_rows());
  }
};

JoinTable::JoinTable(TablePtr right, const arrow::Schema& left, JoinSpec spec)
    : state_(std::make_unique<State>(std::move(right), left, std::move(spec))) {}
JoinTable::~JoinTable() = default;

TablePtr JoinTable::probe(const TablePtr& left) const {
  const JoinSpec& spec = state_->spec;
  Emit emit = spec.kind == JoinKind::kInner      ? Emit::kMatches
              : spec.kind == JoinKind::kLeftSemi ? Emit::kFound
              : spec.kind == JoinKind::kLeftAnti ? Emit::kLoners
                                                 : Emit::kMatchesAndLoners;
  auto keys = key_arrays(*left, spec.left_on, state_->types);
  Pairs pairs = probe_rows(state_->built, keys, left->num_rows(), emit);
  return gathered(left, state_->right, pairs.probe, pairs.build, spec);
}

}  // namespace dusk::kernels::frame
