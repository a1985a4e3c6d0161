#include "dusk/collections/frame/matrix.h"

#include <arrow/api.h>
#include <arrow/compute/api.h>

#include <cmath>

#include "dusk/collections/frame/codecs.h"
#include "dusk/collections/frame/table_operation.h"

namespace dusk::collections::frame {
namespace {

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

struct TableMatrix {
  static constexpr std::string_view kCodec = "frame.matrix";
  static constexpr size_t kInputs = 1;
  Names columns;
  data::DType dtype;

  static auto members(auto& self) { return std::tie(self.columns, self.dtype); }
  std::string text() const { return dtype.name(); }
  data::Value run(const graph::TaskContext&, graph::Inputs values) const {
    return data::Value(to_matrix(*table_of(values[0]), columns, dtype));
  }
};

}  // namespace

graph::OperationPtr matrix_operation(const Names& columns, const data::DType& dtype) {
  return table_operation("to-array", TableMatrix{columns, dtype});
}

void add_matrix_codecs(graph::Codecs& codecs) { add_table_operations<TableMatrix>(codecs); }

}  // namespace dusk::collections::frame
