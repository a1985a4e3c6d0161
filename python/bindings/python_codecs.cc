#include "bindings/python_codecs.h"

#include <algorithm>

#include "bindings/errors.h"
#include "bindings/finalize.h"
#include "bindings/gil.h"
#include "bindings/pickling.h"
#include "dusk/base/error.h"
#include "dusk/node/native_language.h"

namespace dusk::bindings {

void add_python_codecs(graph::Codecs& codecs) {
  codecs.foreign = &foreign_from_frames;
  codecs.operations["python.call"] = &decode_python_operation;
  codecs.operations["python.delayed-call"] = &decode_delayed_call;
  codecs.operations["python.delayed-value"] = &decode_delayed_value;
}

graph::Codecs all_codecs() {
  graph::Codecs codecs = node::native_codecs();
  add_python_codecs(codecs);
  return codecs;
}

void write_object(graph::Encoder& out, const SharedObject& object) {
  write_object(out, object.get());
}

void write_object(graph::Encoder& out, nb::handle held, std::string_view prefix) {
  out.object(held.ptr(), [held, prefix] {
    HoldGil gil;
    try {
      return pickled(held, prefix);
    } catch (nb::python_error& error) {
      std::string type = nb::type_name(held.type()).c_str();
      throw base::type_error(
          "[encode] an object of type " + type +
          " cannot be pickled, and so not be sent to another process: " + error.what());
    }
  });
}

std::shared_ptr<SharedObject> read_object(graph::Decoder& in) {
  data::Value value = in.object();
  HoldGil gil;
  return std::make_shared<SharedObject>(value_to_python(std::move(value)));
}

void write_value(graph::Encoder& out, const data::Value& value) {
  const PyForeign* object =
      value.is_foreign() ? dynamic_cast<const PyForeign*>(value.foreign().get()) : nullptr;
  out.boolean(object != nullptr);
  if (object) return write_object(out, object->shared());
  out.value(value);
}

data::Value read_value(graph::Decoder& in) { return in.boolean() ? in.object() : in.value(); }

void write_shape(graph::Encoder& out, const graph::Expr& expr) {
  auto all = families();
  const Family* own = &family_of(expr);
  out.integer(std::find(all.begin(), all.end(), own) - all.begin());
  out.token(expr.token());
  out.text(expr.key());
  out.text(expr.prefix());
  own->write_shape(expr, out);
}

graph::ExprPtr read_shape(graph::Decoder& in) {
  auto all = families();
  auto family = static_cast<size_t>(in.integer(0, static_cast<int64_t>(all.size()) - 1));
  Identity identity;
  identity.token = in.token();
  identity.key = in.string();
  identity.prefix = in.string();
  return all[family]->read_shape(in, std::move(identity));
}

}  // namespace dusk::bindings
