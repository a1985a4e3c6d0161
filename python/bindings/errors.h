// Errors across the border: what a Python task raises comes out as the same object, and what the
// engine throws comes out as the class that NumPy, pandas or Dask would raise.
#pragma once

#include <nanobind/nanobind.h>

#include "dusk/base/error.h"

namespace dusk::bindings {

namespace nb = nanobind;

// The exception that Python code raised, kept as it is. Needs the GIL.
base::Error error_from_python(nb::python_error& raised);

// The exception that error_from_python kept; None when the error has none. Needs the GIL.
nb::object python_exception(const base::Error& error);

// Sets Python's error indicator: a foreign exception as the object it was, with its traceback and
// cause; any other as the class of its kind. An error of a task gets a note that names it.
void set_python_error(const base::Error& error);
[[noreturn]] void raise(const base::Error& error);

// CancelledError, and the translation of base::Error wherever a binding throws it.
void bind_errors(nb::module_& m);

}  // namespace dusk::bindings
