#include "dusk/collections/frame/codecs.h"

namespace dusk::collections::frame {

void add_codecs(graph::Codecs& codecs) {
  add_combining_codecs(codecs);
  add_grouping_codecs(codecs);
  add_layer_codecs(codecs);
  add_matrix_codecs(codecs);
  add_rowwise_codecs(codecs);
  add_csv_codecs(codecs);
  add_parquet_codecs(codecs);
  add_table_codecs(codecs);
  add_sorting_codecs(codecs);
  add_splitting_codecs(codecs);
  add_writing_codecs(codecs);
}

}  // namespace dusk::collections::frame
