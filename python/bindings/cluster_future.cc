// The future that Python holds.
#include <nanobind/stl/string.h>

#include "bindings/cluster_client.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

PyTypeObject* future_class = nullptr;  // lives as long as the module

cluster::FutureStatus status_of(const PyFuture& future) {
  if (future.number() == 0) return cluster::FutureStatus::kCancelled;
  return future.link()->client->status(future.number());
}

bool wait(const PyFuture& future, nb::handle timeout) {
  if (future.number() == 0) return true;
  node::Timeout limit = timeout_of(timeout);
  LinkPtr link = future.link();
  std::vector<cluster::TaskNumber> numbers{future.number()};
  nb::gil_scoped_release unlocked;
  return link->client->wait(numbers, true, limit, look_for_signals());
}

nb::object fault(const PyFuture& future) {
  if (future.number() == 0) return nb::none();
  node::Ending ending = future.link()->client->ending(future.number());
  return ending.fault ? fault_to_python(*ending.fault) : nb::object(nb::none());
}

// The result (a list of one), None when the time is over first; a failure raises.
nb::object gather_one(nb::handle self, nb::handle timeout) {
  PyFuture& future = *nb::inst_ptr<PyFuture>(self);
  nb::list futures;
  futures.append(self);
  return gather_results(future.link(), futures, timeout, false, nb::none());
}

// The value when it is here already: a tuple of one, or None.
nb::object value_here(const PyFuture& future) {
  if (future.number() == 0) return nb::none();
  node::Ending ending = future.link()->client->ending(future.number());
  if (ending.status != cluster::FutureStatus::kFinished || !ending.value) return nb::none();
  return nb::make_tuple(result_to_python(std::move(ending.value)));
}

}  // namespace

cluster::TaskNumber adopt(const Link& link, const std::string& key) {
  if (auto number = link.client->find(key)) return *number;
  cluster::SubmitTask task;
  task.key = key;
  return link.client->submit(std::move(task));
}

void PyFuture::release() {
  if (number_ == 0) return;
  link_->client->release(number_);
  number_ = 0;
}

PyFuture* future_in(nb::handle object) {
  PyTypeObject* type = Py_TYPE(object.ptr());
  if (type != future_class && !PyType_IsSubtype(type, future_class)) return nullptr;
  return nb::inst_ptr<PyFuture>(object);
}

std::vector<cluster::TaskNumber> numbers_of(const LinkPtr& link, nb::handle futures) {
  std::vector<cluster::TaskNumber> numbers;
  for (nb::handle item : futures) {
    PyFuture* future = future_in(item);
    if (!future) {
      throw base::type_error("expected futures, got a " +
                             std::string(nb::type_name(item.type()).c_str()));
    }
    if (future->link() != link) {
      throw base::value_error("a future of another client was given");
    }
    numbers.push_back(future->number());
  }
  return numbers;
}

void bind_cluster_future(nb::module_& m) {
  nb::class_<PyFuture> future(m, "ClusterFuture", nb::is_weak_referenceable(),
                              "One reference to a task of a cluster.");
  future
      .def(
          "__init__",
          [](PyFuture* self, PyClient& client, const std::string& key) {
            new (self) PyFuture(client.link, adopt(*client.link, key), key);
          },
          nb::arg("client"), nb::arg("key"))
      .def_prop_ro("key", [](const PyFuture& f) { return f.key(); })
      .def_prop_ro(
          "link", [](const PyFuture& f) { return link_number(f.link()); },
          "The same for all futures of a client.")
      .def_prop_ro("scheduler", [](const PyFuture& f) { return f.link()->client->scheduler(); })
      .def_prop_ro("number", [](const PyFuture& f) { return f.number(); })
      .def_prop_ro("status", [](const PyFuture& f) { return std::string(to_string(status_of(f))); })
      .def(
          "done", [](const PyFuture& f) { return status_of(f) != cluster::FutureStatus::kPending; },
          "Whether the task is finished, failed or cancelled.")
      .def("release", &PyFuture::release)
      .def("_wait", &wait, nb::arg("timeout").none(), "False when the time is over first.")
      .def("_gather", &gather_one, nb::arg("timeout").none())
      .def("_fault", &fault)
      .def("_value_here", &value_here);
  future_class = reinterpret_cast<PyTypeObject*>(future.ptr());
}

}  // namespace dusk::bindings
