#include <arrow/api.h>
#include <arrow/c/abi.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>

#include "bindings/convert.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

constexpr const char* kStreamCapsule = "arrow_array_stream";
constexpr const char* kSchemaCapsule = "arrow_schema";

struct PySchema {
  std::shared_ptr<arrow::Schema> schema;
};

template <class Struct>
void release(PyObject* capsule) {
  auto* held = static_cast<Struct*>(PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule)));
  if (held->release) held->release(held);
  delete held;
}

template <class Struct>
nb::object capsule_of(std::unique_ptr<Struct> held, const char* name) {
  nb::object capsule = nb::steal(PyCapsule_New(held.get(), name, release<Struct>));
  if (!capsule.is_valid()) throw nb::python_error();
  held.release();
  return capsule;
}

template <class Struct>
Struct* held_by(nb::handle capsule, const char* name) {
  void* held = PyCapsule_GetPointer(capsule.ptr(), name);
  if (!held) throw nb::python_error();
  return static_cast<Struct*>(held);
}

nb::object table_stream(const PyTable& self, nb::handle) {
  auto stream = std::make_unique<ArrowArrayStream>();
  data::export_table(*self.table, stream.get());
  return capsule_of(std::move(stream), kStreamCapsule);
}

nb::object schema_capsule(const PySchema& self) {
  auto schema = std::make_unique<ArrowSchema>();
  data::export_schema(*self.schema, schema.get());
  return capsule_of(std::move(schema), kSchemaCapsule);
}

PyTable make_table(nb::handle stream, std::vector<std::string> index) {
  data::TablePtr table = table_from_python(stream);
  if (index.empty() || index == table->index_columns()) return {table};
  for (const std::string& name : index) {
    if (table->schema()->GetFieldIndex(name) < 0) {
      throw base::key_error("[table] the index column '" + name + "' is not in the stream");
    }
  }
  return {
      std::make_shared<const data::Table>(table->arrow(), std::move(index), table->range_start())};
}

}  // namespace

data::TablePtr table_from_python(nb::handle object) {
  if (nb::isinstance<PyTable>(object)) return nb::inst_ptr<PyTable>(object)->table;
  if (!nb::hasattr(object, "__arrow_c_stream__")) {
    throw base::type_error("[table] a " + std::string(nb::type_name(object.type()).c_str()) +
                           " has no __arrow_c_stream__; pyarrow and pandas tables have one");
  }
  nb::object capsule = object.attr("__arrow_c_stream__")();
  return data::import_table(held_by<ArrowArrayStream>(capsule, kStreamCapsule));
}

std::shared_ptr<arrow::Schema> schema_from_python(nb::handle object) {
  if (nb::isinstance<PySchema>(object)) return nb::inst_ptr<PySchema>(object)->schema;
  if (!nb::hasattr(object, "__arrow_c_schema__")) {
    throw base::type_error("[schema] a " + std::string(nb::type_name(object.type()).c_str()) +
                           " has no __arrow_c_schema__; a pyarrow.Schema has one");
  }
  nb::object capsule = object.attr("__arrow_c_schema__")();
  return data::import_schema(held_by<ArrowSchema>(capsule, kSchemaCapsule));
}

nb::object schema_to_python(std::shared_ptr<arrow::Schema> schema) {
  return nb::cast(PySchema{std::move(schema)});
}

void bind_convert(nb::module_& m) {
  nb::class_<PyTable>(m, "Table", "An in-memory partition. Speaks the Arrow C stream protocol.")
      .def("__arrow_c_stream__", &table_stream, nb::arg("requested_schema") = nb::none())
      .def_prop_ro("num_rows", [](const PyTable& t) { return t.table->num_rows(); })
      .def_prop_ro("nbytes", [](const PyTable& t) { return t.table->nbytes(); })
      .def_prop_ro("index", [](const PyTable& t) { return t.table->index_columns(); })
      .def_prop_ro("range_start", [](const PyTable& t) { return t.table->range_start(); });
  nb::class_<PySchema>(m, "Schema", "Column names and types. Speaks the Arrow C schema protocol.")
      .def("__arrow_c_schema__", &schema_capsule);
  nb::module_ testing = m.def_submodule("testing", "Conversions by themselves, for the tests.");
  testing.def(
      "array_roundtrip", [](nb::handle array) { return array_to_python(array_from_python(array)); },
      nb::arg("array"), "The array, having been the engine's.");
  testing.def(
      "frames_roundtrip",
      [](nb::handle object) {
        data::Frames frames = data::to_frames(value_from_python(object));
        return value_to_python(data::from_frames(frames, &foreign_from_frames));
      },
      nb::arg("object"), "The object, having been frames.");
  m.def("table", &make_table, nb::arg("stream"), nb::arg("index") = std::vector<std::string>(),
        "From any object with __arrow_c_stream__; no copy.");
}

}  // namespace dusk::bindings
