// A Python callable as an operation.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <vector>

#include "bindings/convert.h"
#include "dusk/graph/operation.h"

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
};

// function(*inputs): arrays as ndarrays, tables as Table, objects as they are.
std::shared_ptr<const ArgumentBuilder> plain_arguments();

// An operation that calls `function(*arguments.build(...), **arguments.keywords(...))` and returns
// what value_from_python makes of the result. What the function raises fails the task with that
// very exception. `why` says in explain() why it is not native.
graph::OperationPtr make_python_operation(nb::object function, std::string name,
                                          std::shared_ptr<const ArgumentBuilder> arguments = {},
                                          std::string why = "a Python function");

// `convert` turns the returned object into the task's value instead of value_from_python (checks
// of the result's kind). Called with the GIL.
using ResultConverter = data::Value (*)(nb::handle result);
graph::OperationPtr make_python_operation(nb::object function, std::string name,
                                          std::shared_ptr<const ArgumentBuilder> arguments,
                                          std::string why, ResultConverter convert);

}  // namespace dusk::bindings
