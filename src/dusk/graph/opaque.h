// Operations and objects of which this process knows only the bytes.
#pragma once

#include "dusk/graph/codec.h"

namespace dusk::graph {

struct OpaqueRecord {
  std::string codec;
  std::string name;
  bool native = true;
  bool index_free = true;
  std::string header;
  std::vector<Part> parts;
};
// Encodes to the same record; run() fails with RuntimeError.
OperationPtr make_opaque(OpaqueRecord record);

// A ForeignDecoder: a foreign value that keeps its frames.
data::Value opaque_object(const data::Frames& frames);

}  // namespace dusk::graph
