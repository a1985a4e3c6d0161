// Calls of Python functions with the values of whole collections.
#pragma once

#include <span>
#include <string>

#include "bindings/convert.h"
#include "dusk/graph/codec.h"
#include "dusk/graph/expr.h"

namespace dusk::bindings {

// function(*arguments). Not `simple`: arguments of several blocks are put together first, as their
// families do.
base::Result<data::Value> run_delayed(const SharedObject& function,
                                      std::span<const graph::ExprPtr> arguments, bool simple,
                                      graph::Inputs values);

void write_delayed_call(graph::Encoder& out, const SharedObject& function, const std::string& name,
                        std::span<const graph::ExprPtr> arguments, bool simple);
void write_delayed_value(graph::Encoder& out, const data::Value& value, const std::string& name);

}  // namespace dusk::bindings
