// What frame operations are made of, as fields of their bytes.
#pragma once

#include "dusk/collections/frame/frame_expr.h"
#include "dusk/graph/fields.h"
#include "dusk/io/csv.h"
#include "dusk/kernels/frame/aggregate.h"
#include "dusk/kernels/frame/join.h"
#include "dusk/kernels/frame/rows.h"
#include "dusk/kernels/frame/sort.h"

namespace dusk::graph {

namespace frame_kernels = kernels::frame;

template <>
struct LastOf<frame_kernels::NaPosition> {
  static constexpr auto value = frame_kernels::NaPosition::kLast;
};
template <>
struct LastOf<frame_kernels::KeepTies> {
  static constexpr auto value = frame_kernels::KeepTies::kAll;
};
template <>
struct LastOf<frame_kernels::Keep> {
  static constexpr auto value = frame_kernels::Keep::kNone;
};
template <>
struct LastOf<frame_kernels::JoinKind> {
  static constexpr auto value = frame_kernels::JoinKind::kLeftAnti;
};

template <>
struct Field<std::shared_ptr<arrow::Schema>> {
  static void write(Encoder& out, const std::shared_ptr<arrow::Schema>& schema);
  static std::shared_ptr<arrow::Schema> read(Decoder& in);
};
// Expressions that others share are written once. Null is refused.
template <>
struct Field<frame_kernels::ColumnPtr> {
  static void write(Encoder& out, const frame_kernels::ColumnPtr& column);
  static frame_kernels::ColumnPtr read(Decoder& in);
};
template <>
struct Field<frame_kernels::OptionValue> {
  static void write(Encoder& out, const frame_kernels::OptionValue& value);
  static frame_kernels::OptionValue read(Decoder& in);
};

template <>
struct Members<frame_kernels::SortKey> {
  static auto of(auto& k) { return std::tie(k.column, k.ascending); }
};
template <>
struct Members<frame_kernels::JoinColumn> {
  static auto of(auto& c) { return std::tie(c.name, c.side, c.source); }
};
template <>
struct Members<frame_kernels::JoinSpec> {
  static auto of(auto& s) {
    return std::tie(s.kind, s.left_on, s.right_on, s.columns, s.sort_outer);
  }
};
template <>
struct Members<frame_kernels::Aggregate> {
  static auto of(auto& a) { return std::tie(a.name, a.function, a.column, a.options); }
};
template <>
struct Members<frame_kernels::AggregateSpec> {
  static auto of(auto& s) { return std::tie(s.keys, s.aggregates); }
};
template <>
struct Members<io::CsvBlock> {
  static auto of(auto& b) { return std::tie(b.path, b.offset, b.length); }
};
template <>
struct Members<io::CsvOptions> {
  static auto of(auto& o) { return std::tie(o.separator, o.quote, o.header, o.names, o.na_values); }
};

}  // namespace dusk::graph
