// submit and map: functions, arguments and keys become tasks.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/cluster_arguments.h"
#include "bindings/cluster_client.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

constexpr size_t kFunctionsMax = 1024;  // kept; all are dropped when it is reached
constexpr size_t kSignalsEvery = 1024;  // tasks of a map

// What a call really is: partial objects are taken apart, and objects that are not functions
// become an argument of one that calls them.
struct PyCall {
  nb::object function;
  nb::object first;     // a tuple that goes before the arguments; invalid for none
  nb::object keywords;  // a dictionary or None
};

bool is_function(nb::handle object) {
  PyObject* o = object.ptr();
  if (PyFunction_Check(o) || PyType_Check(o)) return true;
  if (!PyCFunction_CheckExact(o)) return false;
  PyObject* owner = PyCFunction_GET_SELF(o);
  return !owner || PyModule_Check(owner);
}

PyCall make_call(nb::handle function, nb::handle keywords) {
  static nb::handle partial =
      nb::object(nb::module_::import_("functools").attr("partial")).release();
  static nb::handle call =
      nb::object(nb::module_::import_("dusk.distributed.functions").attr("call")).release();
  PyCall made{nb::borrow(function), {}, nb::borrow(keywords)};
  while (Py_TYPE(made.function.ptr()) == reinterpret_cast<PyTypeObject*>(partial.ptr())) {
    nb::object args = made.function.attr("args");
    made.first = made.first.is_valid() ? args + made.first : args;
    nb::object own = made.function.attr("keywords");
    if (PyDict_GET_SIZE(own.ptr()) > 0) {
      nb::object both = own.attr("copy")();
      if (!made.keywords.is_none()) both.attr("update")(made.keywords);
      made.keywords = both;
    }
    nb::object inner = made.function.attr("func");
    made.function = inner;
  }
  if (!is_function(made.function)) {
    nb::object object = nb::make_tuple(made.function);
    made.first = made.first.is_valid() ? object + made.first : object;
    made.function = nb::borrow(call);
  }
  return made;
}

PyFunction describe(PyClient& c, nb::handle function) {
  nb::module_ functions = nb::module_::import_("dusk.distributed.functions");
  PyFunction made;
  made.function = nb::borrow(function);
  made.name = nb::cast<std::string>(nb::module_::import_("dusk.utils").attr("funcname")(function));
  cluster::Body body;
  try {
    body = body_of(function, "p");
  } catch (nb::python_error& error) {
    functions.attr("raise_unpicklable")(made.name, nb::none(), nb::none(), error.value());
    throw;
  }
  base::Tokenizer token("PythonFunction");
  token.add(body->header);
  for (const data::BufferPtr& buffer : body->buffers) token.bytes(buffer->data(), buffer->size());
  made.token = token.finish();
  made.code = c.client().code(made.token, made.name, [&] { return body; });
  nb::object seen = functions.attr("variables")(function);
  made.keep = !seen.is_none();
  if (!made.keep) return made;
  for (nb::handle item : seen) {
    nb::object name = nb::borrow(item)[1];
    made.seen.push_back(
        {nb::borrow(item)[0], name.is_none() ? nb::object() : name, nb::borrow(item)[2]});
  }
  return made;
}

std::shared_ptr<const PyFunction> function_of(PyClient& c, nb::handle function) {
  auto found = c.functions.find(function.ptr());
  if (found != c.functions.end() && found->second->keep && found->second->same()) {
    return found->second;
  }
  auto fresh = std::make_shared<const PyFunction>(describe(c, function));
  std::unordered_map<PyObject*, std::shared_ptr<const PyFunction>> old;
  if (c.functions.size() >= kFunctionsMax) std::swap(old, c.functions);
  c.functions[function.ptr()] = fresh;
  return fresh;
}

// What all tasks of one map have in common.
struct Options {
  bool pure;
  double priority;
  cluster::RequirementsPtr requirements;
};

Options options_of(bool pure, double priority, nb::handle requirements) {
  Options options{pure, priority, nullptr};
  if (!requirements.is_none()) {
    options.requirements = nb::cast<PyRequirements&>(requirements).requirements;
  }
  return options;
}

nb::object submit_call(PyClient& c, const PyCall& call, const PyFunction& function,
                       nb::object arguments, const std::string& prefix, std::string key,
                       const Options& options) {
  if (call.first.is_valid()) arguments = call.first + arguments;
  bool named = !key.empty();
  PyArguments built =
      make_arguments(c.link, function.name, arguments, call.keywords, !named && options.pure);
  if (!named) {
    base::Token token = base::Tokenizer("task").add(function.token).add(built.identity).finish();
    key = prefix + "-" + token.hex();
  }
  cluster::SubmitTask task;
  task.key = key;
  task.code = function.code;
  task.arguments = std::move(built.body);
  task.dependencies = std::move(built.dependencies);
  task.priority = options.priority;
  task.requirements = options.requirements;
  cluster::TaskNumber number = c.client().submit(std::move(task));
  return c.wrap(number, std::move(key));
}

std::string prefix_of(nb::handle function, const PyFunction& real) {
  if (real.function.is(function)) return real.name;
  return nb::cast<std::string>(nb::module_::import_("dusk.utils").attr("funcname")(function));
}

nb::object submit(PyClient& c, nb::handle function, nb::tuple arguments, nb::handle keywords,
                  nb::handle key, bool pure, double priority, nb::handle requirements) {
  PyCall call = make_call(function, keywords);
  std::shared_ptr<const PyFunction> real = function_of(c, call.function);
  return submit_call(c, call, *real, std::move(arguments), prefix_of(function, *real),
                     key.is_none() ? std::string() : nb::cast<std::string>(key),
                     options_of(pure, priority, requirements));
}

// `keys`: None, a prefix, or a list with one for each task.
nb::list map(PyClient& c, nb::handle function, nb::tuple iterables, nb::handle keywords,
             nb::handle keys, bool pure, double priority, nb::handle requirements) {
  PyCall call = make_call(function, keywords);
  std::shared_ptr<const PyFunction> real = function_of(c, call.function);
  Options options = options_of(pure, priority, requirements);
  bool listed = PyList_Check(keys.ptr());
  std::string prefix =
      keys.is_none() || listed ? prefix_of(function, *real) : nb::cast<std::string>(keys);
  std::vector<nb::object> iterators;
  for (nb::handle iterable : iterables) iterators.push_back(nb::iter(iterable));
  nb::list futures;
  for (size_t i = 0;; ++i) {
    nb::object arguments = nb::steal(PyTuple_New(static_cast<Py_ssize_t>(iterators.size())));
    for (size_t k = 0; k < iterators.size(); ++k) {
      nb::object item = nb::steal(PyIter_Next(iterators[k].ptr()));
      if (!item.is_valid()) {
        if (PyErr_Occurred()) throw nb::python_error();
        return futures;
      }
      PyTuple_SET_ITEM(arguments.ptr(), static_cast<Py_ssize_t>(k), item.release().ptr());
    }
    std::string key;
    if (listed) key = nb::cast<std::string>(nb::borrow(keys)[i]);
    if (!listed && !pure) key = prefix + "-" + std::to_string(i);
    futures.append(
        submit_call(c, call, *real, std::move(arguments), prefix, std::move(key), options));
    if (i % kSignalsEvery == 0 && PyErr_CheckSignals() != 0) throw nb::python_error();
  }
}

}  // namespace

bool PyFunction::Seen::same() const {
  if (!name.is_valid()) {
    PyObject* held = PyCell_GET(place.ptr());
    return held == value.ptr();
  }
  return PyDict_GetItem(place.ptr(), name.ptr()) == value.ptr();
}

bool PyFunction::same() const {
  for (const Seen& variable : seen) {
    if (!variable.same()) return false;
  }
  return true;
}

void bind_cluster_submit(ClusterClientClass& c) {
  c.def("submit", &submit, nb::arg("function"), nb::arg("arguments"), nb::arg("keywords").none(),
        nb::arg("key").none(), nb::arg("pure"), nb::arg("priority"), nb::arg("requirements").none(),
        "The future of function(*arguments, **keywords).")
      .def("map", &map, nb::arg("function"), nb::arg("iterables"), nb::arg("keywords").none(),
           nb::arg("keys").none(), nb::arg("pure"), nb::arg("priority"),
           nb::arg("requirements").none(), "One future for each call, in order.");
}

}  // namespace dusk::bindings
