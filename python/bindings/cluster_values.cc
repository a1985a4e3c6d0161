// Waiting for futures, and what they became.
#include <nanobind/stl/string.h>

#include <cstring>
#include <span>

#include "bindings/cluster_client.h"
#include "bindings/convert.h"
#include "bindings/errors.h"
#include "bindings/pickling.h"
#include "dusk/base/error.h"
#include "dusk/data/buffer.h"
#include "dusk/data/foreign_frames.h"
#include "dusk/data/value.h"

namespace dusk::bindings {
namespace {

using cluster::FutureStatus;
using Numbers = std::vector<cluster::TaskNumber>;

[[noreturn]] void raise_failure(nb::handle future, const node::Ending& ending) {
  nb::object errors = nb::module_::import_("dusk.distributed.errors");
  nb::object fault = ending.fault ? fault_to_python(*ending.fault) : nb::object(nb::none());
  nb::object error = errors.attr("failure")(future, std::string(to_string(ending.status)), fault);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
  throw nb::python_error();
}

// The tasks behind a list of futures: one each, or the blocks of a collection.
struct Parts {
  struct Collection {
    size_t future;
    size_t first;
    PyAssemblyPtr assembly;
  };
  Numbers numbers;
  std::vector<Collection> collections;
  size_t futures;

  Parts(Numbers of, const nb::list& list) : futures(of.size()) {
    for (size_t i = 0; i < of.size(); ++i) {
      PyFuture* future = future_in(list[i]);
      if (future->assembly() && future->number() != 0)
        collections.push_back({i, 0, future->assembly()});
    }
    if (collections.empty()) {
      numbers = std::move(of);
      return;
    }
    auto next = collections.begin();
    for (size_t i = 0; i < of.size(); ++i) {
      if (next == collections.end() || next->future != i) {
        numbers.push_back(of[i]);
        continue;
      }
      next->first = numbers.size();
      const Numbers& parts = next->assembly->parts;
      numbers.insert(numbers.end(), parts.begin(), parts.end());
      ++next;
    }
  }

  nb::object future_at(size_t part, const nb::list& list) const {
    size_t before = 0;  // parts that are not the first of their collection
    for (const Collection& c : collections) {
      if (part < c.first) break;
      if (part < c.first + c.assembly->parts.size()) return list[c.future];
      before += c.assembly->parts.size() - 1;
    }
    return list[part - before];
  }

  nb::object results(std::vector<node::Ending> endings, nb::handle skipped) const {
    nb::object list = nb::steal(PyList_New(static_cast<Py_ssize_t>(futures)));
    auto next = collections.begin();
    size_t part = 0;
    for (size_t i = 0; i < futures; ++i) {
      nb::object result;
      if (next != collections.end() && next->future == i) {
        result = assembled(*next->assembly, {endings.data() + part, next->assembly->parts.size()},
                           skipped);
        part += next->assembly->parts.size();
        ++next;
      } else {
        node::Ending& ending = endings[part++];
        result = ending.value ? result_to_python(std::move(ending.value)) : nb::borrow(skipped);
      }
      PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i), result.release().ptr());
    }
    return list;
  }

  static nb::object assembled(const PyAssembly& assembly, std::span<node::Ending> endings,
                              nb::handle skipped) {
    std::vector<data::Value> blocks;
    for (node::Ending& ending : endings) {
      if (!ending.value) return nb::borrow(skipped);
      blocks.push_back(value_of(ending.value));
      ending.value.reset();
    }
    return assembly.assemble(std::move(blocks));
  }
};

// The buffer itself when nobody else has it, else a copy.
data::BufferPtr own(data::BufferPtr buffer) {
  if (buffer.use_count() == 1 && !buffer->owner()) return buffer;
  auto copy = data::Buffer::allocate(buffer->size());
  std::memcpy(copy->data(), buffer->data(), buffer->size());
  return copy;
}

nb::object gather(PyClient& c, nb::list futures, nb::handle timeout, bool skip,
                  nb::handle skipped) {
  return gather_results(c.link, std::move(futures), timeout, skip, skipped);
}

bool wait(PyClient& c, nb::handle futures, bool all, nb::handle timeout) {
  Numbers numbers = numbers_of(c.link, futures);
  node::Timeout limit = timeout_of(timeout);
  LinkPtr link = c.link;
  nb::gil_scoped_release unlocked;
  return link->client->wait(numbers, all, limit, look_for_signals());
}

void cancel(PyClient& c, nb::handle futures, bool force) {
  for (cluster::TaskNumber number : numbers_of(c.link, futures)) c.client().cancel(number, force);
}

void retry(PyClient& c, nb::handle futures) {
  for (cluster::TaskNumber number : numbers_of(c.link, futures)) c.client().retry(number);
}

bool restart(PyClient& c, nb::handle timeout) {
  node::Timeout limit = timeout_of(timeout);
  LinkPtr link = c.link;
  nb::gil_scoped_release unlocked;
  return link->client->restart(limit, look_for_signals());
}

}  // namespace

nb::object gather_results(const LinkPtr& given, nb::list futures, nb::handle timeout, bool skip,
                          nb::handle skipped) {
  LinkPtr link = given;  // stays while this waits
  Parts parts(numbers_of(link, futures), futures);
  node::Timeout limit = timeout_of(timeout);
  std::optional<std::vector<node::Ending>> endings;
  {
    nb::gil_scoped_release unlocked;
    endings = link->client->values(parts.numbers, limit, look_for_signals(), !skip);
  }
  if (!endings) return nb::none();
  for (size_t i = 0; i < endings->size() && !skip; ++i) {
    FutureStatus status = (*endings)[i].status;
    if (status == FutureStatus::kPending || status == FutureStatus::kFinished) continue;
    raise_failure(parts.future_at(i, futures), (*endings)[i]);
  }
  return parts.results(std::move(*endings), skipped);
}

data::Value value_of(const cluster::Body& body) {
  return data::from_frames(*body, &foreign_from_frames);
}

nb::object result_to_python(cluster::Body body) {
  data::Frames frames;
  if (body.use_count() == 1) {
    frames = std::move(const_cast<data::Frames&>(*body));
  } else {
    frames = *body;
  }
  body.reset();
  if (auto foreign = data::take_foreign(frames)) {
    for (data::BufferPtr& buffer : foreign->buffers) buffer = own(std::move(buffer));
    return unpickled(foreign->header, std::move(foreign->buffers));
  }
  data::Value value = data::from_frames(frames, &foreign_from_frames);
  frames.buffers.clear();
  if (!value.is_array()) return value_to_python(std::move(value));
  data::NdArray array = value.array();
  value = {};
  return own_array_to_python(std::move(array));
}

nb::object fault_to_python(const cluster::Fault& fault) {
  nb::object exception = nb::none();
  if (fault.exception && fault.exception->header.starts_with('p')) {
    data::Frames pickle{fault.exception->header.substr(1), fault.exception->buffers};
    try {
      exception = value_to_python(foreign_from_frames(pickle));
    } catch (const base::Error& error) {
      exception = nb::str(error.what());
    }
  }
  return nb::make_tuple(std::string(to_string(fault.kind)), static_cast<int>(fault.cause),
                        fault.message, exception, fault.task, fault.worker, fault.log_tail);
}

void bind_cluster_values(ClusterClientClass& c) {
  c.def("gather", &gather, nb::arg("futures"), nb::arg("timeout").none(), nb::arg("skip"),
        nb::arg("skipped").none())
      .def("wait", &wait, nb::arg("futures"), nb::arg("all"), nb::arg("timeout").none(),
           "Until all (or one) are done; False when the time is over first.")
      .def("cancel", &cancel, nb::arg("futures"), nb::arg("force"))
      .def("retry", &retry, nb::arg("futures"))
      .def("restart", &restart, nb::arg("timeout").none(), "False when the time is over first.");
}

}  // namespace dusk::bindings
