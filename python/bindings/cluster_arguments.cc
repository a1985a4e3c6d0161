#include "bindings/cluster_arguments.h"

#include <nanobind/stl/string.h>

#include <algorithm>
#include <cstring>

#include "bindings/pickling.h"
#include "bindings/plain_pickle.h"
#include "dusk/base/error.h"
#include "dusk/data/buffer.h"

namespace dusk::bindings {
namespace {

constexpr int kDepthMax = 100;  // of containers that are searched for futures

class Builder {
 public:
  Builder(const LinkPtr& link, const std::string& function, nb::handle arguments,
          nb::handle keywords)
      : link_(link), function_(function), arguments_(arguments), keywords_(keywords) {
    named_ = !keywords.is_none() && PyDict_GET_SIZE(keywords.ptr()) > 0;
  }

  PyArguments build(bool identify) {
    if (!futures_only() && !plain()) {
      general();
      if (identify) made_.identity = identity_of_objects();
    } else if (identify) {
      if (made_.body) made_.identity = made_.body->header;
      for (const PyFuture* future : futures_) (made_.identity += '\0') += future->key();
    }
    return std::move(made_);
  }

 private:
  // The place of a future among the dependencies.
  size_t place_of(PyFuture* future) {
    for (size_t i = futures_.size(); i > 0; --i) {
      if (futures_[i - 1]->number() == future->number()) return i - 1;
      if (futures_.size() > 32) break;
    }
    if (futures_.size() > 32) {
      auto found = places_.find(future->number());
      if (found != places_.end()) return found->second;
    }
    if (future->link() != link_) {
      throw base::value_error("[submit] an argument of " + function_ +
                              " is a future of another client");
    }
    if (future->assembly()) {
      throw base::not_implemented("[submit] an argument of " + function_ +
                                  " is the future of a whole collection (" + future->key() +
                                  "): give its result, or futures_of() the persisted collection");
    }
    if (future->number() == 0) {
      throw base::value_error("[submit] an argument of " + function_ +
                              " is a future that was released: " + future->key());
    }
    futures_.push_back(future);
    made_.dependencies.push_back(future->number());
    places_.emplace(future->number(), futures_.size() - 1);
    return futures_.size() - 1;
  }
  void start_again() {
    futures_.clear();
    places_.clear();
    made_.dependencies.clear();
  }

  bool futures_only() {
    if (named_) return false;
    Py_ssize_t count = PyTuple_GET_SIZE(arguments_.ptr());
    if (count == 0) return false;
    for (Py_ssize_t i = 0; i < count; ++i) {
      if (!future_in(PyTuple_GET_ITEM(arguments_.ptr(), i))) return false;
    }
    for (Py_ssize_t i = 0; i < count; ++i) {
      PyFuture* future = future_in(PyTuple_GET_ITEM(arguments_.ptr(), i));
      if (place_of(future) == static_cast<size_t>(i)) continue;
      start_again();  // one of them twice
      return false;
    }
    return true;
  }

  bool plain() {
    bool with_futures = named_;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(arguments_.ptr()); ++i) {
      with_futures = with_futures || future_in(PyTuple_GET_ITEM(arguments_.ptr(), i));
    }
    if (write_plain(with_futures)) return true;
    bool nested = !futures_.empty() && !with_futures;
    start_again();
    if (nested && write_plain(true)) return true;
    start_again();
    return false;
  }

  bool write_plain(bool with_futures) {
    std::string header(1, with_futures ? 'k' : 'a');
    PlainPickler::Other other = [&](nb::handle object, std::string& out) {
      PyFuture* future = future_in(object);
      if (!future) return false;
      write_place(place_of(future), out);
      return with_futures;
    };
    PlainPickler pickler(header, &other);
    pickler.begin();
    if (!pickler.add_items(arguments_)) return false;
    if (with_futures) {
      header += '}';
      if (named_ && !write_keywords(pickler, header)) return false;
      header += '\x86';
    }
    pickler.end();
    made_.body = std::make_shared<const data::Frames>(data::Frames{std::move(header), {}});
    return true;
  }

  bool write_keywords(PlainPickler& pickler, std::string& header) {
    header += '(';
    PyObject *name, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(keywords_.ptr(), &at, &name, &value)) {
      if (!pickler.add(name) || !pickler.add(value)) return false;
    }
    header += 'u';
    return true;
  }

  // Input(place), see dusk/distributed/places.py.
  static void write_place(size_t place, std::string& out) {
    PlainPickler pickler(out);
    pickler.add_text("dusk.distributed.places");
    pickler.add_text("Input");
    out += '\x93';
    pickler.add_integer(static_cast<int64_t>(place));
    out += "\x85R";
  }

  // ---- anything else, by the pickle module

  nb::object placed(nb::handle object, int depth = 0) {
    if (depth > kDepthMax) return nb::borrow(object);
    if (PyFuture* future = future_in(object)) {
      static nb::handle input =
          nb::object(nb::module_::import_("dusk.distributed.places").attr("Input")).release();
      return input(place_of(future));
    }
    PyObject* o = object.ptr();
    if (PyList_CheckExact(o) || PyTuple_CheckExact(o) || PyAnySet_CheckExact(o)) {
      return placed_items(object, depth + 1);
    }
    if (PyDict_CheckExact(o)) return placed_dict(object, depth + 1);
    return nb::borrow(object);
  }

  // The same object when no future is inside.
  nb::object placed_items(nb::handle items, int depth) {
    nb::list made;
    bool changed = false;
    for (nb::handle item : items) {
      nb::object own = placed(item, depth);
      changed |= own.ptr() != item.ptr();
      made.append(own);
    }
    if (!changed) return nb::borrow(items);
    if (PyList_CheckExact(items.ptr())) return made;
    return nb::borrow(reinterpret_cast<PyObject*>(Py_TYPE(items.ptr())))(made);
  }

  nb::object placed_dict(nb::handle dict, int depth) {
    nb::dict made;
    bool changed = false;
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(dict.ptr(), &at, &key, &value)) {
      nb::object own = placed(value, depth);
      changed |= own.ptr() != value;
      made[nb::handle(key)] = own;
    }
    return changed ? nb::object(made) : nb::borrow(dict);
  }

  void general() {
    nb::object arguments = placed(arguments_);
    nb::object keywords = named_ ? placed(keywords_) : nb::object(nb::dict());
    bool whole = named_ || !futures_.empty();
    nb::object all = whole ? nb::object(nb::make_tuple(arguments, keywords)) : arguments;
    made_.body = pickle(all, whole ? "k" : "a");
  }

  // TypeError names the argument that has no pickle.
  cluster::Body pickle(nb::handle all, std::string_view letter) {
    try {
      return body_of(all, letter);
    } catch (nb::python_error& error) {
      nb::module_::import_("dusk.distributed.functions")
          .attr("raise_unpicklable")(function_, arguments_, keywords_, error.value());
      throw;
    }
  }

  std::string identity_of_objects() {
    std::string bytes = "containers";
    PlainPickler::Other other = [](nb::handle object, std::string& out) {
      PyFuture* future = future_in(object);
      if (!future) return false;
      out += 'F';
      out += future->key();
      out += '\0';
      return true;
    };
    PlainPickler pickler(bytes, &other);
    pickler.containers(true);
    if (pickler.add(arguments_) && (!named_ || pickler.add(keywords_))) {
      return bytes;
    }
    nb::object tokenize = nb::module_::import_("dusk.tokens").attr("tokenize");
    return "objects" + nb::cast<std::string>(tokenize(arguments_, keywords_));
  }

  const LinkPtr& link_;
  const std::string& function_;
  nb::handle arguments_;
  nb::handle keywords_;
  bool named_ = false;
  std::vector<PyFuture*> futures_;
  std::unordered_map<cluster::TaskNumber, size_t> places_;
  PyArguments made_;
};

}  // namespace

PyArguments make_arguments(const LinkPtr& link, const std::string& function, nb::handle arguments,
                           nb::handle keywords, bool identify) {
  return Builder(link, function, arguments, keywords).build(identify);
}

cluster::Body body_of(nb::handle object, std::string_view letter) {
  data::Frames frames = pickled(object, letter);
  for (data::BufferPtr& buffer : frames.buffers) {
    auto own = data::Buffer::allocate(buffer->size());
    std::memcpy(own->data(), buffer->data(), buffer->size());
    buffer = std::move(own);
  }
  return std::make_shared<const data::Frames>(std::move(frames));
}

}  // namespace dusk::bindings
