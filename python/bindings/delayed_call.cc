#include "bindings/delayed_call.h"

#include "bindings/callable_bytes.h"
#include "bindings/errors.h"
#include "bindings/finalize.h"
#include "bindings/gil.h"
#include "bindings/python_codecs.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

nb::object new_tuple(size_t size) {
  nb::object tuple = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(size)));
  if (!tuple.is_valid()) throw nb::python_error();
  return tuple;
}

void set_item(const nb::object& tuple, size_t i, nb::object item) {
  PyTuple_SET_ITEM(tuple.ptr(), static_cast<Py_ssize_t>(i), item.release().ptr());
}

nb::object simple_arguments(graph::Inputs values) {
  nb::object tuple = new_tuple(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    set_item(tuple, i, value_to_python(graph::take(values, i)));
  }
  return tuple;
}

nb::object assembled_arguments(std::span<const graph::ExprPtr> arguments, graph::Inputs values) {
  nb::object tuple = new_tuple(arguments.size());
  size_t next = 0;
  for (size_t i = 0; i < arguments.size(); ++i) {
    data::ValueList blocks;
    for (int64_t b = 0; b < arguments[i]->block_count(); ++b) {
      if (next == values.size()) throw base::value_error("[delayed] a block is missing");
      blocks.push_back(graph::take(values, next++));
    }
    set_item(tuple, i, family_of(*arguments[i]).finish(*arguments[i], std::move(blocks)));
  }
  return tuple;
}

// A call that came as bytes.
class DelayedCall : public graph::Operation {
 public:
  DelayedCall(std::shared_ptr<SharedObject> function, std::string name,
              std::vector<graph::ExprPtr> shapes, bool simple)
      : function_(std::move(function)),
        name_(std::move(name)),
        shapes_(std::move(shapes)),
        simple_(simple) {}
  std::string name() const override { return name_; }
  bool native() const override { return false; }
  std::string detail() const override { return "a Python function"; }
  base::Result<data::Value> run(const graph::TaskContext&, graph::Inputs values) const override {
    return run_delayed(*function_, shapes_, simple_, values);
  }
  std::string_view codec() const override { return "python.delayed-call"; }
  void encode(graph::Encoder& out) const override {
    write_delayed_call(out, *function_, name_, shapes_, simple_);
  }

 private:
  std::shared_ptr<SharedObject> function_;
  std::string name_;
  std::vector<graph::ExprPtr> shapes_;
  bool simple_;
};

class DelayedValue : public graph::Operation {
 public:
  DelayedValue(data::Value value, std::string name)
      : value_(std::move(value)), name_(std::move(name)) {}
  std::string name() const override { return name_; }
  int64_t bound(int64_t) const override { return 0; }
  bool cheap() const override { return true; }
  base::Result<data::Value> run(const graph::TaskContext&, graph::Inputs) const override {
    return value_;
  }
  std::string_view codec() const override { return "python.delayed-value"; }
  void encode(graph::Encoder& out) const override { write_delayed_value(out, value_, name_); }

 private:
  data::Value value_;
  std::string name_;
};

}  // namespace

base::Result<data::Value> run_delayed(const SharedObject& function,
                                      std::span<const graph::ExprPtr> arguments, bool simple,
                                      graph::Inputs values) {
  if (!python_alive()) return base::runtime_error("the Python interpreter is shutting down");
  HoldGil gil;
  try {
    nb::object given = simple ? simple_arguments(values) : assembled_arguments(arguments, values);
    nb::object result = nb::steal(PyObject_CallObject(function.get().ptr(), given.ptr()));
    if (!result.is_valid()) throw nb::python_error();
    given.reset();
    return foreign_value(std::move(result));
  } catch (nb::python_error& raised) {
    return error_from_python(raised);
  } catch (const base::Error& error) {
    return error;
  }
}

// Simple calls say nothing of their inputs, so that calls of one function are equal.
void write_delayed_call(graph::Encoder& out, const SharedObject& function, const std::string& name,
                        std::span<const graph::ExprPtr> arguments, bool simple) {
  write_callable(out, function);
  out.text(name);
  out.boolean(simple);
  if (simple) return;
  out.count(arguments.size());
  for (const graph::ExprPtr& argument : arguments) write_shape(out, *argument);
}

void write_delayed_value(graph::Encoder& out, const data::Value& value, const std::string& name) {
  out.text(name);
  write_value(out, value);
}

graph::OperationPtr decode_delayed_call(graph::Decoder& in) {
  std::shared_ptr<SharedObject> function = read_callable(in);
  std::string name = in.string();
  bool simple = in.boolean();
  std::vector<graph::ExprPtr> shapes(simple ? 0 : in.length());
  for (graph::ExprPtr& shape : shapes) shape = read_shape(in);
  return std::make_shared<DelayedCall>(std::move(function), std::move(name), std::move(shapes),
                                       simple);
}

graph::OperationPtr decode_delayed_value(graph::Decoder& in) {
  std::string name = in.string();
  return std::make_shared<DelayedValue>(read_value(in), std::move(name));
}

}  // namespace dusk::bindings
