// Tasks that are graph operations: letter 'n'.
//
// A code is one operation for all tasks that share it, or "the value in the arguments". A task's
// arguments are its index within its layer and, where it takes an input more than once, which one
// each argument is; nothing where neither matters; or the value.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "dusk/graph/codec.h"
#include "dusk/node/language.h"

namespace dusk::node {

// Rebuilds operations with `codecs`.
std::shared_ptr<const Language> native_language(graph::Codecs codecs);

// The codecs of graph and collections: everything that runs without another language.
graph::Codecs native_codecs();
// native_language() of these: what a worker without other languages runs.
Languages native_languages();

// Throws what graph::encode_operation throws.
cluster::Body native_code(const graph::Operation& operation);
// `positions`: of each argument among the inputs; empty: as they come.
cluster::Body native_arguments(int64_t index, std::span<const uint32_t> positions);
// The code whose tasks have their value as arguments.
cluster::Body value_code();

}  // namespace dusk::node
