#include "bindings/object.h"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <array>
#include <atomic>
#include <charconv>
#include <random>

#include "bindings/convert.h"
#include "bindings/delayed_call.h"
#include "bindings/errors.h"
#include "bindings/finalize.h"
#include "bindings/lowered.h"
#include "bindings/plan.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

// A literal, or a persisted result. The node is its own operation.
class ObjectValue final : public ObjectNode, public graph::Operation {
 public:
  ObjectValue(base::Token token, data::Value value, std::string prefix, bool keyed)
      : ObjectNode(token, {}),
        value_(std::move(value)),
        prefix_(std::move(prefix)),
        keyed_(keyed) {}

  std::string_view kind() const override { return "ObjectValue"; }
  std::string describe() const override { return "ObjectValue " + value_.type_name(); }
  const std::string& prefix() const override { return prefix_; }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr>) const override {
    return std::make_shared<ObjectValue>(token(), value_, prefix_, keyed_);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr>) const override {
    return std::make_shared<graph::ValuesLayer>(prefix_, token(), data::ValueList{value_});
  }
  const graph::Operation* single_task() const override { return this; }
  PyObject* only_ours() const override {
    if (!value_.is_foreign() || value_.foreign().use_count() > 1) return nullptr;
    auto python = dynamic_cast<const PyForeign*>(value_.foreign().get());
    return python ? python->get().ptr() : nullptr;
  }
  bool keyed() const override { return keyed_; }

  std::string name() const override { return prefix_; }
  base::Result<data::Value> run(const graph::TaskContext&, graph::Inputs) const override {
    return value_;
  }
  int64_t bound(int64_t) const override { return 0; }
  bool cheap() const override { return true; }
  std::string_view codec() const override { return "python.delayed-value"; }
  void encode(graph::Encoder& out) const override { write_delayed_value(out, value_, prefix_); }

 private:
  data::Value value_;
  std::string prefix_;
  bool keyed_;
};

// A delayed call. The node is its own operation: a million of them are a million allocations.
class ObjectCall final : public ObjectNode, public graph::Operation {
 public:
  ObjectCall(base::Token token, std::vector<graph::ExprPtr> inputs,
             std::shared_ptr<SharedObject> function, std::string prefix, bool keyed)
      : ObjectNode(token, std::move(inputs)),
        function_(std::move(function)),
        prefix_(std::move(prefix)),
        keyed_(keyed) {
    for (const graph::ExprPtr& input : this->inputs()) {
      simple_ &= dynamic_cast<const ObjectNode*>(input.get()) != nullptr;
    }
  }

  std::string_view kind() const override { return "ObjectCall"; }
  std::string describe() const override { return "ObjectCall " + prefix_; }
  const std::string& prefix() const override { return prefix_; }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    return std::make_shared<ObjectCall>(token(), std::move(inputs), function_, prefix_, keyed_);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr>) const override {
    throw base::runtime_error("delayed calls are lowered together");
  }
  const graph::Operation* single_task() const override { return this; }
  PyObject* only_ours() const override {
    return function_.use_count() == 1 ? function_->get().ptr() : nullptr;
  }
  bool keyed() const override { return keyed_; }

  std::string name() const override { return prefix_; }
  bool native() const override { return false; }
  std::string detail() const override { return "a Python function"; }
  base::Result<data::Value> run(const graph::TaskContext&, graph::Inputs values) const override {
    return run_delayed(*function_, inputs(), simple_, values);
  }
  std::string_view codec() const override { return "python.delayed-call"; }
  void encode(graph::Encoder& out) const override {
    write_delayed_call(out, *function_, prefix_, inputs(), simple_);
  }

 private:
  std::shared_ptr<SharedObject> function_;
  std::string prefix_;
  bool keyed_;
  bool simple_ = true;  // every input is one object
};

class ObjectBlock final : public ObjectNode {
 public:
  ObjectBlock(base::Token token, graph::ExprPtr of, int64_t index)
      : ObjectNode(token, {std::move(of)}), index_(index) {}

  std::string_view kind() const override { return "ObjectBlock"; }
  std::string describe() const override { return "ObjectBlock " + std::to_string(index_); }
  const std::string& prefix() const override { return inputs()[0]->prefix(); }
  graph::ExprPtr with_inputs(std::vector<graph::ExprPtr> inputs) const override {
    return std::make_shared<ObjectBlock>(token(), std::move(inputs[0]), index_);
  }
  graph::LayerPtr lower(std::span<const graph::LayerPtr> inputs) const override {
    return std::make_shared<graph::PickLayer>(prefix(), token(), inputs[0],
                                              std::vector<int64_t>{index_});
  }

 private:
  int64_t index_;
};

class ObjectFamily : public Family {
 public:
  bool owns(const graph::Expr& expr) const override {
    return dynamic_cast<const ObjectNode*>(&expr) != nullptr;
  }
  nb::object wrap(graph::ExprPtr expr) const override {
    return nb::cast(PyObjectExpr{{std::move(expr)}});
  }
  nb::object finish(const graph::Expr&, data::ValueList blocks) const override {
    return value_to_python(std::move(blocks[0]));
  }
  graph::ExprPtr persisted(const graph::Expr& expr, data::ValueList blocks) const override {
    auto node = dynamic_cast<const ObjectNode*>(&expr);
    return std::make_shared<ObjectValue>(expr.token(), std::move(blocks[0]), expr.prefix(),
                                         node && node->keyed());
  }
  graph::ExprPtr lowered(const graph::Expr& expr, graph::LayerPtr layer,
                         RemoteBlocksPtr blocks) const override {
    return make_lowered<ObjectNode>(identity_of(expr), std::move(layer), std::move(blocks));
  }
  void write_shape(const graph::Expr&, graph::Encoder&) const override {}
  graph::ExprPtr read_shape(graph::Decoder&, Identity identity) const override {
    return make_lowered<ObjectNode>(std::move(identity), nullptr, nullptr);
  }
};

// The cycle collector's view: the Python objects that a wrapper's nodes hold, as far as nobody else
// shares those nodes (a shared reference must not be reported by each of its holders). Chains are
// followed for a few nodes only; what is beyond them counts as held from outside, which is safe.
constexpr int kTraversedMax = 16;

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!nb::inst_ready(self)) return 0;
  std::array<const graph::ExprPtr*, kTraversedMax> open{&nb::inst_ptr<PyExpr>(self)->expr};
  size_t count = 1;
  for (size_t i = 0; i < count; ++i) {
    const graph::ExprPtr& expr = *open[i];
    if (expr.use_count() != 1) continue;
    if (auto node = dynamic_cast<const ObjectNode*>(expr.get())) Py_VISIT(node->only_ours());
    for (const graph::ExprPtr& input : expr->inputs()) {
      if (count < open.size()) open[count++] = &input;
    }
  }
  return 0;
}

// Leaves a node behind that may still be looked at.
int clear(PyObject* self) {
  static const graph::ExprPtr nothing =
      std::make_shared<ObjectValue>(token_from("nothing"), data::Value(), "object", false);
  graph::ExprPtr gone = nothing;
  std::swap(nb::inst_ptr<PyExpr>(self)->expr, gone);
  return 0;
}

PyType_Slot collector_slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(&traverse)},
                                 {Py_tp_clear, reinterpret_cast<void*>(&clear)},
                                 {0, nullptr}};

PyObjectExpr object_value(nb::handle value, const std::string& token,
                          std::optional<std::string> key) {
  bool keyed = key.has_value();
  return {{std::make_shared<ObjectValue>(token_from(token), foreign_value(nb::borrow(value)),
                                         std::move(key).value_or("object"), keyed)}};
}

// A token that nothing else has: bits of this process, and a number.
base::Token unique_token() {
  static const uint64_t process = [] {
    std::random_device random;
    return uint64_t{random()} << 32 | random();
  }();
  static std::atomic<uint64_t> next{0};
  return {process, next.fetch_add(1, std::memory_order_relaxed)};
}

PyObjectExpr object_call(nb::object function, nb::handle inputs, std::string name,
                         std::optional<std::string_view> token, bool keyed) {
  if (!PyCallable_Check(function.ptr())) {
    throw base::type_error("[object_call] a " +
                           std::string(nb::type_name(function.type()).c_str()) +
                           " is not callable");
  }
  return {{std::make_shared<ObjectCall>(
      token ? token_from(*token) : unique_token(), exprs_from_python(inputs),
      std::make_shared<SharedObject>(std::move(function)), std::move(name), keyed)}};
}

nb::list object_blocks(const PyExpr& of) {
  nb::list blocks;
  for (int64_t i = 0; i < of.expr->block_count(); ++i) {
    blocks.append(nb::cast(PyObjectExpr{{object_block(of.expr, i)}}));
  }
  return blocks;
}

}  // namespace

base::Token token_from(std::string_view text) {
  base::Token token;
  if (text.size() == 32) {
    auto high = std::from_chars(text.data(), text.data() + 16, token.hi, 16);
    auto low = std::from_chars(text.data() + 16, text.data() + 32, token.lo, 16);
    if (high.ptr == text.data() + 16 && low.ptr == text.data() + 32) return token;
  }
  return base::Tokenizer("token").add(text).finish();
}

graph::ExprPtr object_block(graph::ExprPtr of, int64_t index) {
  base::Token token = base::Tokenizer("ObjectBlock").add(of->token()).add(index).finish();
  return std::make_shared<ObjectBlock>(token, std::move(of), index);
}

const Family& object_family() {
  static const ObjectFamily* family = new ObjectFamily;
  return *family;
}

void bind_object(nb::module_& m) {
  nb::class_<PyObjectExpr, PyExpr>(m, "ObjectExpr", nb::type_slots(collector_slots),
                                   "One task whose value is any Python object.");
  m.def("object_value", &object_value, nb::arg("value").none(), nb::arg("token"),
        nb::arg("key") = nb::none(), "An object that is already here.");
  m.def("object_call", &object_call, nb::arg("function"), nb::arg("inputs"), nb::arg("name"),
        nb::arg("token") = nb::none(), nb::arg("keyed") = false,
        "One task: function(*values of inputs). Without a token it is like no other.");
  m.def("object_blocks", &object_blocks, nb::arg("expr"),
        "One ObjectExpr for each block (to_delayed).");
}

}  // namespace dusk::bindings
