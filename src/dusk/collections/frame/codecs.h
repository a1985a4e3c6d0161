// Frames' operations and layers as bytes (graph/codec.h).
#pragma once

#include "dusk/graph/codec.h"

namespace dusk::collections::frame {

// Those of all files of this folder.
void add_codecs(graph::Codecs& codecs);

void add_combining_codecs(graph::Codecs& codecs);
void add_grouping_codecs(graph::Codecs& codecs);
void add_layer_codecs(graph::Codecs& codecs);
void add_matrix_codecs(graph::Codecs& codecs);
void add_rowwise_codecs(graph::Codecs& codecs);
void add_csv_codecs(graph::Codecs& codecs);
void add_parquet_codecs(graph::Codecs& codecs);
void add_table_codecs(graph::Codecs& codecs);
void add_sorting_codecs(graph::Codecs& codecs);
void add_splitting_codecs(graph::Codecs& codecs);
void add_writing_codecs(graph::Codecs& codecs);

}  // namespace dusk::collections::frame
