#include "dusk/collections/array/codecs.h"

namespace dusk::collections::array {

void add_codecs(graph::Codecs& codecs) {
  add_creation_codecs(codecs);
  add_elementwise_codecs(codecs);
  add_indexing_codecs(codecs);
  add_rechunk_codecs(codecs);
  add_reduce_codecs(codecs);
  add_shaping_codecs(codecs);
  add_taking_codecs(codecs);
}

}  // namespace dusk::collections::array
