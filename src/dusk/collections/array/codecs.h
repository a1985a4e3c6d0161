// Arrays' operations and layers as bytes (graph/codec.h).
#pragma once

#include "dusk/graph/codec.h"

namespace dusk::collections::array {

// Those of all files of this folder.
void add_codecs(graph::Codecs& codecs);

void add_creation_codecs(graph::Codecs& codecs);
void add_elementwise_codecs(graph::Codecs& codecs);
void add_indexing_codecs(graph::Codecs& codecs);
void add_rechunk_codecs(graph::Codecs& codecs);
void add_reduce_codecs(graph::Codecs& codecs);
void add_shaping_codecs(graph::Codecs& codecs);
void add_taking_codecs(graph::Codecs& codecs);

}  // namespace dusk::collections::array
