// Waiting for futures, and what they became.
#include <nanobind/stl/string.h>

#include "bindings/cluster_client.h"
#include "bindings/convert.h"
#include "bindings/errors.h"
#include "dusk/base/error.h"
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
  Numbers numbers = numbers_of(link, futures);
  node::Timeout limit = timeout_of(timeout);
  std::optional<std::vector<node::Ending>> endings;
  {
    nb::gil_scoped_release unlocked;
    endings = link->client->values(numbers, limit, look_for_signals(), !skip);
  }
  if (!endings) return nb::none();
  for (size_t i = 0; i < endings->size() && !skip; ++i) {
    FutureStatus status = (*endings)[i].status;
    if (status == FutureStatus::kPending || status == FutureStatus::kFinished) continue;
    raise_failure(futures[i], (*endings)[i]);
  }
  nb::object results = nb::steal(PyList_New(static_cast<Py_ssize_t>(endings->size())));
  for (size_t i = 0; i < endings->size(); ++i) {
    node::Ending& ending = (*endings)[i];
    nb::object result =
        ending.value ? result_to_python(std::move(ending.value)) : nb::borrow(skipped);
    PyList_SET_ITEM(results.ptr(), static_cast<Py_ssize_t>(i), result.release().ptr());
  }
  return results;
}

nb::object result_to_python(cluster::Body body) {
  data::Value value = data::from_frames(*body, &foreign_from_frames);
  body.reset();
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
