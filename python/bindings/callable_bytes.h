// A delayed call's callable as parts of a record: the function, and the arguments that it was given
// when the call was written down.
//
// Calls of one function differ in such arguments only. The function is pickled once for a graph,
// and the process that runs the calls unpickles it once: functions are one object for all tasks of
// a worker, as with Client.submit.
#pragma once

#include <memory>

#include "bindings/convert.h"
#include "dusk/graph/codec.h"

namespace dusk::bindings {

// Throws TypeError when a part cannot be pickled.
void write_callable(graph::Encoder& out, const SharedObject& callable);
std::shared_ptr<SharedObject> read_callable(graph::Decoder& in);

// The function in frames that write_callable() marked as one; invalid for others. Needs the GIL.
nb::object marked_function(const data::Frames& frames);

}  // namespace dusk::bindings
