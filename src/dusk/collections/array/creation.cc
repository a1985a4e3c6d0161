#include "dusk/collections/array/creation.h"

#include <cmath>

#include "dusk/base/error.h"
#include "dusk/collections/array/codecs.h"
#include "dusk/collections/array/fields.h"

namespace dusk::collections::array {
namespace {

using data::NdArray;
using data::Value;
using graph::Inputs;
using graph::TaskContext;
namespace kernels = dusk::kernels::array;

// A source makes block `context.index` of `chunks` on its own.
class Source : public graph::Operation {
 public:
  Source(std::string name, data::DType dtype, Chunks chunks)
      : name_(std::move(name)), dtype_(dtype), chunks_(std::move(chunks)) {}
  std::string name() const override { return name_; }
  bool index_free() const override { return false; }
  int64_t bound(int64_t index) const override { return chunks_.elements(index) * dtype_.itemsize; }
  std::string detail() const override { return dtype_.name(); }

  // Chunks of known sizes along `ndim` axes; any number when it is negative.
  static Chunks read_chunks(graph::Decoder& in, int ndim = -1) {
    auto chunks = graph::read_field<Chunks>(in);
    bool fits = ndim < 0 || chunks.ndim() == static_cast<size_t>(ndim);
    if (!fits || !chunks.known()) throw graph::Decoder::damaged();
    return chunks;
  }

 protected:
  std::string name_;
  data::DType dtype_;
  Chunks chunks_;
};

class ViewSource : public Source {
 public:
  ViewSource(NdArray memory, Chunks chunks, std::string name)
      : Source(std::move(name), memory.dtype(), std::move(chunks)), memory_(std::move(memory)) {}
  base::Result<Value> run(const TaskContext& context, Inputs) const override {
    NdArray block = memory_;
    auto offset = chunks_.block_offset(context.index);
    auto shape = chunks_.block_shape(context.index);
    for (size_t d = 0; d < shape.size(); ++d) block = block.slice(d, offset[d], 1, shape[d]);
    return Value(std::move(block));
  }
  int64_t bound(int64_t) const override { return 0; }
  bool cheap() const override { return true; }
  bool holds_blocks() const override { return true; }
  std::string_view codec() const override { return "array.view"; }
  void encode(graph::Encoder& out) const override {
    graph::write_fields(out, name_, chunks_);
    out.value(memory_);
  }
  static graph::OperationPtr decode(graph::Decoder& in) {
    std::string name = in.string();
    Chunks chunks = read_chunks(in);
    NdArray memory = in.value().array();
    if (memory.shape() != to_dims(chunks.shape())) throw graph::Decoder::damaged();
    return std::make_shared<ViewSource>(std::move(memory), std::move(chunks), std::move(name));
  }

 private:
  NdArray memory_;
};

class FullSource : public Source {
 public:
  FullSource(const kernels::Constant& value, Chunks chunks, std::string name)
      : Source(std::move(name), value.dtype, std::move(chunks)),
        element_(NdArray::empty(value.dtype, {})) {
    std::copy_n(value.bytes, value.dtype.itemsize, element_.data());
  }
  base::Result<Value> run(const TaskContext& context, Inputs) const override {
    return Value(element_.broadcast_to(to_dims(chunks_.block_shape(context.index))));
  }
  int64_t bound(int64_t) const override { return 0; }
  bool cheap() const override { return true; }
  std::string_view codec() const override { return "array.full"; }
  void encode(graph::Encoder& out) const override {
    kernels::Constant value;
    value.dtype = dtype_;
    std::copy_n(element_.data(), dtype_.itemsize, value.bytes);
    graph::write_fields(out, value, chunks_, name_);
  }
  static graph::OperationPtr decode(graph::Decoder& in) {
    auto value = graph::read_field<kernels::Constant>(in);
    Chunks chunks = read_chunks(in);
    return std::make_shared<FullSource>(value, std::move(chunks), in.string());
  }

 private:
  NdArray element_;
};

template <class T>
void fill(NdArray& out, int64_t first, int64_t start, int64_t step) {
  T* p = out.as<T>();
  auto base =
      static_cast<uint64_t>(start) + static_cast<uint64_t>(first) * static_cast<uint64_t>(step);
  for (int64_t i = 0, n = out.size(); i < n; ++i) {
    p[i] = static_cast<T>(base + static_cast<uint64_t>(i) * static_cast<uint64_t>(step));
  }
}

class Range : public Source {
 public:
  Range(double start, double step, int64_t integer_start, int64_t integer_step, data::DType dtype,
        Chunks chunks, std::string name, double last = NAN, int64_t last_index = -1)
      : Source(std::move(name), dtype, std::move(chunks)),
        start_(start),
        step_(step),
        integer_start_(integer_start),
        integer_step_(integer_step),
        last_(last),
        last_index_(last_index) {}

  base::Result<Value> run(const TaskContext& context, Inputs) const override {
    int64_t first = chunks_.block_offset(context.index)[0];
    int64_t count = chunks_.block_shape(context.index)[0];
    if (dtype_.is_integer() || dtype_.is_time()) return Value(integers(first, count));
    NdArray doubles = NdArray::empty(data::kFloat64Type, {count});
    for (int64_t i = 0; i < count; ++i) {
      doubles.as<double>()[i] = start_ + static_cast<double>(first + i) * step_;
    }
    if (last_index_ >= first && last_index_ < first + count) {
      doubles.as<double>()[last_index_ - first] = last_;
    }
    if (dtype_ == data::kFloat64Type) return Value(std::move(doubles));
    kernels::Program cast;
    cast.set_result(cast.cast(cast.input(data::kFloat64Type), dtype_));
    return Value(kernels::evaluate(cast, {&doubles, 1}));
  }
  bool cheap() const override { return true; }
  std::string_view codec() const override { return "array.range"; }
  void encode(graph::Encoder& out) const override {
    graph::write_fields(out, start_, step_, integer_start_, integer_step_, dtype_, chunks_, name_,
                        last_, last_index_);
  }
  static graph::OperationPtr decode(graph::Decoder& in) {
    double start = in.real(), step = in.real();
    int64_t integer_start = in.integer(), integer_step = in.integer();
    data::DType dtype = in.dtype();
    if (!dtype.is_numeric() && !dtype.is_time()) throw graph::Decoder::damaged();
    Chunks chunks = read_chunks(in, 1);
    std::string name = in.string();
    double last = in.real();
    return std::make_shared<Range>(start, step, integer_start, integer_step, dtype,
                                   std::move(chunks), std::move(name), last, in.integer());
  }

 private:
  NdArray integers(int64_t first, int64_t count) const {
    NdArray out = NdArray::empty(dtype_, {count});
    switch (dtype_.itemsize) {
      case 1: fill<uint8_t>(out, first, integer_start_, integer_step_); break;
      case 2: fill<uint16_t>(out, first, integer_start_, integer_step_); break;
      case 4: fill<uint32_t>(out, first, integer_start_, integer_step_); break;
      default: fill<uint64_t>(out, first, integer_start_, integer_step_); break;
    }
    return out;
  }

  double start_, step_;
  int64_t integer_start_, integer_step_;
  double last_;
  int64_t last_index_;
};

class Eye : public Source {
 public:
  Eye(int64_t k, data::DType dtype, Chunks chunks)
      : Source("eye", dtype, std::move(chunks)),
        k_(k),
        one_(kernels::Constant::from_int(dtype, 1)) {}
  base::Result<Value> run(const TaskContext& context, Inputs) const override {
    auto offset = chunks_.block_offset(context.index);
    auto shape = chunks_.block_shape(context.index);
    NdArray out = NdArray::zeros(dtype_, to_dims(shape));
    for (int64_t row = 0; row < shape[0]; ++row) {
      int64_t column = offset[0] + row + k_ - offset[1];
      if (column < 0 || column >= shape[1]) continue;
      std::copy_n(one_.bytes, dtype_.itemsize,
                  out.data() + (row * shape[1] + column) * dtype_.itemsize);
    }
    return Value(std::move(out));
  }
  std::string_view codec() const override { return "array.eye"; }
  void encode(graph::Encoder& out) const override { graph::write_fields(out, k_, dtype_, chunks_); }
  static graph::OperationPtr decode(graph::Decoder& in) {
    constexpr int64_t kFarthest = int64_t{1} << 60;
    int64_t k = in.integer(-kFarthest, kFarthest);
    data::DType dtype = in.dtype();
    return std::make_shared<Eye>(k, dtype, read_chunks(in, 2));
  }

 private:
  int64_t k_;
  kernels::Constant one_;
};

class Random : public Source {
 public:
  Random(const kernels::RandomSpec& spec, const std::string& name, Chunks chunks)
      : Source(name, spec.dtype, std::move(chunks)), spec_(spec), whole_(chunks_.shape()) {}
  base::Result<Value> run(const TaskContext& context, Inputs) const override {
    return Value(kernels::random_block(spec_, whole_, chunks_.block_offset(context.index),
                                       chunks_.block_shape(context.index)));
  }
  std::string_view codec() const override { return "array.random"; }
  void encode(graph::Encoder& out) const override {
    graph::write_fields(out, spec_, name_, chunks_);
  }
  static graph::OperationPtr decode(graph::Decoder& in) {
    auto spec = graph::read_field<kernels::RandomSpec>(in);
    bool integers = spec.distribution == kernels::Distribution::kIntegers;
    bool reals = spec.dtype == data::kFloat64Type || spec.dtype == data::kFloat32Type;
    if (integers ? !spec.dtype.is_integer() : !reals) throw graph::Decoder::damaged();
    std::string name = in.string();
    return std::make_shared<Random>(spec, name, read_chunks(in));
  }

 private:
  kernels::RandomSpec spec_;
  std::vector<int64_t> whole_;
};

class ValuesExpr : public ArrayExpr {
 public:
  ValuesExpr(base::Token token, std::string prefix, data::DType dtype, Chunks chunks,
             std::shared_ptr<const graph::ValuesLayer> layer)
      : ArrayExpr(token, {}, std::move(prefix), dtype, std::move(chunks)),
        layer_(std::move(layer)) {}
  std::string_view kind() const override { return "InMemory"; }
  std::string describe() const override { return "InMemory " + dtype().name(); }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr>) const override {
    return std::make_shared<ValuesExpr>(token(), prefix(), dtype(), chunks(), layer_);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr>) const override {
    if (annotations().empty() && !given_name()) return layer_;
    return std::make_shared<graph::ValuesLayer>(layer_->prefix(), layer_->token(), layer_->values(),
                                                layer_->grid());
  }

 private:
  // Shared by every lowering that leaves it as it is.
  std::shared_ptr<const graph::ValuesLayer> layer_;
};

ArrayPtr source(std::string kind, std::string prefix, base::Tokenizer& token,
                graph::OperationPtr operation, data::DType dtype, Chunks chunks) {
  start_token(token, dtype, chunks);
  return blockwise(std::move(kind), std::move(prefix), token.finish(), std::move(operation), dtype,
                   std::move(chunks), {});
}

}  // namespace

void add_creation_codecs(graph::Codecs& codecs) {
  codecs.operations["array.view"] = &ViewSource::decode;
  codecs.operations["array.full"] = &FullSource::decode;
  codecs.operations["array.range"] = &Range::decode;
  codecs.operations["array.eye"] = &Eye::decode;
  codecs.operations["array.random"] = &Random::decode;
}

ArrayPtr from_memory(data::NdArray memory, Chunks chunks, const std::string& token,
                     std::string prefix) {
  base::Tokenizer t("from-memory");
  t.add(token);
  data::DType dtype = memory.dtype();
  auto operation = std::make_shared<ViewSource>(std::move(memory), chunks, prefix);
  return source("FromArray", std::move(prefix), t, std::move(operation), dtype, std::move(chunks));
}

ArrayPtr from_values(data::ValueList blocks, data::DType dtype, Chunks chunks, base::Token token,
                     std::string prefix) {
  auto layer =
      std::make_shared<graph::ValuesLayer>(prefix, token, std::move(blocks), chunks.grid());
  return std::make_shared<ValuesExpr>(token, std::move(prefix), dtype, std::move(chunks),
                                      std::move(layer));
}

ArrayPtr full(const kernels::Constant& value, Chunks chunks, std::string name) {
  base::Tokenizer t("full");
  t.bytes(value.bytes, sizeof value.bytes);
  auto operation = std::make_shared<FullSource>(value, chunks, name);
  return source("Full", std::move(name), t, std::move(operation), value.dtype, std::move(chunks));
}

ArrayPtr arange(double start, double step, int64_t integer_start, int64_t integer_step,
                data::DType dtype, Chunks chunks) {
  base::Tokenizer t("arange");
  t.add(start).add(step).add(integer_start).add(integer_step);
  auto operation =
      std::make_shared<Range>(start, step, integer_start, integer_step, dtype, chunks, "arange");
  return source("Arange", "arange", t, std::move(operation), dtype, std::move(chunks));
}

ArrayPtr linspace(double start, double stop, int64_t num, bool endpoint, Chunks chunks) {
  base::Tokenizer t("linspace");
  t.add(start).add(stop).add(num).add(endpoint);
  int64_t parts = endpoint ? num - 1 : num;
  double step = parts > 0 ? (stop - start) / static_cast<double>(parts) : NAN;
  bool has_last = endpoint && num > 1;
  auto operation = std::make_shared<Range>(
      start, parts > 0 ? step : 0.0, static_cast<int64_t>(std::floor(start)),
      static_cast<int64_t>(step), data::kFloat64Type, chunks, "linspace", has_last ? stop : NAN,
      has_last ? num - 1 : -1);
  return source("Linspace", "linspace", t, std::move(operation), data::kFloat64Type,
                std::move(chunks));
}

ArrayPtr eye(int64_t k, data::DType dtype, Chunks chunks) {
  base::Tokenizer t("eye");
  t.add(k);
  auto operation = std::make_shared<Eye>(k, dtype, chunks);
  return source("Eye", "eye", t, std::move(operation), dtype, std::move(chunks));
}

ArrayPtr random(const kernels::RandomSpec& spec, const std::string& name, Chunks chunks) {
  require_known("random", *full(kernels::Constant::from_int(data::kInt64Type, 0), chunks, "shape"));
  base::Tokenizer t("random");
  t.add(static_cast<int>(spec.distribution)).add(static_cast<int64_t>(spec.key.seed));
  t.add(static_cast<int64_t>(spec.key.stream)).add(spec.a).add(spec.b).add(spec.low).add(spec.high);
  auto operation = std::make_shared<Random>(spec, name, chunks);
  return source("Random", name, t, std::move(operation), spec.dtype, std::move(chunks));
}

}  // namespace dusk::collections::array
