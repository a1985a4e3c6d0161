// Connecting, asking, closing.
#include "bindings/cluster_client.h"

#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/cluster.h"
#include "bindings/gil.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

unsigned long main_thread = 0;  // the only one that handles signals

PyClient connect(const std::string& address, std::string name, double timeout, nb::handle tls,
                 nb::object future_type) {
  node::ClientSettings settings;
  settings.scheduler = net::Address::parse(address);
  settings.name = std::move(name);
  settings.tls = tls_options(tls);
  settings.timeout_us = static_cast<int64_t>(timeout * 1e6);
  PyClient made;
  made.link = std::make_shared<Link>();
  made.future_type = std::move(future_type);
  nb::gil_scoped_release unlocked;
  made.link->client = std::make_unique<node::Client>(std::move(settings), look_for_signals());
  return made;
}

void close(PyClient& c) {
  auto functions = std::move(c.functions);
  c.functions.clear();
  nb::gil_scoped_release unlocked;
  c.client().close();
}

std::string ask(PyClient& c, const std::string& question,
                const std::vector<std::string>& arguments) {
  nb::gil_scoped_release unlocked;
  return c.client().ask(question, arguments, look_for_signals());
}

PyRequirements make_requirements(std::map<std::string, double> resources,
                                 std::vector<std::string> workers, bool allow_other_workers,
                                 int32_t retries) {
  auto made = std::make_shared<cluster::Requirements>();
  made->resources = std::move(resources);
  made->workers = std::move(workers);
  made->allow_other_workers = allow_other_workers;
  made->retries = retries;
  return {std::move(made)};
}

}  // namespace

Link::~Link() {
  if (!client) return;
  if (python_alive() && PyGILState_Check()) {
    nb::gil_scoped_release unlocked;
    client.reset();
  } else {
    client.reset();
  }
}

nb::object PyClient::wrap(cluster::TaskNumber number, std::string key,
                          PyAssemblyPtr assembly) const {
  nb::object made = nb::inst_alloc(future_type);
  new (nb::inst_ptr<PyFuture>(made)) PyFuture(link, number, std::move(key), std::move(assembly));
  nb::inst_mark_ready(made);
  PyObject_GC_UnTrack(made.ptr());  // nothing that it refers to refers to it
  return made;
}

node::Timeout timeout_of(nb::handle timeout) {
  if (timeout.is_none()) return {};
  double seconds = nb::cast<double>(timeout);
  if (seconds > 1e9) return {};
  return static_cast<int64_t>(std::max(0.0, seconds) * 1e6);
}

const node::Poll& look_for_signals() {
  static const node::Poll none;
  static const node::Poll poll = [] {
    if (!python_alive()) return;
    HoldGil gil;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  };
  return PyThread_get_thread_ident() == main_thread ? poll : none;
}

void bind_cluster_client(nb::module_& m) {
  main_thread = nb::cast<unsigned long>(
      nb::module_::import_("threading").attr("main_thread")().attr("ident"));
  bind_cluster_future(m);
  nb::class_<PyRequirements>(m, "ClusterRequirements", "Where and how often tasks may run.")
      .def(
          "__init__",
          [](PyRequirements* self, std::map<std::string, double> resources,
             std::vector<std::string> workers, bool allow_other_workers, int32_t retries) {
            new (self) PyRequirements(make_requirements(std::move(resources), std::move(workers),
                                                        allow_other_workers, retries));
          },
          nb::arg("resources"), nb::arg("workers"), nb::arg("allow_other_workers"),
          nb::arg("retries"));
  ClusterClientClass client(m, "ClusterClient", nb::is_weak_referenceable(),
                            "A connection to a scheduler.");
  client
      .def(
          "__init__",
          [](PyClient* self, const std::string& address, std::string name, double timeout,
             nb::handle tls, nb::object future_type) {
            new (self)
                PyClient(connect(address, std::move(name), timeout, tls, std::move(future_type)));
          },
          nb::arg("address"), nb::kw_only(), nb::arg("name"), nb::arg("timeout"),
          nb::arg("tls").none(), nb::arg("future_type"))
      .def("close", &close, "Futures that are not done become cancelled.")
      .def_prop_ro("link", [](const PyClient& c) { return link_number(c.link); })
      .def_prop_ro("closed", [](const PyClient& c) { return c.client().closed(); })
      .def_prop_ro("why_closed", [](const PyClient& c) { return c.client().why_closed(); })
      .def_prop_ro("scheduler", [](const PyClient& c) { return c.client().scheduler(); })
      .def("ask", &ask, nb::arg("question"), nb::arg("arguments"), "The answer as JSON.");
  bind_cluster_submit(client);
  bind_cluster_values(client);
  bind_cluster_compute(client, m);
  bind_cluster_data(client);
  bind_cluster_completions(m);
}

}  // namespace dusk::bindings
