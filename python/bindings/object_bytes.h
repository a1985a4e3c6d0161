// How much memory a Python object holds, and whether it is small and plain.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>

namespace dusk::bindings {

namespace nb = nanobind;

// An estimate: obj.nbytes, memory_usage() or sys.getsizeof; of large containers a sample counts for
// all. Never throws; leaves no Python error. Needs the GIL.
int64_t object_bytes(nb::handle object);

// Built-in numbers and texts, and containers of a few of them, that take no more than `bytes_max`:
// pickling them costs next to nothing and runs nobody's code.
bool small_and_plain(nb::handle object, int64_t bytes_max);

}  // namespace dusk::bindings
