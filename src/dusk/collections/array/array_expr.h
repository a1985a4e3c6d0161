// A lazy chunked array: dtype, chunks, and an expression node.
//
// One file a family of operations (creation.h, elementwise.h, reduce.h, indexing.h, shaping.h,
// rechunk.h, map_blocks.h). Each function validates, infers dtype and chunks and returns a node;
// none touches data. Caller's mistakes throw base::Error.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dusk/collections/array/chunks.h"
#include "dusk/data/dtype.h"
#include "dusk/data/ndarray.h"
#include "dusk/graph/expr.h"

namespace dusk::collections::array {

class ArrayExpr;
using ArrayPtr = std::shared_ptr<const ArrayExpr>;

class ArrayExpr : public graph::Expr {
 public:
  ArrayExpr(base::Token token, std::vector<graph::ExprPtr> inputs, std::string prefix,
            data::DType dtype, Chunks chunks)
      : Expr(token, std::move(inputs)),
        prefix_(std::move(prefix)),
        dtype_(dtype),
        chunks_(std::move(chunks)) {}

  const data::DType& dtype() const { return dtype_; }
  const Chunks& chunks() const { return chunks_; }
  size_t ndim() const { return chunks_.ndim(); }
  std::vector<int64_t> shape() const { return chunks_.shape(); }
  const std::string& prefix() const override { return prefix_; }
  int64_t block_count() const override { return chunks_.block_count(); }

 private:
  std::string prefix_;
  data::DType dtype_;
  Chunks chunks_;
};

inline ArrayPtr as_array(const graph::ExprPtr& expr) {
  return std::static_pointer_cast<const ArrayExpr>(expr);
}

// Starts a token with what most nodes have in common: kind, dtype, chunks.
base::Tokenizer& start_token(base::Tokenizer& token, const data::DType& dtype,
                             const Chunks& chunks);

// Every block is made by one operation that takes one block of each input.
struct BlockwiseInput {
  graph::ExprPtr expr;
  graph::BlockMap map;
};
ArrayPtr blockwise(std::string kind, std::string prefix, base::Token token,
                   graph::OperationPtr operation, data::DType dtype, Chunks chunks,
                   std::vector<BlockwiseInput> inputs);

// "(3, 4)" as NumPy prints shapes; "nan" for kUnknown.
std::string shape_text(std::span<const int64_t> shape);
data::Dims to_dims(std::span<const int64_t> sizes);

// Throws ValueError naming `operation` when some chunk size is unknown.
void require_known(const std::string& operation, const ArrayExpr& x);

}  // namespace dusk::collections::array
