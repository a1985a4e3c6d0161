#include <arrow/api.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/convert.h"
#include "bindings/frame.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

using kernels::frame::ColumnExpr;
using kernels::frame::OptionValue;

arrow::TimeUnit::type time_unit(const data::DType& dtype) {
  switch (dtype.unit) {
    case data::TimeUnit::kSecond: return arrow::TimeUnit::SECOND;
    case data::TimeUnit::kMilli: return arrow::TimeUnit::MILLI;
    case data::TimeUnit::kMicro: return arrow::TimeUnit::MICRO;
    case data::TimeUnit::kNano: return arrow::TimeUnit::NANO;
    default:
      throw base::type_error("[Column.literal] dtype " + dtype.name() + " has no column type");
  }
}

// A NumPy scalar, of just its type.
std::shared_ptr<arrow::Scalar> numpy_scalar(nb::handle value) {
  nb::object numpy = nb::module_::import_("numpy");
  data::NdArray array = array_from_python(numpy.attr("asarray")(value));
  const data::DType& dtype = array.dtype();
  const std::byte* p = array.data();
  auto number = [&](auto type, auto tag) -> std::shared_ptr<arrow::Scalar> {
    using T = decltype(tag);
    auto made = arrow::MakeScalar(type, *reinterpret_cast<const T*>(p));
    data::throw_if_failed(made.status(), "Column.literal");
    return *made;
  };
  switch (dtype.code) {
    case data::TypeCode::kBool:
      return std::make_shared<arrow::BooleanScalar>(*reinterpret_cast<const bool*>(p));
    case data::TypeCode::kInt8: return number(arrow::int8(), int8_t{});
    case data::TypeCode::kInt16: return number(arrow::int16(), int16_t{});
    case data::TypeCode::kInt32: return number(arrow::int32(), int32_t{});
    case data::TypeCode::kInt64: return number(arrow::int64(), int64_t{});
    case data::TypeCode::kUInt8: return number(arrow::uint8(), uint8_t{});
    case data::TypeCode::kUInt16: return number(arrow::uint16(), uint16_t{});
    case data::TypeCode::kUInt32: return number(arrow::uint32(), uint32_t{});
    case data::TypeCode::kUInt64: return number(arrow::uint64(), uint64_t{});
    case data::TypeCode::kFloat32: return number(arrow::float32(), float{});
    case data::TypeCode::kFloat64: return number(arrow::float64(), double{});
    case data::TypeCode::kDatetime64:
    case data::TypeCode::kTimedelta64: {
      int64_t ticks = *reinterpret_cast<const int64_t*>(p);
      bool date = dtype.code == data::TypeCode::kDatetime64;
      auto unit = time_unit(dtype);
      auto type = date ? arrow::timestamp(unit) : arrow::duration(unit);
      if (ticks == INT64_MIN) return arrow::MakeNullScalar(type);
      if (date) return std::make_shared<arrow::TimestampScalar>(ticks, type);
      return std::make_shared<arrow::DurationScalar>(ticks, type);
    }
    default:
      throw base::type_error("[Column.literal] dtype " + dtype.name() + " has no column type");
  }
}

kernels::frame::ColumnPtr literal_of(nb::handle value) {
  if (value.is_none()) return ColumnExpr::literal(arrow::MakeNullScalar(arrow::null()), true);
  if (PyBool_Check(value.ptr())) return ColumnExpr::literal(value.ptr() == Py_True);
  if (PyLong_CheckExact(value.ptr())) return ColumnExpr::literal(nb::cast<int64_t>(value));
  if (PyFloat_CheckExact(value.ptr())) return ColumnExpr::literal(nb::cast<double>(value));
  if (PyUnicode_CheckExact(value.ptr())) return ColumnExpr::literal(nb::cast<std::string>(value));
  if (PyBytes_Check(value.ptr())) {
    auto bytes = nb::cast<nb::bytes>(value);
    return ColumnExpr::literal(std::make_shared<arrow::BinaryScalar>(
        arrow::Buffer::FromString(std::string(bytes.c_str(), bytes.size()))));
  }
  return ColumnExpr::literal(numpy_scalar(value));
}

PyColumn literal(nb::handle value, const std::optional<std::string>& type) {
  auto made = literal_of(value);
  if (!type) return {made};
  auto wanted = kernels::frame::type_from_name(*type);
  if (!made->value()->is_valid) return {ColumnExpr::literal(arrow::MakeNullScalar(wanted))};
  if (made->value()->type->Equals(*wanted)) return {ColumnExpr::literal(made->value())};
  auto cast = made->value()->CastTo(wanted);
  data::throw_if_failed(cast.status(), "Column.literal");
  return {ColumnExpr::literal(*cast)};
}

template <class T>
bool all_are(nb::handle items, bool (*is)(PyObject*)) {
  for (nb::handle item : items) {
    if (!is(item.ptr())) return false;
  }
  return true;
}

OptionValue option_of(nb::handle value) {
  if (value.is_none()) return std::monostate{};
  if (PyBool_Check(value.ptr())) return value.ptr() == Py_True;
  if (PyLong_Check(value.ptr())) return nb::cast<int64_t>(value);
  if (PyFloat_Check(value.ptr())) return nb::cast<double>(value);
  if (PyUnicode_Check(value.ptr())) return nb::cast<std::string>(value);
  if (PyList_Check(value.ptr()) || PyTuple_Check(value.ptr())) {
    if (all_are<bool>(value, [](PyObject* o) { return PyBool_Check(o) != 0; })) {
      return nb::cast<std::vector<bool>>(value);
    }
    if (all_are<int64_t>(value, [](PyObject* o) { return PyLong_Check(o) != 0; })) {
      return nb::cast<std::vector<int64_t>>(value);
    }
    if (all_are<std::string>(value, [](PyObject* o) { return PyUnicode_Check(o) != 0; })) {
      return nb::cast<std::vector<std::string>>(value);
    }
    return nb::cast<std::vector<double>>(value);
  }
  throw base::type_error("[Column.call] an option cannot be a " +
                         std::string(nb::type_name(value.type()).c_str()));
}

PyColumn call(std::string function, const std::vector<PyColumn>& args, nb::handle options) {
  std::vector<kernels::frame::ColumnPtr> columns;
  for (const PyColumn& arg : args) columns.push_back(arg.column);
  return {ColumnExpr::call(std::move(function), std::move(columns), options_of(options))};
}

}  // namespace

kernels::frame::Options options_of(nb::handle options) {
  kernels::frame::Options result;
  if (options.is_none()) return result;
  for (auto [key, value] : nb::cast<nb::dict>(options)) {
    result[nb::cast<std::string>(key)] = option_of(value);
  }
  return result;
}

std::vector<frame::NamedColumn> named_columns_of(nb::handle pairs) {
  std::vector<frame::NamedColumn> columns;
  for (nb::handle pair : pairs) {
    nb::object name = pair[0], column = pair[1];
    columns.emplace_back(nb::cast<std::string>(name), nb::cast<PyColumn>(column).column);
  }
  return columns;
}

void bind_frame_columns(nb::module_& m) {
  nb::class_<PyColumn>(m, "Column", "A row-wise expression over one frame's columns.")
      .def_static("field",
                  [](std::string name) { return PyColumn{ColumnExpr::field(std::move(name))}; })
      .def_static("literal", &literal, nb::arg("value").none(), nb::arg("type") = nb::none())
      .def_static("call", &call, nb::arg("function"), nb::arg("args"),
                  nb::arg("options") = nb::none())
      .def("text", [](const PyColumn& c) { return c.column->text(); })
      .def("__repr__", [](const PyColumn& c) { return c.column->text(); });
  m.def("column_function_names", &kernels::frame::function_names);
}

}  // namespace dusk::bindings
