// Tables as frames: the schema and the shape of every column chunk go to the header, the buffers
// stay as they are. No copy either way.
#pragma once

#include "dusk/data/byte_stream.h"
#include "dusk/data/table.h"
#include "dusk/data/value.h"

namespace dusk::data {

void write_table(const Table& table, ByteWriter& header, std::vector<BufferPtr>& buffers);
TablePtr read_table(ByteReader& header, const std::vector<BufferPtr>& buffers);

}  // namespace dusk::data
