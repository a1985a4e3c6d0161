// Expressions as bytes: pickles of collections, and what tests need to see that graphs survive.
//
// What travels is the layers that make an expression's blocks, and a description of the blocks.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <unordered_set>

#include "bindings/convert.h"
#include "bindings/expr.h"
#include "bindings/lowered.h"
#include "bindings/pickling.h"
#include "bindings/plan.h"
#include "bindings/python_codecs.h"
#include "dusk/base/error.h"
#include "dusk/graph/remote_layer.h"

namespace dusk::bindings {
namespace {

// A description travels as an operation that nobody runs.
class Description : public graph::Operation {
 public:
  explicit Description(graph::ExprPtr expr) : expr_(std::move(expr)) {}
  std::string name() const override { return expr_->prefix(); }
  base::Result<data::Value> run(const graph::TaskContext&, graph::Inputs) const override {
    return base::runtime_error("a description of blocks is not run");
  }
  std::string_view codec() const override { return "python.description"; }
  void encode(graph::Encoder& out) const override { write_shape(out, *expr_); }
  static graph::OperationPtr decode(graph::Decoder& in) {
    return std::make_shared<Description>(read_shape(in));
  }
  const graph::ExprPtr& expr() const { return expr_; }

 private:
  graph::ExprPtr expr_;
};

std::string description_of(const graph::ExprPtr& expr) {
  return graph::encode_operation(Description(expr)).header;
}

graph::ExprPtr described(std::string bytes) {
  graph::Codecs codecs;
  codecs.operations["python.description"] = &Description::decode;
  data::Frames frames{std::move(bytes), {}};
  graph::OperationPtr found = graph::decode_operation(frames, codecs);
  auto description = dynamic_cast<const Description*>(found.get());
  if (!description) throw base::value_error("[load_expr] the bytes are no description");
  return description->expr();
}

nb::bytes to_bytes(const std::string& text) { return nb::bytes(text.data(), text.size()); }

std::string from_bytes(const nb::bytes& bytes) { return {bytes.c_str(), bytes.size()}; }

data::BufferPtr buffer_from(nb::handle array) {
  data::NdArray bytes = array_from_python(array).contiguous();
  return data::Buffer::wrap(bytes.data(), static_cast<size_t>(bytes.nbytes()), bytes.buffer());
}

// Keys of the blocks on a cluster that a layer needs.
std::vector<std::string> remote_keys(const graph::LayerPtr& root) {
  std::vector<std::string> keys;
  std::vector<const graph::Layer*> open{root.get()};
  std::unordered_set<const graph::Layer*> seen{root.get()};
  while (!open.empty()) {
    const graph::Layer* layer = open.back();
    open.pop_back();
    if (auto remote = dynamic_cast<const graph::RemoteLayer*>(layer)) {
      keys.insert(keys.end(), remote->keys().begin(), remote->keys().end());
    }
    for (const graph::LayerPtr& input : layer->inputs()) {
      if (seen.insert(input.get()).second) open.push_back(input.get());
    }
  }
  return keys;
}

// (the layers' header, their buffers, the description); no header of what is only described.
nb::tuple dump_expr(const PyExpr& self) {
  data::Frames frames;
  std::string description;
  auto lowered = dynamic_cast<const LoweredExpr*>(self.expr.get());
  if (lowered && !lowered->computable()) {
    return nb::make_tuple(nb::bytes("", 0), nb::list(), to_bytes(description_of(self.expr)));
  }
  {
    nb::gil_scoped_release unlocked;
    graph::LayerPtr layer = layers_of(optimize({self.expr}), false)[0];
    frames = graph::encode_graph(std::vector<graph::Wanted>{{std::move(layer), {}}});
    description = description_of(self.expr);
  }
  nb::list buffers;
  for (data::BufferPtr& buffer : frames.buffers) buffers.append(view_of(std::move(buffer)));
  return nb::make_tuple(to_bytes(frames.header), buffers, to_bytes(description));
}

// `client`: of the cluster that has the blocks which the expression needs, or None.
nb::object load_expr(const nb::bytes& header, nb::list buffers, const nb::bytes& description,
                     nb::handle client) {
  data::Frames frames{from_bytes(header), {}};
  for (nb::handle buffer : buffers) frames.buffers.push_back(buffer_from(buffer));
  graph::ExprPtr shape = described(from_bytes(description));
  if (frames.header.empty()) return wrap(std::move(shape));
  auto wanted = graph::decode_graph(frames, all_codecs());
  if (wanted.size() != 1 || wanted[0].layer->size() != shape->block_count()) {
    throw base::value_error("[load_expr] the layers are not those of the description");
  }
  RemoteBlocksPtr blocks;
  std::vector<std::string> keys = remote_keys(wanted[0].layer);
  if (!keys.empty()) {
    if (client.is_none()) {
      throw base::value_error("[load_expr] its blocks are on a cluster, and no client is given");
    }
    const LinkPtr& link = nb::cast<PyClient&>(client).link;
    std::vector<cluster::TaskNumber> numbers;
    for (const std::string& key : keys) numbers.push_back(adopt(*link, key));
    blocks = std::make_shared<const RemoteBlocks>(link, std::move(numbers));
  }
  return wrap(family_of(*shape).lowered(*shape, std::move(wanted[0].layer), std::move(blocks)));
}

nb::object description_only(const PyExpr& self) {
  return wrap(described(description_of(self.expr)));
}

// The expressions after a journey of their optimised graph, as it goes to a cluster.
nb::list recode(nb::handle exprs, bool optimized) {
  std::vector<graph::ExprPtr> roots = exprs_from_python(exprs);
  std::vector<graph::Wanted> there;
  {
    nb::gil_scoped_release unlocked;
    if (optimized) roots = optimize(std::move(roots));
    std::vector<graph::Wanted> here;
    for (graph::LayerPtr& layer : layers_of(roots, optimized)) here.push_back({layer, {}});
    data::Frames frames = graph::encode_graph(here);
    there = graph::decode_graph(frames, all_codecs());
  }
  nb::list results;
  for (size_t i = 0; i < roots.size(); ++i) {
    const graph::Expr& expr = *roots[i];
    results.append(wrap(family_of(expr).lowered(expr, std::move(there[i].layer), nullptr)));
  }
  return results;
}

nb::object reduce(nb::handle self) {
  return nb::module_::import_("dusk.pickling").attr("reduce")(self);
}

}  // namespace

void bind_expr_bytes(nb::module_& m) {
  nb::object expr = m.attr("Expr");
  expr.attr("__reduce__") = nb::cpp_function(&reduce, nb::is_method());
  // Expressions do not change: copies share them.
  expr.attr("__copy__") = nb::cpp_function([](nb::object self) { return self; }, nb::is_method());
  expr.attr("__deepcopy__") =
      nb::cpp_function([](nb::object self, nb::handle) { return self; }, nb::is_method());
  m.def("dump_expr", &dump_expr, nb::arg("expr"));
  m.def("load_expr", &load_expr, nb::arg("header"), nb::arg("buffers"), nb::arg("description"),
        nb::arg("client").none());
  m.def("description_only", &description_only, nb::arg("expr"),
        "The expression without what makes its blocks.");
  m.def("recode", &recode, nb::arg("exprs"), nb::arg("optimized") = true,
        "The expressions after their graph was encoded and decoded.");
}

}  // namespace dusk::bindings
