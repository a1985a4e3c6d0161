#include "bindings/python_operation.h"

#include <array>

#include "bindings/errors.h"
#include "bindings/gil.h"
#include "bindings/python_codecs.h"

namespace dusk::bindings {
namespace {

data::Value as_table(nb::handle result) { return data::Value(table_from_python(result)); }

// Blocks are arrays: scalars and lists that a function returns become ones.
data::Value as_block(nb::handle result) {
  data::Value block_as_it_is = value_from_python(result);
  if (block_as_it_is.is_array()) return block_as_it_is;
  if (nb::hasattr(result, "shape") && nb::hasattr(result, "dtype") &&
      !PyObject_HasAttrString(result.ptr(), "tolist")) {
    return block_as_it_is;  // another library's array
  }
  return value_from_python(nb::module_::import_("numpy").attr("asanyarray")(result));
}

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
  Kind kind() const override { return Kind::kPlain; }
};

class PythonOperation : public graph::Operation {
 public:
  PythonOperation(std::shared_ptr<const SharedObject> function, std::string name,
                  std::shared_ptr<const ArgumentBuilder> arguments, std::string why,
                  ResultKind result)
      : function_(std::move(function)),
        name_(std::move(name)),
        arguments_(std::move(arguments)),
        why_(std::move(why)),
        result_(result) {}

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
          nb::steal(PyObject_Call(function_->get().ptr(), positional.ptr(), keywords.ptr()));
      if (!result.is_valid()) throw nb::python_error();
      positional.reset();
      return result_ == ResultKind::kTable ? as_table(result) : as_block(result);
    } catch (nb::python_error& raised) {
      return error_from_python(raised);
    } catch (const base::Error& error) {
      return error;
    } catch (const std::exception& error) {
      return base::runtime_error(error.what());
    }
  }

  std::string_view codec() const override { return "python.call"; }
  void encode(graph::Encoder& out) const override {
    write_object(out, *function_);
    out.text(name_);
    out.text(why_);
    out.integer(static_cast<int64_t>(result_));
    out.integer(static_cast<int64_t>(arguments_->kind()));
    arguments_->encode(out);
  }

 private:
  std::shared_ptr<const SharedObject> function_;
  std::string name_;
  std::shared_ptr<const ArgumentBuilder> arguments_;
  std::string why_;
  ResultKind result_;
};

}  // namespace

std::shared_ptr<const ArgumentBuilder> plain_arguments() {
  static const std::shared_ptr<const ArgumentBuilder> plain = std::make_shared<PlainArguments>();
  return plain;
}

graph::OperationPtr make_python_operation(nb::object function, std::string name,
                                          std::shared_ptr<const ArgumentBuilder> arguments,
                                          std::string why, ResultKind result) {
  return std::make_shared<PythonOperation>(std::make_shared<SharedObject>(std::move(function)),
                                           std::move(name), std::move(arguments), std::move(why),
                                           result);
}

graph::OperationPtr decode_python_operation(graph::Decoder& in) {
  std::shared_ptr<SharedObject> function = read_object(in);
  std::string name = in.string();
  std::string why = in.string();
  auto result = in.choice(ResultKind::kTable);
  std::shared_ptr<const ArgumentBuilder> arguments;
  switch (in.choice(ArgumentBuilder::Kind::kTables)) {
    case ArgumentBuilder::Kind::kPlain: arguments = plain_arguments(); break;
    case ArgumentBuilder::Kind::kBlocks: arguments = decode_block_arguments(in); break;
    case ArgumentBuilder::Kind::kTables: arguments = decode_table_arguments(in); break;
  }
  return std::make_shared<PythonOperation>(std::move(function), std::move(name),
                                           std::move(arguments), std::move(why), result);
}

}  // namespace dusk::bindings
