#include "dusk/collections/array/rechunk.h"

#include "dusk/base/error.h"
#include "dusk/collections/array/codecs.h"
#include "dusk/collections/array/fields.h"

namespace dusk::collections::array {
namespace {

using data::NdArray;
using data::Value;

// The blocks of `in` that overlap one range, along one axis.
struct Overlap {
  int64_t first;  // block
  int64_t count;
};

Overlap overlap(const AxisChunks& in, int64_t start, int64_t size) {
  if (size == 0) return {in.find(std::min(start, in.total() - (in.total() > 0))), 1};
  int64_t first = in.find(start);
  int64_t last = in.find(start + size - 1);
  return {first, last - first + 1};
}

// Calls visit(coordinates) for every block of a box, in C order.
template <class Visit>
void for_box(const std::vector<Overlap>& box, Visit visit) {
  Coordinates at;
  for (const Overlap& o : box) at.push_back(o.first);
  while (true) {
    visit(at);
    size_t d = box.size();
    while (d > 0 && ++at[d - 1] == box[d - 1].first + box[d - 1].count) {
      at[d - 1] = box[d - 1].first;
      --d;
    }
    if (d == 0) return;
  }
}

std::vector<Overlap> box_of(const Chunks& in, const Chunks& out, int64_t index) {
  auto offset = out.block_offset(index);
  auto shape = out.block_shape(index);
  std::vector<Overlap> box;
  for (size_t d = 0; d < shape.size(); ++d) {
    box.push_back(overlap(*in.axis(d), offset[d], shape[d]));
  }
  return box;
}

class Gather : public graph::Operation {
 public:
  Gather(data::DType dtype, Chunks in, Chunks out)
      : dtype_(dtype), in_(std::move(in)), out_(std::move(out)) {}
  std::string name() const override { return "rechunk"; }
  bool index_free() const override { return false; }
  int64_t bound(int64_t index) const override { return out_.elements(index) * dtype_.itemsize; }
  std::string detail() const override { return in_.text() + " -> " + out_.text(); }
  std::string_view codec() const override { return "array.rechunk"; }
  void encode(graph::Encoder& out) const override { graph::write_fields(out, dtype_, in_, out_); }
  static std::shared_ptr<const Gather> read(graph::Decoder& in) {
    data::DType dtype = in.dtype();
    auto from = graph::read_field<Chunks>(in);
    auto to = graph::read_field<Chunks>(in);
    if (!from.known() || !to.known() || from.shape() != to.shape()) {
      throw graph::Decoder::damaged();
    }
    return std::make_shared<const Gather>(dtype, std::move(from), std::move(to));
  }
  static graph::OperationPtr decode(graph::Decoder& in) { return read(in); }
  const Chunks& in() const { return in_; }
  const Chunks& out() const { return out_; }

  base::Result<Value> run(const graph::TaskContext& context, graph::Inputs inputs) const override {
    auto offset = out_.block_offset(context.index);
    auto shape = out_.block_shape(context.index);
    if (inputs.size() == 1) {
      NdArray piece = cut(inputs[0].array(), first_offset(context.index), offset, shape);
      if (piece.nbytes() * 2 >= inputs[0].array().nbytes()) return Value(std::move(piece));
      NdArray copy = NdArray::empty(dtype_, piece.shape());
      data::copy_elements(piece, copy);
      return Value(std::move(copy));
    }
    NdArray result = NdArray::empty(dtype_, to_dims(shape));
    size_t next = 0;
    for_box(box_of(in_, out_, context.index), [&](const Coordinates& at) {
      if (next == inputs.size()) throw base::value_error("[rechunk] a block is missing");
      place(inputs[next++].array(), at, offset, shape, result);
    });
    return Value(std::move(result));
  }

 private:
  std::vector<int64_t> first_offset(int64_t index) const {
    std::vector<int64_t> starts;
    auto box = box_of(in_, out_, index);
    for (size_t d = 0; d < box.size(); ++d) {
      starts.push_back(in_.axis(d)->starts[static_cast<size_t>(box[d].first)]);
    }
    return starts;
  }

  // The part of `block` (which starts at `block_offset`) inside the range of the output block.
  static NdArray cut(NdArray block, const std::vector<int64_t>& block_offset,
                     const std::vector<int64_t>& offset, const std::vector<int64_t>& shape) {
    for (size_t d = 0; d < shape.size(); ++d) {
      int64_t from = std::max<int64_t>(offset[d] - block_offset[d], 0);
      int64_t to = std::min(offset[d] + shape[d] - block_offset[d], block.shape()[d]);
      block = block.slice(d, from, 1, std::max<int64_t>(to - from, 0));
    }
    return block;
  }

  void place(const NdArray& block, const Coordinates& at, const std::vector<int64_t>& offset,
             const std::vector<int64_t>& shape, NdArray& result) const {
    std::vector<int64_t> starts;
    for (size_t d = 0; d < at.size(); ++d) {
      starts.push_back(in_.axis(d)->starts[static_cast<size_t>(at[d])]);
    }
    NdArray piece = cut(block, starts, offset, shape);
    NdArray target = result;
    for (size_t d = 0; d < at.size(); ++d) {
      int64_t from = std::max<int64_t>(starts[d] - offset[d], 0);
      target = target.slice(d, from, 1, piece.shape()[d]);
    }
    data::copy_elements(piece, target);
  }

  data::DType dtype_;
  Chunks in_, out_;
};

class RechunkLayer : public graph::Layer {
 public:
  RechunkLayer(base::Token token, graph::LayerPtr input, std::shared_ptr<const Gather> operation)
      : Layer("rechunk", token, {std::move(input)}), operation_(std::move(operation)) {}
  std::string_view kind() const override { return "rechunk"; }
  int64_t size() const override { return operation_->out().block_count(); }
  std::vector<int64_t> grid() const override { return operation_->out().grid(); }
  std::string label(int64_t index) const override { return graph::grid_label(index, grid()); }
  const graph::Operation& operation(int64_t) const override { return *operation_; }
  std::string_view codec() const override { return "array.rechunk"; }
  void encode(graph::Encoder& out) const override { operation_->encode(out); }
  static graph::LayerPtr decode(graph::Decoder& in, graph::LayerHead head) {
    graph::require_inputs(head, 1);
    auto operation = Gather::read(in);
    if (operation->in().block_count() != head.inputs[0]->size()) throw graph::Decoder::damaged();
    return std::make_shared<RechunkLayer>(head.token, std::move(head.inputs[0]),
                                          std::move(operation));
  }
  void dependencies(int64_t index, std::vector<graph::Dependency>& out) const override {
    auto in_grid = operation_->in().grid();
    for_box(box_of(operation_->in(), operation_->out(), index), [&](const Coordinates& at) {
      int64_t linear = 0;
      for (size_t d = 0; d < at.size(); ++d) linear = linear * in_grid[d] + at[d];
      out.push_back({0, linear});
    });
  }

 private:
  std::shared_ptr<const Gather> operation_;
};

class RechunkExpr : public ArrayExpr {
 public:
  RechunkExpr(const ArrayPtr& x, Chunks chunks, base::Token token)
      : ArrayExpr(token, {x}, "rechunk-merge", x->dtype(), std::move(chunks)) {}
  std::string_view kind() const override { return "Rechunk"; }
  std::string describe() const override {
    return "Rechunk " + as_array(inputs()[0])->chunks().text() + " -> " + chunks().text();
  }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    return rechunk(as_array(inputs[0]), chunks());
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    return std::make_shared<RechunkLayer>(
        token(), inputs[0],
        std::make_shared<const Gather>(dtype(), as_array(this->inputs()[0])->chunks(), chunks()));
  }
};

}  // namespace

void add_rechunk_codecs(graph::Codecs& codecs) {
  codecs.operations["array.rechunk"] = &Gather::decode;
  codecs.layers["array.rechunk"] = &RechunkLayer::decode;
}

ArrayPtr rechunk(const ArrayPtr& x, const Chunks& chunks) {
  if (x->chunks() == chunks) return x;
  if (!x->chunks().known() || !chunks.known()) {
    throw base::value_error(
        "[rechunk] arrays with unknown chunk sizes cannot be rechunked: " + x->chunks().text() +
        " to " + chunks.text() + "; call x.compute_chunk_sizes() first");
  }
  if (x->shape() != chunks.shape()) {
    throw base::value_error("Provided chunks are not consistent with shape: " + chunks.text() +
                            " for shape " + shape_text(x->shape()));
  }
  if (x->kind() == "Rechunk" && as_array(x->inputs()[0])->chunks() == chunks) {
    return as_array(x->inputs()[0]);
  }
  ArrayPtr from = x->kind() == "Rechunk" ? as_array(x->inputs()[0]) : x;
  base::Tokenizer token("rechunk");
  token.add(from->token());
  start_token(token, from->dtype(), chunks);
  return std::make_shared<RechunkExpr>(from, chunks, token.finish());
}

}  // namespace dusk::collections::array
