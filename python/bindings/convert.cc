#include "bindings/convert.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/gil.h"
#include "dusk/base/error.h"

namespace dusk::bindings {

bool try_array_value(nb::handle object, data::Value* out);  // convert_array.cc

SharedObject::~SharedObject() {
  if (!object_ || !python_alive()) return;
  HoldGil gil;
  Py_DECREF(object_);
}

namespace {

nb::object pickled(nb::handle object, nb::list& buffers) {
  nb::object collect = buffers.attr("append");
  try {
    return nb::module_::import_("pickle").attr("dumps")(object, nb::arg("protocol") = 5,
                                                        nb::arg("buffer_callback") = collect);
  } catch (nb::python_error&) {
    buffers.attr("clear")();
  }
  return nb::module_::import_("cloudpickle")
      .attr("dumps")(object, nb::arg("protocol") = 5, nb::arg("buffer_callback") = collect);
}

data::BufferPtr raw_buffer(nb::handle pickle_buffer) {
  nb::object memory = pickle_buffer.attr("raw")();
  const Py_buffer* view = PyMemoryView_GET_BUFFER(memory.ptr());
  const void* data = view->buf;
  auto size = static_cast<size_t>(view->len);
  return data::Buffer::wrap(data, size, std::make_shared<SharedObject>(std::move(memory)));
}

}  // namespace

int64_t PyForeign::nbytes() const {
  if (!python_alive()) return 0;
  HoldGil gil;
  try {
    if (nb::hasattr(get(), "nbytes")) return nb::cast<int64_t>(nb::int_(get().attr("nbytes")));
    if (nb::hasattr(get(), "memory_usage")) {
      nb::object usage = get().attr("memory_usage")();
      if (nb::hasattr(usage, "sum")) usage = usage.attr("sum")();
      return nb::cast<int64_t>(nb::int_(usage));
    }
    return nb::cast<int64_t>(nb::module_::import_("sys").attr("getsizeof")(get()));
  } catch (nb::python_error&) {
    return 0;
  } catch (nb::cast_error&) {
    return 0;
  }
}

std::string PyForeign::type_name() const {
  HoldGil gil;
  return nb::type_name(get().type()).c_str();
}

data::Frames PyForeign::to_frames() const {
  HoldGil gil;
  try {
    nb::list buffers;
    nb::object pickle = pickled(get(), buffers);
    data::Frames frames;
    frames.header.assign(PyBytes_AS_STRING(pickle.ptr()),
                         static_cast<size_t>(PyBytes_GET_SIZE(pickle.ptr())));
    for (nb::handle buffer : buffers) frames.buffers.push_back(raw_buffer(buffer));
    return frames;
  } catch (nb::python_error& error) {
    throw base::type_error("[to_frames] an object of type " + type_name() +
                           " cannot be pickled: " + error.what());
  }
}

data::Value foreign_from_frames(const data::Frames& frames) {
  HoldGil gil;
  nb::list buffers;
  for (const data::BufferPtr& buffer : frames.buffers) {
    auto size = static_cast<int64_t>(buffer->size());
    buffers.append(array_to_python(data::NdArray(data::DType::of(data::TypeCode::kUInt8), {size},
                                                 {1}, buffer, buffer->data())));
  }
  try {
    nb::bytes pickle(frames.header.data(), frames.header.size());
    return value_from_python(
        nb::module_::import_("pickle").attr("loads")(pickle, nb::arg("buffers") = buffers));
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
