// Python objects to frames and back: pickle protocol 5 with the buffers beside it.
//
// C's pickle first; cloudpickle for what it refuses, and for what it would name in __main__, which
// is another module in another process. All functions need the GIL and throw nb::python_error.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>
#include <vector>

#include "dusk/data/value.h"

namespace dusk::bindings {

namespace nb = nanobind;

// `prefix` stands before the pickle in the header.
data::Frames pickled(nb::handle object, std::string_view prefix = {});
// Objects over a buffer may write to it where nobody else has a share in it.
nb::object unpickled(std::string_view pickle, std::vector<data::BufferPtr> buffers = {});

// The buffer's bytes as an array of Python's, without a copy.
nb::object view_of(data::BufferPtr buffer);

void bind_pickling(nb::module_& m);

}  // namespace dusk::bindings
