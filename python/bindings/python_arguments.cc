#include "bindings/python_arguments.h"

#include "bindings/convert.h"
#include "bindings/pickling.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

// Puts values in the places that were kept for them.
class Places {
 public:
  Places(nb::handle place, std::vector<nb::object> values)
      : place_(place), values_(std::move(values)) {}

  // The object itself where nothing in it is a place.
  nb::object fill(nb::handle given) const {
    PyObject* object = given.ptr();
    if (Py_TYPE(object) == reinterpret_cast<PyTypeObject*>(place_.ptr())) return value(given);
    if (PyTuple_CheckExact(object)) return fill_tuple(object);
    if (PyList_CheckExact(object)) return fill_list(object);
    if (PyDict_CheckExact(object)) return fill_dict(object);
    if (PySet_CheckExact(object) || PyFrozenSet_CheckExact(object)) return fill_set(given);
    return nb::borrow(given);
  }

 private:
  nb::object value(nb::handle place) const {
    auto at = nb::cast<size_t>(place.attr("index"));
    if (at >= values_.size()) {
      throw base::value_error("[arguments] input " + std::to_string(at) + " of a task that has " +
                              std::to_string(values_.size()));
    }
    return values_[at];
  }
  nb::object fill_tuple(PyObject* tuple) const {
    Py_ssize_t size = PyTuple_GET_SIZE(tuple);
    nb::object filled = nb::steal(PyTuple_New(size));
    bool changed = false;
    for (Py_ssize_t i = 0; i < size; ++i) {
      nb::object item = fill(PyTuple_GET_ITEM(tuple, i));
      changed |= item.ptr() != PyTuple_GET_ITEM(tuple, i);
      PyTuple_SET_ITEM(filled.ptr(), i, item.release().ptr());
    }
    return changed ? filled : nb::borrow(tuple);
  }
  // Lists and dictionaries were made by unpickling and are this task's own: they change in place.
  nb::object fill_list(PyObject* list) const {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i) {
      PyList_SetItem(list, i, fill(PyList_GET_ITEM(list, i)).release().ptr());
    }
    return nb::borrow(list);
  }
  nb::object fill_dict(PyObject* dict) const {
    PyObject* key = nullptr;
    PyObject* value = nullptr;
    for (Py_ssize_t at = 0; PyDict_Next(dict, &at, &key, &value);) {
      nb::object filled = fill(value);
      if (filled.ptr() != value && PyDict_SetItem(dict, key, filled.ptr()) < 0) {
        throw nb::python_error();
      }
    }
    return nb::borrow(dict);
  }
  nb::object fill_set(nb::handle set) const {
    nb::list items;
    bool changed = false;
    for (nb::handle item : nb::borrow<nb::iterable>(set)) {
      nb::object filled = fill(item);
      changed |= filled.ptr() != item.ptr();
      items.append(filled);
    }
    return changed ? nb::object(set.type()(items)) : nb::borrow(set);
  }

  nb::handle place_;
  std::vector<nb::object> values_;
};

nb::object tuple_of(std::vector<data::Value> inputs) {
  nb::object tuple = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(inputs.size())));
  for (size_t i = 0; i < inputs.size(); ++i) {
    nb::object value = value_to_python(std::move(inputs[i]));
    PyTuple_SET_ITEM(tuple.ptr(), static_cast<Py_ssize_t>(i), value.release().ptr());
  }
  return tuple;
}

}  // namespace

PythonArguments python_arguments(const cluster::Body& body, std::vector<data::Value> inputs) {
  if (!body || body->header.empty()) return {tuple_of(std::move(inputs)), {}};
  nb::object given = unpickled(std::string_view(body->header).substr(1), body->buffers);
  if (body->header[0] == 'a' && PyTuple_CheckExact(given.ptr())) return {std::move(given), {}};
  if (body->header[0] != 'k' || !PyTuple_CheckExact(given.ptr()) ||
      PyTuple_GET_SIZE(given.ptr()) != 2) {
    throw base::value_error("[arguments] a task's arguments are in no form that is known here");
  }
  if (!inputs.empty()) {
    std::vector<nb::object> values;
    values.reserve(inputs.size());
    for (data::Value& input : inputs) values.push_back(value_to_python(std::move(input)));
    nb::object place = nb::module_::import_("dusk.distributed.places").attr("Input");
    given = Places(place, std::move(values)).fill(given);
  }
  nb::object kwargs = nb::borrow(PyTuple_GET_ITEM(given.ptr(), 1));
  return {nb::borrow(PyTuple_GET_ITEM(given.ptr(), 0)),
          PyDict_Size(kwargs.ptr()) ? kwargs : nb::object()};
}

}  // namespace dusk::bindings
