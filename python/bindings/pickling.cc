#include "bindings/pickling.h"

#include <array>
#include <memory>

#include "bindings/convert.h"
#include "bindings/plain_pickle.h"

namespace dusk::bindings {
namespace {

PyObject* dumps = nullptr;  // these live as long as the module
PyObject* loads = nullptr;
PyObject* callback_name = nullptr;
PyObject* buffers_name = nullptr;
PyObject* protocol = nullptr;

constexpr std::string_view kMain = "__main__";

nb::object dumped(nb::handle with, nb::handle object, nb::list& buffers) {
  nb::object collect = buffers.attr("append");
  std::array<PyObject*, 3> arguments{object.ptr(), protocol, collect.ptr()};
  PyObject* made = PyObject_Vectorcall(with.ptr(), arguments.data(), 2, callback_name);
  if (!made) throw nb::python_error();
  return nb::steal(made);
}

std::string_view text_of(nb::handle bytes) {
  return {PyBytes_AS_STRING(bytes.ptr()), static_cast<size_t>(PyBytes_GET_SIZE(bytes.ptr()))};
}

nb::object pickle_of(nb::handle object, nb::list& buffers) {
  try {
    nb::object pickle = dumped(dumps, object, buffers);
    if (text_of(pickle).find(kMain) == std::string_view::npos) return pickle;
  } catch (nb::python_error&) {  // cloudpickle's error is the better one
  }
  buffers.attr("clear")();
  return dumped(nb::module_::import_("cloudpickle").attr("dumps"), object, buffers);
}

data::BufferPtr raw_buffer(nb::handle pickle_buffer) {
  nb::object memory = pickle_buffer.attr("raw")();
  const Py_buffer* view = PyMemoryView_GET_BUFFER(memory.ptr());
  const void* data = view->buf;
  auto size = static_cast<size_t>(view->len);
  return data::Buffer::wrap(data, size, std::make_shared<SharedObject>(std::move(memory)));
}

}  // namespace

data::Frames pickled(nb::handle object, std::string_view prefix) {
  data::Frames frames;
  frames.header = prefix;
  if (write_plain(object, frames.header)) return frames;
  frames.header.clear();
  nb::list buffers;
  nb::object pickle = pickle_of(object, buffers);
  std::string_view text = text_of(pickle);
  frames.header.reserve(prefix.size() + text.size());
  frames.header.append(prefix).append(text);
  for (nb::handle buffer : buffers) frames.buffers.push_back(raw_buffer(buffer));
  return frames;
}

nb::object unpickled(std::string_view pickle, std::vector<data::BufferPtr> buffers) {
  nb::object plain = read_plain(pickle);
  if (plain.is_valid()) return plain;
  nb::object text = nb::steal(PyMemoryView_FromMemory(
      const_cast<char*>(pickle.data()), static_cast<Py_ssize_t>(pickle.size()), PyBUF_READ));
  if (!text.is_valid()) throw nb::python_error();
  nb::object views;
  if (!buffers.empty()) {
    nb::list list;
    for (data::BufferPtr& buffer : buffers) list.append(view_of(std::move(buffer)));
    views = std::move(list);
  }
  std::array<PyObject*, 2> arguments{text.ptr(), views.ptr()};
  PyObject* made =
      PyObject_Vectorcall(loads, arguments.data(), 1, views.is_valid() ? buffers_name : nullptr);
  if (!made) throw nb::python_error();
  return nb::steal(made);
}

nb::object view_of(data::BufferPtr buffer) {
  auto size = static_cast<int64_t>(buffer->size());
  std::byte* data = buffer->data();
  data::DType bytes = data::DType::of(data::TypeCode::kUInt8);
  return array_to_python(data::NdArray(bytes, {size}, {1}, std::move(buffer), data));
}

void bind_pickling(nb::module_&) {
  nb::module_ pickle = nb::module_::import_("_pickle");
  dumps = nb::object(pickle.attr("dumps")).release().ptr();
  loads = nb::object(pickle.attr("loads")).release().ptr();
  callback_name = nb::make_tuple("buffer_callback").release().ptr();
  buffers_name = nb::make_tuple("buffers").release().ptr();
  protocol = nb::int_(5).release().ptr();
}

}  // namespace dusk::bindings
