#include "bindings/object_bytes.h"

#include <algorithm>

namespace dusk::bindings {
namespace {

constexpr int kDepth = 4;
constexpr Py_ssize_t kSample = 16;       // items of a container that are looked at
constexpr Py_ssize_t kPlainItems = 256;  // of a container that is still plain
constexpr int64_t kObject = 48;          // bytes of a small one, more or less

bool is_scalar(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  return object == Py_None || type == &PyLong_Type || type == &PyFloat_Type ||
         type == &PyBool_Type || type == &PyComplex_Type;
}

int64_t text_bytes(PyObject* object) {
  PyTypeObject* type = Py_TYPE(object);
  if (type == &PyUnicode_Type) {
    return kObject + PyUnicode_GET_LENGTH(object) * static_cast<int64_t>(PyUnicode_KIND(object));
  }
  if (type == &PyBytes_Type) return kObject + PyBytes_GET_SIZE(object);
  return -1;
}

int64_t asked_bytes(PyObject* object) {
  try {
    nb::handle given(object);
    if (PyObject_HasAttrString(object, "nbytes")) {
      return nb::cast<int64_t>(nb::int_(given.attr("nbytes")));
    }
    if (PyObject_HasAttrString(object, "memory_usage")) {
      nb::object usage = given.attr("memory_usage")();
      if (nb::hasattr(usage, "sum")) usage = usage.attr("sum")();
      return nb::cast<int64_t>(nb::int_(usage));
    }
    return nb::cast<int64_t>(nb::module_::import_("sys").attr("getsizeof")(given));
  } catch (nb::python_error&) {
    return 0;
  } catch (nb::cast_error&) {
    return 0;
  }
}

int64_t bytes_of(PyObject* object, int depth);

// A sample of a list's or tuple's items, evenly spread, counts for all.
int64_t items_bytes(PyObject* sequence, int depth) {
  Py_ssize_t size = Py_SIZE(sequence);
  bool list = PyList_CheckExact(sequence);
  Py_ssize_t count = std::min(size, kSample);
  int64_t sum = 0;
  for (Py_ssize_t i = 0; i < count && i < Py_SIZE(sequence); ++i) {
    Py_ssize_t at = i * size / count;
    if (at >= Py_SIZE(sequence)) break;  // somebody's nbytes has changed the list
    PyObject* item = list ? PyList_GET_ITEM(sequence, at) : PyTuple_GET_ITEM(sequence, at);
    Py_INCREF(item);
    sum += bytes_of(item, depth - 1);
    Py_DECREF(item);
  }
  return kObject + 8 * size + (count ? sum * size / count : 0);
}

int64_t dict_bytes(PyObject* dict, int depth) {
  Py_ssize_t size = PyDict_Size(dict);
  nb::list sample;
  PyObject* key = nullptr;
  PyObject* value = nullptr;
  Py_ssize_t at = 0;
  for (Py_ssize_t i = 0; i < kSample && PyDict_Next(dict, &at, &key, &value); ++i) {
    sample.append(nb::handle(key));
    sample.append(nb::handle(value));
  }
  int64_t sum = 0;
  for (nb::handle item : sample) sum += bytes_of(item.ptr(), depth - 1);
  auto looked_at = static_cast<Py_ssize_t>(nb::len(sample) / 2);
  return kObject + 50 * size + (looked_at ? sum * size / looked_at : 0);
}

int64_t bytes_of(PyObject* object, int depth) {
  if (is_scalar(object)) return 28;
  int64_t text = text_bytes(object);
  if (text >= 0) return text;
  if (depth > 0) {
    if (PyList_CheckExact(object) || PyTuple_CheckExact(object)) return items_bytes(object, depth);
    if (PyDict_CheckExact(object)) return dict_bytes(object, depth);
  }
  return asked_bytes(object);
}

// Takes what `object` needs from `left`; false when that is not enough, or it is not plain.
bool take_plain(PyObject* object, int64_t* left, int depth) {
  int64_t text = is_scalar(object) ? 28 : text_bytes(object);
  if (text >= 0) return (*left -= text) >= 0;
  if (depth == 0) return false;
  if (PyList_CheckExact(object) || PyTuple_CheckExact(object)) {
    if (Py_SIZE(object) > kPlainItems) return false;
    for (Py_ssize_t i = 0; i < Py_SIZE(object); ++i) {
      PyObject* item =
          PyList_CheckExact(object) ? PyList_GET_ITEM(object, i) : PyTuple_GET_ITEM(object, i);
      if (!take_plain(item, left, depth - 1)) return false;
    }
    return true;
  }
  if (PyDict_CheckExact(object)) {
    if (PyDict_Size(object) > kPlainItems) return false;
    PyObject* key = nullptr;
    PyObject* value = nullptr;
    for (Py_ssize_t at = 0; PyDict_Next(object, &at, &key, &value);) {
      if (!take_plain(key, left, 0) || !take_plain(value, left, depth - 1)) return false;
    }
    return true;
  }
  return false;
}

}  // namespace

int64_t object_bytes(nb::handle object) { return bytes_of(object.ptr(), kDepth); }

bool small_and_plain(nb::handle object, int64_t bytes_max) {
  return take_plain(object.ptr(), &bytes_max, kDepth);
}

}  // namespace dusk::bindings
