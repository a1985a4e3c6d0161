// What the array bindings share: arguments from Python, results to Python.
#pragma once

#include <nanobind/nanobind.h>

#include <vector>

#include "bindings/finalize.h"
#include "dusk/collections/array/array_expr.h"
#include "dusk/collections/array/elementwise.h"

namespace dusk::bindings {

namespace array = collections::array;

// An ArrayExpr of Python's; TypeError otherwise.
array::ArrayPtr array_of(nb::handle x);
// Null becomes None.
nb::object wrap_array(array::ArrayPtr x);

// Sequences of sizes, nan for unknown ones.
array::Chunks chunks_of(nb::handle chunks);
nb::tuple chunks_to_python(const array::Chunks& chunks);
std::vector<int64_t> integers_of(nb::handle sequence);

// slice(start, stop)
nb::object slice_object(int64_t start, int64_t stop);

// NumPy scalars keep their dtype; Python's are weak. Nothing for what is no number.
std::optional<array::Scalar> scalar_of(nb::handle x);

void bind_array_creation(nb::module_& m);
void bind_array_calls(nb::module_& m);
void bind_array_map(nb::module_& m);

}  // namespace dusk::bindings
