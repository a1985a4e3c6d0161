// The arguments of a task that is a Python function, from what came over the wire (see
// python_language.h) and the task's inputs.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "dusk/cluster/messages.h"
#include "dusk/data/value.h"

namespace dusk::bindings {

namespace nb = nanobind;

struct PythonArguments {
  nb::object args;    // a tuple
  nb::object kwargs;  // a dict, or an invalid object for none
};

// Needs the GIL. Throws nb::python_error, and base::Error for what is no such thing.
PythonArguments python_arguments(const cluster::Body& body, std::vector<data::Value> inputs);

}  // namespace dusk::bindings
