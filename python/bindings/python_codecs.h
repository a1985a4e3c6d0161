// Operations that hold Python objects, as bytes (graph/codec.h).
//
// Objects are pickled (pickling.h), once for all operations that share them.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "bindings/convert.h"
#include "bindings/python_operation.h"
#include "dusk/graph/codec.h"
#include "dusk/graph/expr.h"

namespace dusk::bindings {

// Python's own operations, and what rebuilds Python's objects.
void add_python_codecs(graph::Codecs& codecs);
// Everything that this process can rebuild: the native operations, and Python's.
graph::Codecs all_codecs();

// An object as a part of a record. Throws TypeError when it cannot be pickled.
void write_object(graph::Encoder& out, const SharedObject& object);
// REQUIRES: the object lives until the encoding ends. `prefix` stands before the pickle.
void write_object(graph::Encoder& out, nb::handle object, std::string_view prefix = {});
std::shared_ptr<SharedObject> read_object(graph::Decoder& in);
// A value of the engine; objects as write_object() writes them.
void write_value(graph::Encoder& out, const data::Value& value);
data::Value read_value(graph::Decoder& in);

// A node of any family without what it is made of: token, key, and what its blocks are. What is
// read describes blocks, and cannot be computed.
void write_shape(graph::Encoder& out, const graph::Expr& expr);
graph::ExprPtr read_shape(graph::Decoder& in);

// Of the files of the same names.
graph::OperationPtr decode_python_operation(graph::Decoder& in);
graph::OperationPtr decode_delayed_call(graph::Decoder& in);
graph::OperationPtr decode_delayed_value(graph::Decoder& in);
std::shared_ptr<const ArgumentBuilder> decode_block_arguments(graph::Decoder& in);  // array_map.cc
std::shared_ptr<const ArgumentBuilder> decode_table_arguments(graph::Decoder& in);  // frame_map.cc

}  // namespace dusk::bindings
