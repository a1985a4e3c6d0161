#include "bindings/errors.h"

#include <nanobind/stl/string.h>

#include <exception>
#include <memory>

#include "bindings/convert.h"
#include "bindings/gil.h"

namespace dusk::bindings {
namespace {

class PythonException : public base::ForeignException {
 public:
  explicit PythonException(nb::object exception) : exception_(std::move(exception)) {}
  nb::handle get() const { return exception_.get(); }

 private:
  SharedObject exception_;
};

PyObject* cancelled_error = nullptr;  // lives as long as the module

nb::object class_of(base::ErrorKind kind) {
  using base::ErrorKind;
  switch (kind) {
    case ErrorKind::kValue: return nb::borrow(PyExc_ValueError);
    case ErrorKind::kType: return nb::borrow(PyExc_TypeError);
    case ErrorKind::kIndex: return nb::borrow(PyExc_IndexError);
    case ErrorKind::kKey: return nb::borrow(PyExc_KeyError);
    case ErrorKind::kAttribute: return nb::borrow(PyExc_AttributeError);
    case ErrorKind::kNotImplemented: return nb::borrow(PyExc_NotImplementedError);
    case ErrorKind::kZeroDivision: return nb::borrow(PyExc_ZeroDivisionError);
    case ErrorKind::kOverflow: return nb::borrow(PyExc_OverflowError);
    case ErrorKind::kMemory: return nb::borrow(PyExc_MemoryError);
    case ErrorKind::kOs: return nb::borrow(PyExc_OSError);
    case ErrorKind::kFileNotFound: return nb::borrow(PyExc_FileNotFoundError);
    case ErrorKind::kParse: return nb::module_::import_("pandas.errors").attr("ParserError");
    case ErrorKind::kCancelled: return nb::borrow(cancelled_error);
    case ErrorKind::kRuntime:
    case ErrorKind::kForeign: break;
  }
  return nb::borrow(PyExc_RuntimeError);
}

nb::object exception_of(const base::Error& error) {
  if (auto python = dynamic_cast<const PythonException*>(error.foreign().get())) {
    return nb::borrow(python->get());
  }
  return class_of(error.kind())(nb::str(error.what()));
}

}  // namespace

base::Error error_from_python(nb::python_error& raised) {
  std::string message = raised.what();
  nb::object exception = nb::borrow(raised.value());
  if (raised.traceback().is_valid()) {
    PyException_SetTraceback(exception.ptr(), raised.traceback().ptr());
  }
  return {std::make_shared<PythonException>(std::move(exception)), message};
}

nb::object python_exception(const base::Error& error) {
  auto python = dynamic_cast<const PythonException*>(error.foreign().get());
  return python ? nb::borrow(python->get()) : nb::none();
}

void set_python_error(const base::Error& error) {
  try {
    nb::object exception = exception_of(error);
    if (!error.task().empty()) {
      std::string step = error.step().empty() ? "" : ", in its step " + error.step();
      exception.attr("add_note")("in Dusk task " + error.task() + step);
    }
    PyObject* type = reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr()));
    Py_INCREF(type);
    PyObject* traceback = PyException_GetTraceback(exception.ptr());
    PyErr_Restore(type, exception.release().ptr(), traceback);
  } catch (nb::python_error& failure) {
    failure.restore();
  }
}

void raise(const base::Error& error) {
  set_python_error(error);
  throw nb::python_error();
}

void bind_errors(nb::module_& m) {
  nb::object made = nb::steal(PyErr_NewExceptionWithDoc(
      "dusk._core.CancelledError", "The run was cancelled before it was done.", nullptr, nullptr));
  cancelled_error = made.ptr();
  m.attr("CancelledError") = made;
  Py_INCREF(cancelled_error);
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const base::Error& error) {
      set_python_error(error);
    }
  });
}

}  // namespace dusk::bindings
