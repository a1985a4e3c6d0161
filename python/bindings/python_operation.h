// A Python callable as an operation.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <vector>

#include "bindings/convert.h"
#include "dusk/graph/codec.h"

namespace dusk::bindings {

// How a task's inputs become the callable's arguments. Called with the GIL. Returns a tuple.
class ArgumentBuilder {
 public:
  virtual ~ArgumentBuilder() = default;
  virtual nb::object build(const graph::TaskContext& context, graph::Inputs inputs) const = 0;
  // Keyword arguments, or an invalid object for none.
  virtual nb::object keywords(const graph::TaskContext& context) const {
    (void)context;
    return {};
  }
  virtual bool index_free() const { return true; }

  // The decoder that rebuilds it elsewhere (python_operation.cc lists them), and what that reads.
  enum class Kind { kPlain, kBlocks, kTables };
  virtual Kind kind() const = 0;
  virtual void encode(graph::Encoder& out) const { (void)out; }
};

// function(*inputs): arrays as ndarrays, tables as Table, objects as they are.
std::shared_ptr<const ArgumentBuilder> plain_arguments();

// What a returned object becomes: an array, whatever it was (scalars and lists too), or a table
// (TypeError for others).
enum class ResultKind { kBlock, kTable };

// An operation that calls `function(*arguments.build(...), **arguments.keywords(...))`. What the
// function raises fails the task with that very exception. `why` says in explain() why it is not
// native.
graph::OperationPtr make_python_operation(nb::object function, std::string name,
                                          std::shared_ptr<const ArgumentBuilder> arguments,
                                          std::string why, ResultKind result);

}  // namespace dusk::bindings
