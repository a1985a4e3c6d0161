#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/array.h"
#include "bindings/convert.h"
#include "bindings/frame.h"
#include "bindings/object.h"
#include "bindings/python_operation.h"
#include "dusk/base/error.h"
#include "dusk/collections/array/map_blocks.h"
#include "dusk/collections/frame/combining.h"
#include "dusk/collections/frame/layers.h"

namespace dusk::bindings {
namespace {

// Tables, and the partition's number behind them when asked.
class TableArguments : public ArgumentBuilder {
 public:
  explicit TableArguments(bool with_number) : with_number_(with_number) {}
  nb::object build(const graph::TaskContext& context, graph::Inputs inputs) const override {
    nb::list arguments;
    for (const data::Value& value : inputs) arguments.append(value_to_python(value));
    if (with_number_) arguments.append(context.index);
    return nb::tuple(arguments);
  }
  bool index_free() const override { return !with_number_; }

 private:
  bool with_number_;
};

data::Value as_table(nb::handle result) { return data::Value(table_from_python(result)); }

nb::object map_partitions(nb::object function, nb::handle inputs, nb::handle schema,
                          const std::vector<std::string>& index, const std::string& name,
                          const std::string& token, bool partition_info) {
  auto operation = make_python_operation(std::move(function), name,
                                         std::make_shared<TableArguments>(partition_info),
                                         "a Python function over pandas partitions", &as_table);
  return wrap_frame(frame::map_partitions(std::move(operation), frames_of(inputs),
                                          schema_from_python(schema)->RemoveMetadata(), index, name,
                                          token));
}

nb::list map_to_objects(nb::object function, nb::handle inputs, const std::string& name,
                        const std::string& token) {
  std::vector<frame::FramePtr> frames = frames_of(inputs);
  int64_t count = 1;
  for (const auto& x : frames) count = std::max(count, x->block_count());
  nb::object call = nb::module_::import_("dusk._core").attr("object_call");
  nb::list results;
  for (int64_t i = 0; i < count; ++i) {
    nb::list blocks;
    base::Tokenizer t("map-to-objects");
    t.add(token).add(i);
    for (const auto& x : frames) {
      t.add(x->token());
      blocks.append(nb::cast(PyObjectExpr{{object_block(x, x->block_count() == 1 ? 0 : i)}}));
    }
    results.append(
        call(function, blocks, nb::arg("name") = name, nb::arg("token") = t.finish().hex()));
  }
  return results;
}

// Columns side by side, cast to one type; missing values are NaN.
template <class T, class ArrowType>
data::NdArray matrix(const arrow::Table& table, const std::vector<std::string>& columns,
                     const data::DType& dtype) {
  auto width = static_cast<int64_t>(columns.size());
  data::NdArray out = data::NdArray::empty(dtype, {table.num_rows(), width});
  auto type = arrow::TypeTraits<ArrowType>::type_singleton();
  for (int64_t c = 0; c < width; ++c) {
    auto column = table.GetColumnByName(columns[static_cast<size_t>(c)]);
    arrow::compute::CastOptions options = arrow::compute::CastOptions::Unsafe(type);
    auto cast = arrow::compute::Cast(column, options);
    data::throw_if_failed(cast.status(), "to_dask_array");
    T* p = out.as<T>() + c;
    for (const auto& chunk : cast->chunked_array()->chunks()) {
      const auto& values =
          static_cast<const typename arrow::TypeTraits<ArrowType>::ArrayType&>(*chunk);
      for (int64_t i = 0; i < values.length(); ++i, p += width) {
        *p = values.IsNull(i) ? static_cast<T>(NAN) : static_cast<T>(values.Value(i));
      }
    }
  }
  return out;
}

data::NdArray to_matrix(const arrow::Table& table, const std::vector<std::string>& columns,
                        const data::DType& dtype) {
  switch (dtype.code) {
    case data::TypeCode::kFloat64: return matrix<double, arrow::DoubleType>(table, columns, dtype);
    case data::TypeCode::kFloat32: return matrix<float, arrow::FloatType>(table, columns, dtype);
    case data::TypeCode::kInt64: return matrix<int64_t, arrow::Int64Type>(table, columns, dtype);
    case data::TypeCode::kInt32: return matrix<int32_t, arrow::Int32Type>(table, columns, dtype);
    case data::TypeCode::kInt16: return matrix<int16_t, arrow::Int16Type>(table, columns, dtype);
    case data::TypeCode::kInt8: return matrix<int8_t, arrow::Int8Type>(table, columns, dtype);
    case data::TypeCode::kUInt64: return matrix<uint64_t, arrow::UInt64Type>(table, columns, dtype);
    case data::TypeCode::kUInt32: return matrix<uint32_t, arrow::UInt32Type>(table, columns, dtype);
    case data::TypeCode::kUInt16: return matrix<uint16_t, arrow::UInt16Type>(table, columns, dtype);
    case data::TypeCode::kUInt8: return matrix<uint8_t, arrow::UInt8Type>(table, columns, dtype);
    case data::TypeCode::kBool: return matrix<bool, arrow::BooleanType>(table, columns, dtype);
    default:
      throw base::not_implemented("[to_dask_array] columns of dtype " + dtype.name() +
                                  " have no native conversion (docs/status.md)");
  }
}

nb::object to_array(nb::handle x, const std::vector<std::string>& columns, const std::string& dtype,
                    const std::optional<std::vector<int64_t>>& lengths) {
  frame::FramePtr input = frame_of(x);
  data::DType type = data::DType::parse(dtype);
  auto run = [columns, type](const graph::TaskContext&, graph::Inputs values) {
    return data::Value(to_matrix(*frame::table_of(values[0]), columns, type));
  };
  auto operation = frame::table_operation("to-array", run, type.name());
  std::vector<int64_t> rows(static_cast<size_t>(input->block_count()), array::kUnknown);
  if (lengths) rows = *lengths;
  std::vector<std::vector<int64_t>> sizes{rows, {static_cast<int64_t>(columns.size())}};
  array::Chunks chunks = array::Chunks::from_sizes(sizes);
  base::Tokenizer token("to-array");
  for (const auto& column : columns) token.add(column);
  return wrap_array(array::map_partitions(operation, input, type, std::move(chunks), "to-array",
                                          token.finish().hex()));
}

}  // namespace

void bind_frame_map(nb::module_& m) {
  m.def("frame_map_partitions", &map_partitions, nb::arg("function"), nb::arg("inputs"),
        nb::arg("schema"), nb::arg("index"), nb::kw_only(), nb::arg("name"), nb::arg("token"),
        nb::arg("partition_info") = false);
  m.def("frame_map_to_objects", &map_to_objects, nb::arg("function"), nb::arg("inputs"),
        nb::kw_only(), nb::arg("name"), nb::arg("token"));
  m.def("frame_to_array", &to_array, nb::arg("x"), nb::arg("columns"), nb::arg("dtype"),
        nb::arg("lengths").none());
}

}  // namespace dusk::bindings
