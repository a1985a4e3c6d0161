// Tasks that are Python functions, on a worker that was started from Python.
//
// On the wire:
//   a code's header     'p' and the pickle of the function; its buffers beside it
//   arguments           none: the inputs, in order, are the positional arguments
//                       'a' and the pickle of the tuple of positional arguments
//                       'k' and the pickle of (args, kwargs), in which places.Input(i) stands for
//                       input i, at any depth of lists, tuples, sets and dictionaries
//   an exception        'p' and the pickle that dusk.distributed.exceptions describes
//
// A function is unpickled once, by the first task that needs it. It runs on the worker's threads,
// which keep their Python thread state.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "dusk/node/language.h"

namespace dusk::bindings {

namespace nb = nanobind;

// `owner` is what running_task() gives to a task of this worker; `inline_max` bounds the results
// that are pickled at once. Needs the GIL.
std::shared_ptr<const node::Language> make_python_language(nb::object owner, int64_t inline_max);

// running_task(), secede(), rejoin() for the task on the calling thread.
void bind_python_language(nb::module_& m);

}  // namespace dusk::bindings
