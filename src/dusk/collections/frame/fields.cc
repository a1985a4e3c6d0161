#include "dusk/collections/frame/fields.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>

#include <algorithm>
#include <unordered_map>

namespace dusk::graph {

using frame_kernels::ColumnExpr;
using frame_kernels::ColumnKind;
using frame_kernels::ColumnPtr;
using frame_kernels::OptionValue;
using ScalarPtr = std::shared_ptr<arrow::Scalar>;

namespace {

constexpr int kColumnDepthMax = 1000;

template <class T>
T value_of(arrow::Result<T> result) {
  data::throw_if_failed(result.status(), "decode");
  return std::move(result).ValueUnsafe();
}

// ---- literals: those of Python scalars in short, all others as a table of one row

enum class Literal : uint8_t { kInteger, kReal, kBool, kText, kOther };

void write_literal(Encoder& out, const arrow::Scalar& scalar) {
  auto kind = [&](Literal k) { out.integer(static_cast<int64_t>(k)); };
  if (scalar.is_valid && scalar.type->id() == arrow::Type::INT64) {
    kind(Literal::kInteger);
    return out.integer(static_cast<const arrow::Int64Scalar&>(scalar).value);
  }
  if (scalar.is_valid && scalar.type->id() == arrow::Type::DOUBLE) {
    kind(Literal::kReal);
    return out.real(static_cast<const arrow::DoubleScalar&>(scalar).value);
  }
  if (scalar.is_valid && scalar.type->id() == arrow::Type::BOOL) {
    kind(Literal::kBool);
    return out.boolean(static_cast<const arrow::BooleanScalar&>(scalar).value);
  }
  if (scalar.is_valid && scalar.type->id() == arrow::Type::LARGE_STRING) {
    kind(Literal::kText);
    return out.text(static_cast<const arrow::LargeStringScalar&>(scalar).view());
  }
  kind(Literal::kOther);
  auto array = value_of(arrow::MakeArrayFromScalar(scalar, 1));
  auto schema = arrow::schema({arrow::field("literal", scalar.type)});
  out.value(std::make_shared<const data::Table>(arrow::Table::Make(schema, {array})));
}

ScalarPtr read_literal(Decoder& in) {
  switch (in.choice(Literal::kOther)) {
    case Literal::kInteger: return std::make_shared<arrow::Int64Scalar>(in.integer());
    case Literal::kReal: return std::make_shared<arrow::DoubleScalar>(in.real());
    case Literal::kBool: return std::make_shared<arrow::BooleanScalar>(in.boolean());
    case Literal::kText: return std::make_shared<arrow::LargeStringScalar>(in.string());
    case Literal::kOther: break;
  }
  auto table = in.value().table()->arrow();
  if (table->num_columns() != 1 || table->num_rows() != 1) throw Decoder::damaged();
  return value_of(table->column(0)->GetScalar(0));
}

// ---- expressions: nodes after those that they read, named by their places

using Places = std::unordered_map<const ColumnExpr*, size_t>;

void collect(const ColumnPtr& column, std::vector<const ColumnExpr*>& nodes, Places& places) {
  if (places.contains(column.get())) return;
  for (const ColumnPtr& arg : column->args()) collect(arg, nodes, places);
  places.emplace(column.get(), nodes.size());
  nodes.push_back(column.get());
}

void write_node(Encoder& out, const ColumnExpr& node, const Places& places) {
  out.integer(static_cast<int64_t>(node.kind()));
  if (node.kind() == ColumnKind::kLiteral) {
    write_literal(out, *node.value());
    return out.boolean(node.weak());
  }
  out.text(node.name());
  if (node.kind() == ColumnKind::kField) return;
  out.count(node.args().size());
  for (const ColumnPtr& arg : node.args()) out.count(places.at(arg.get()));
  write_field(out, node.options());
}

struct ReadNode {
  ColumnPtr column;
  int depth = 0;
};

ReadNode read_node(Decoder& in, const std::vector<ReadNode>& before) {
  ColumnKind kind = in.choice(ColumnKind::kCall);
  if (kind == ColumnKind::kLiteral) {
    ScalarPtr value = read_literal(in);
    return {ColumnExpr::literal(std::move(value), in.boolean())};
  }
  std::string name = in.string();
  if (kind == ColumnKind::kField) return {ColumnExpr::field(std::move(name))};
  ReadNode node;
  std::vector<ColumnPtr> args;
  for (size_t left = in.length(); left > 0; --left) {
    uint64_t place = in.count();
    if (place >= before.size()) throw Decoder::damaged();
    args.push_back(before[place].column);
    node.depth = std::max(node.depth, before[place].depth + 1);
  }
  if (node.depth > kColumnDepthMax) throw Decoder::damaged();
  node.column =
      ColumnExpr::call(std::move(name), std::move(args), read_field<frame_kernels::Options>(in));
  return node;
}

template <size_t I = 0>
OptionValue read_option(Decoder& in, size_t kind) {
  if constexpr (I == std::variant_size_v<OptionValue>) {
    throw Decoder::damaged();
  } else {
    using T = std::variant_alternative_t<I, OptionValue>;
    if (kind != I) return read_option<I + 1>(in, kind);
    if constexpr (std::is_same_v<T, std::monostate>)
      return std::monostate();
    else
      return read_field<T>(in);
  }
}

}  // namespace

void Field<std::shared_ptr<arrow::Schema>>::write(Encoder& out,
                                                  const std::shared_ptr<arrow::Schema>& schema) {
  auto bytes = value_of(arrow::ipc::SerializeSchema(*schema));
  out.text({reinterpret_cast<const char*>(bytes->data()), static_cast<size_t>(bytes->size())});
}

std::shared_ptr<arrow::Schema> Field<std::shared_ptr<arrow::Schema>>::read(Decoder& in) {
  std::string bytes = in.string();  // aligned memory
  auto buffer = std::make_shared<arrow::Buffer>(reinterpret_cast<const uint8_t*>(bytes.data()),
                                                static_cast<int64_t>(bytes.size()));
  arrow::io::BufferReader reader(buffer);
  arrow::ipc::DictionaryMemo memo;
  return value_of(arrow::ipc::ReadSchema(&reader, &memo));
}

void Field<ColumnPtr>::write(Encoder& out, const ColumnPtr& column) {
  std::vector<const ColumnExpr*> nodes;
  Places places;
  collect(column, nodes, places);
  out.count(nodes.size());
  for (const ColumnExpr* node : nodes) write_node(out, *node, places);
}

ColumnPtr Field<ColumnPtr>::read(Decoder& in) {
  std::vector<ReadNode> nodes;
  for (size_t left = in.length(); left > 0; --left) nodes.push_back(read_node(in, nodes));
  if (nodes.empty()) throw Decoder::damaged();
  return nodes.back().column;
}

void Field<OptionValue>::write(Encoder& out, const OptionValue& value) {
  out.count(value.index());
  std::visit(
      [&]<class T>(const T& held) {
        if constexpr (!std::is_same_v<T, std::monostate>) write_field(out, held);
      },
      value);
}

OptionValue Field<OptionValue>::read(Decoder& in) {
  return read_option(in, static_cast<size_t>(in.count()));
}

}  // namespace dusk::graph
