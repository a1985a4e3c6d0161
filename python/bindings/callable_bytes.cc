#include "bindings/callable_bytes.h"

#include <unordered_map>

#include "bindings/gil.h"
#include "bindings/pickling.h"
#include "bindings/python_codecs.h"
#include "dusk/base/token.h"

namespace dusk::bindings {
namespace {

enum class Form : uint8_t { kWhole, kPartial, kCall };
constexpr int kForms = 3;

constexpr char kMark = 'f';             // no pickle begins like this
constexpr size_t kFunctionsMax = 1024;  // kept; all are dropped when it is reached

nb::handle partial_type() {
  static nb::handle type = nb::object(nb::module_::import_("functools").attr("partial")).release();
  return type;
}
// Dusk's own partial: with a plan for every argument.
nb::handle call_type() {
  static nb::handle type = nb::object(nb::module_::import_("dusk.delayed").attr("Call")).release();
  return type;
}

Form form_of(nb::handle callable) {
  auto* type = reinterpret_cast<PyObject*>(Py_TYPE(callable.ptr()));
  if (type == call_type().ptr()) return Form::kCall;
  if (type != partial_type().ptr()) return Form::kWhole;
  return PyDict_GET_SIZE(callable.attr("keywords").ptr()) == 0 ? Form::kPartial : Form::kWhole;
}

}  // namespace

void write_callable(graph::Encoder& out, const SharedObject& callable) {
  HoldGil gil;
  nb::handle held = callable.get();
  Form form = form_of(held);
  out.integer(static_cast<int64_t>(form));
  if (form == Form::kWhole) return write_object(out, held);
  // Both attributes live as long as the callable.
  nb::object function = held.attr("func");
  bool shared = PyFunction_Check(function.ptr()) || PyCFunction_Check(function.ptr());
  write_object(out, function, {&kMark, shared ? size_t{1} : size_t{0}});
  nb::object arguments = held.attr("args");
  write_object(out, arguments);
}

std::shared_ptr<SharedObject> read_callable(graph::Decoder& in) {
  auto form = static_cast<Form>(in.integer(0, kForms - 1));
  std::shared_ptr<SharedObject> first = read_object(in);
  if (form == Form::kWhole) return first;
  std::shared_ptr<SharedObject> arguments = read_object(in);
  HoldGil gil;
  if (!PyCallable_Check(first->get().ptr()) || !nb::isinstance<nb::tuple>(arguments->get())) {
    throw graph::Decoder::damaged();
  }
  nb::object made = form == Form::kCall
                        ? call_type()(first->get(), arguments->get())
                        : partial_type()(first->get(), *nb::borrow<nb::tuple>(arguments->get()));
  return std::make_shared<SharedObject>(std::move(made));
}

nb::object marked_function(const data::Frames& frames) {
  std::string_view header = frames.header;
  if (header.empty() || header[0] != kMark) return {};
  if (!frames.buffers.empty()) return unpickled(header.substr(1), frames.buffers);
  static auto* functions = new std::unordered_map<base::Token, nb::object>;  // outlives Python
  base::Token token = base::Tokenizer("function").add(header).finish();
  auto found = functions->find(token);
  if (found != functions->end()) return found->second;
  nb::object made = unpickled(header.substr(1));
  std::unordered_map<base::Token, nb::object> old;  // may run Python when it goes
  if (functions->size() >= kFunctionsMax) std::swap(old, *functions);
  functions->emplace(token, made);
  return made;
}

}  // namespace dusk::bindings
