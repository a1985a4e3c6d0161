#include "dusk/collections/array/array_expr.h"

#include "dusk/base/error.h"

namespace dusk::collections::array {
namespace {

class BlockwiseExpr : public ArrayExpr {
 public:
  BlockwiseExpr(std::string kind, std::string prefix, base::Token token,
                graph::OperationPtr operation, data::DType dtype, Chunks chunks,
                std::vector<graph::ExprPtr> inputs, std::vector<graph::BlockMap> maps)
      : ArrayExpr(token, std::move(inputs), std::move(prefix), dtype, std::move(chunks)),
        kind_(std::move(kind)),
        operation_(std::move(operation)),
        maps_(std::move(maps)) {}

  std::string_view kind() const override { return kind_; }
  std::string describe() const override {
    std::string detail = operation_->detail();
    return detail.empty() ? kind_ : kind_ + " " + detail;
  }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    base::Tokenizer t("rewired");
    t.add(token());
    for (const auto& input : inputs) t.add(input->token());
    return std::make_shared<BlockwiseExpr>(kind_, prefix(), t.finish(), operation_, dtype(),
                                           chunks(), std::move(inputs), maps_);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    std::vector<graph::BlockwiseLayer::Input> wired;
    for (size_t i = 0; i < inputs.size(); ++i) wired.push_back({inputs[i], maps_[i]});
    return std::make_shared<graph::BlockwiseLayer>(prefix(), token(), operation_, chunks().grid(),
                                                   std::move(wired));
  }

 private:
  std::string kind_;
  graph::OperationPtr operation_;
  std::vector<graph::BlockMap> maps_;
};

}  // namespace

base::Tokenizer& start_token(base::Tokenizer& token, const data::DType& dtype,
                             const Chunks& chunks) {
  token.add(dtype.str());
  chunks.add_to(token);
  return token;
}

ArrayPtr blockwise(std::string kind, std::string prefix, base::Token token,
                   graph::OperationPtr operation, data::DType dtype, Chunks chunks,
                   std::vector<BlockwiseInput> inputs) {
  std::vector<graph::ExprPtr> exprs;
  std::vector<graph::BlockMap> maps;
  for (auto& input : inputs) {
    exprs.push_back(std::move(input.expr));
    maps.push_back(std::move(input.map));
  }
  return std::make_shared<BlockwiseExpr>(std::move(kind), std::move(prefix), token,
                                         std::move(operation), dtype, std::move(chunks),
                                         std::move(exprs), std::move(maps));
}

std::string shape_text(std::span<const int64_t> shape) {
  std::string text = "(";
  for (size_t d = 0; d < shape.size(); ++d) {
    if (d) text += ", ";
    text += shape[d] == kUnknown ? "nan" : std::to_string(shape[d]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

data::Dims to_dims(std::span<const int64_t> sizes) { return {sizes.begin(), sizes.end()}; }

void require_known(const std::string& operation, const ArrayExpr& x) {
  if (x.chunks().known()) return;
  throw base::value_error("[" + operation + "] array chunk sizes unknown: " + x.chunks().text() +
                          ". Call x.compute_chunk_sizes() first.");
}

}  // namespace dusk::collections::array
