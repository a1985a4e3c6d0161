#include "dusk/collections/array/map_blocks.h"

#include <atomic>
#include <thread>

#include "dusk/base/cpu.h"
#include "dusk/base/error.h"

namespace dusk::collections::array {

ArrayPtr map_blocks(graph::OperationPtr operation, const std::vector<MapInput>& inputs,
                    data::DType dtype, Chunks chunks, const std::string& name,
                    const std::string& token) {
  base::Tokenizer t("map-blocks");
  t.add(token).add(name);
  start_token(t, dtype, chunks);
  auto grid = chunks.grid();
  std::vector<BlockwiseInput> wired;
  for (const MapInput& input : inputs) {
    t.add(input.expr->token());
    const auto* array = dynamic_cast<const ArrayExpr*>(input.expr.get());
    if (!array) {
      wired.push_back({input.expr, block_map(chunks, Chunks(), {})});
      continue;
    }
    for (size_t d = 0; d < array->ndim(); ++d) {
      t.add(input.follow[d]);
      auto blocks = static_cast<int64_t>(array->chunks().axis(d)->sizes.size());
      bool matches = input.follow[d] < 0
                         ? blocks == 1
                         : blocks == 1 || blocks == grid[static_cast<size_t>(input.follow[d])];
      if (!matches) {
        throw base::value_error("[" + name + "] an input with " + std::to_string(blocks) +
                                " blocks along axis " + std::to_string(d) +
                                " does not fit result chunks " + chunks.text());
      }
    }
    wired.push_back({input.expr, block_map(chunks, array->chunks(), input.follow)});
  }
  return blockwise("MapBlocks", name, t.finish(), std::move(operation), dtype, std::move(chunks),
                   std::move(wired));
}

ArrayPtr map_partitions(graph::OperationPtr operation, const graph::ExprPtr& input,
                        data::DType dtype, Chunks chunks, const std::string& name,
                        const std::string& token) {
  base::Tokenizer t("map-partitions");
  t.add(token).add(name).add(input->token());
  start_token(t, dtype, chunks);
  std::vector<int64_t> strides(chunks.ndim(), 0);
  strides[0] = 1;
  graph::BlockMap map{chunks.grid(), std::move(strides), 0};
  return blockwise("MapPartitions", name, t.finish(), std::move(operation), dtype,
                   std::move(chunks), {{input, std::move(map)}});
}

namespace {

// The real sizes: those of the blocks, where the declared ones are unknown.
Chunks measured(const Chunks& chunks, const data::ValueList& blocks) {
  if (chunks.known()) return chunks;
  std::vector<std::vector<int64_t>> sizes;
  for (const AxisPtr& axis : chunks.axes()) sizes.push_back(axis->sizes);
  for (size_t i = 0; i < blocks.size(); ++i) {
    Coordinates at = chunks.coordinates(static_cast<int64_t>(i));
    const auto& shape = blocks[i].array().shape();
    for (size_t d = 0; d < at.size(); ++d) sizes[d][static_cast<size_t>(at[d])] = shape[d];
  }
  return Chunks::from_sizes(sizes);
}

void check_block(const data::NdArray& block, const std::vector<int64_t>& wanted) {
  bool fits = block.ndim() == wanted.size();
  for (size_t d = 0; fits && d < wanted.size(); ++d) fits = block.shape()[d] == wanted[d];
  if (fits) return;
  std::vector<int64_t> found(block.shape().begin(), block.shape().end());
  throw base::value_error("[compute] a block has shape " + shape_text(found) +
                          " where the array's chunks say " + shape_text(wanted) +
                          "; give the right chunks= to the function that makes it");
}

}  // namespace

data::NdArray assemble(const Chunks& chunks, const data::DType& dtype,
                       const data::ValueList& blocks) {
  Chunks sizes = measured(chunks, blocks);
  for (size_t i = 0; i < blocks.size(); ++i) {
    check_block(blocks[i].array(), sizes.block_shape(static_cast<int64_t>(i)));
  }
  if (blocks.size() == 1) return blocks[0].array();
  // A block computed elsewhere may have another dtype than was declared: the blocks decide.
  data::DType common = blocks[0].array().dtype();
  for (const auto& block : blocks) {
    if (block.array().dtype() != common) common = data::promote(common, block.array().dtype());
  }
  for (const auto& block : blocks) {
    if (block.array().dtype() == common) continue;
    throw base::type_error("[compute] blocks have different dtypes, " +
                           block.array().dtype().name() + " and " + common.name() +
                           ", where the array says " + dtype.name());
  }
  data::NdArray result = data::NdArray::empty(common, to_dims(sizes.shape()));
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i = next++; i < blocks.size(); i = next++) {
      auto offset = sizes.block_offset(static_cast<int64_t>(i));
      const data::NdArray& block = blocks[i].array();
      data::NdArray target = result;
      for (size_t d = 0; d < offset.size(); ++d) {
        target = target.slice(d, offset[d], 1, block.shape()[d]);
      }
      data::copy_elements(block, target);
    }
  };
  int threads = result.nbytes() > (1 << 21) ? base::cpu_count() : 1;
  std::vector<std::jthread> helpers;
  for (int t = 1; t < threads; ++t) helpers.emplace_back(work);
  work();
  return result;
}

}  // namespace dusk::collections::array
