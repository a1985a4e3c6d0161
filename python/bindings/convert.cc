#include "bindings/convert.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/callable_bytes.h"
#include "bindings/gil.h"
#include "bindings/object_bytes.h"
#include "bindings/pickling.h"
#include "dusk/base/error.h"

namespace dusk::bindings {

bool try_array_value(nb::handle object, data::Value* out);  // convert_array.cc

SharedObject::~SharedObject() {
  if (!object_ || !python_alive()) return;
  HoldGil gil;
  Py_DECREF(object_);
}

int64_t PyForeign::nbytes() const {
  if (!python_alive()) return 0;
  HoldGil gil;
  return object_bytes(get());
}

std::string PyForeign::type_name() const {
  HoldGil gil;
  return nb::type_name(get().type()).c_str();
}

data::Frames PyForeign::to_frames() const {
  HoldGil gil;
  try {
    return pickled(get());
  } catch (nb::python_error& error) {
    throw base::type_error("[to_frames] an object of type " + type_name() +
                           " cannot be pickled: " + error.what());
  }
}

data::Value foreign_from_frames(const data::Frames& frames) {
  HoldGil gil;
  try {
    nb::object function = marked_function(frames);
    if (function.is_valid()) return foreign_value(std::move(function));
    return value_from_python(unpickled(frames.header, frames.buffers));
  } catch (nb::python_error& error) {
    throw base::value_error(std::string("[from_frames] unpickling failed: ") + error.what());
  }
}

data::Value value_from_python(nb::handle object) {
  if (object.is_none()) return {};
  data::Value array;
  if (try_array_value(object, &array)) return array;
  if (nb::isinstance<PyTable>(object)) return nb::inst_ptr<PyTable>(object)->table;
  return foreign_value(nb::borrow(object));
}

data::Value foreign_value(nb::object object) {
  if (object.is_none()) return {};
  return std::shared_ptr<const data::ForeignObject>(std::make_shared<PyForeign>(std::move(object)));
}

data::Value native_value(const data::Value& value) {
  if (!value.is_foreign()) return value;
  HoldGil gil;
  return value_from_python(foreign_to_python(value));
}

nb::object value_to_python(data::Value value) {
  if (value.is_none()) return nb::none();
  if (value.is_array()) {
    data::NdArray array = value.array();
    value = {};
    return array_to_python(std::move(array));
  }
  if (value.is_table()) return nb::cast(PyTable{value.table()});
  if (value.is_foreign()) return foreign_to_python(value);
  nb::list list;
  for (const data::Value& v : value.list()) list.append(value_to_python(v));
  return list;
}

nb::object foreign_to_python(const data::Value& value) {
  auto python = dynamic_cast<const PyForeign*>(value.foreign().get());
  if (!python) throw base::type_error("an object of another language than Python");
  return nb::borrow(python->get());
}

}  // namespace dusk::bindings
