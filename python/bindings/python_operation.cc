#include "bindings/python_operation.h"

#include <array>

#include "bindings/errors.h"
#include "bindings/gil.h"

namespace dusk::bindings {
namespace {

class PlainArguments : public ArgumentBuilder {
 public:
  nb::object build(const graph::TaskContext&, graph::Inputs inputs) const override {
    nb::object tuple = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(inputs.size())));
    if (!tuple.is_valid()) throw nb::python_error();
    for (size_t i = 0; i < inputs.size(); ++i) {
      PyTuple_SET_ITEM(tuple.ptr(), static_cast<Py_ssize_t>(i),
                       value_to_python(graph::take(inputs, i)).release().ptr());
    }
    return tuple;
  }
};

class PythonOperation : public graph::Operation {
 public:
  PythonOperation(nb::object function, std::string name,
                  std::shared_ptr<const ArgumentBuilder> arguments, std::string why,
                  ResultConverter convert)
      : function_(std::move(function)),
        name_(std::move(name)),
        arguments_(std::move(arguments)),
        why_(std::move(why)),
        convert_(convert) {}

  std::string name() const override { return name_; }
  bool native() const override { return false; }
  std::string detail() const override { return why_; }
  bool index_free() const override { return arguments_->index_free(); }

  base::Result<data::Value> run(const graph::TaskContext& context,
                                graph::Inputs inputs) const override {
    if (!python_alive()) return base::runtime_error("the Python interpreter is shutting down");
    HoldGil gil;
    try {
      nb::object positional = arguments_->build(context, inputs);
      nb::object keywords = arguments_->keywords(context);
      nb::object result =
          nb::steal(PyObject_Call(function_.get().ptr(), positional.ptr(), keywords.ptr()));
      if (!result.is_valid()) throw nb::python_error();
      positional.reset();
      return convert_(result);
    } catch (nb::python_error& raised) {
      return error_from_python(raised);
    } catch (const base::Error& error) {
      return error;
    } catch (const std::exception& error) {
      return base::runtime_error(error.what());
    }
  }

 private:
  SharedObject function_;
  std::string name_;
  std::shared_ptr<const ArgumentBuilder> arguments_;
  std::string why_;
  ResultConverter convert_;
};

}  // namespace

std::shared_ptr<const ArgumentBuilder> plain_arguments() {
  static const std::shared_ptr<const ArgumentBuilder> plain = std::make_shared<PlainArguments>();
  return plain;
}

graph::OperationPtr make_python_operation(nb::object function, std::string name,
                                          std::shared_ptr<const ArgumentBuilder> arguments,
                                          std::string why) {
  return make_python_operation(std::move(function), std::move(name), std::move(arguments),
                               std::move(why), &value_from_python);
}

graph::OperationPtr make_python_operation(nb::object function, std::string name,
                                          std::shared_ptr<const ArgumentBuilder> arguments,
                                          std::string why, ResultConverter convert) {
  if (!arguments) arguments = plain_arguments();
  return std::make_shared<PythonOperation>(std::move(function), std::move(name),
                                           std::move(arguments), std::move(why), convert);
}

}  // namespace dusk::bindings
