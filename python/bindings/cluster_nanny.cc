#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>

#include "bindings/cluster.h"
#include "dusk/base/error.h"
#include "dusk/node/nanny.h"

namespace dusk::bindings {
namespace {

constexpr double kMicroseconds = 1e6;

const char* name_of(node::ChildFacts::State state) {
  using State = node::ChildFacts::State;
  switch (state) {
    case State::kStarting: return "starting";
    case State::kReady: return "running";
    case State::kWaiting: return "waiting";
    default: return "closed";
  }
}

class PyNanny {
 public:
  explicit PyNanny(node::NannySettings settings)
      : nanny_(std::make_unique<node::Nanny>(std::move(settings))) {}
  ~PyNanny() { close(); }

  node::Nanny& nanny() const {
    if (!nanny_) throw base::runtime_error("[nanny] it is closed");
    return *nanny_;
  }
  void close() {
    nb::gil_scoped_release unlocked;
    nanny_.reset();
  }
  nb::list children() const {
    std::vector<node::ChildFacts> facts;
    {
      nb::gil_scoped_release unlocked;
      facts = nanny().children();
    }
    nb::list all;
    for (const node::ChildFacts& child : facts) {
      nb::dict one;
      one["number"] = child.number;
      one["name"] = child.name;
      one["status"] = name_of(child.state);
      one["pid"] = child.pid;
      one["address"] = child.address;
      one["restarts"] = child.restarts;
      one["last_end"] = child.last_end;
      one["log_tail"] = nb::bytes(child.log_tail.data(), child.log_tail.size());
      all.append(one);
    }
    return all;
  }

 private:
  std::unique_ptr<node::Nanny> nanny_;
};

void make_nanny(PyNanny* self, const std::string& scheduler, double terminate, double interval,
                int32_t failed_starts_max, bool quiet, nb::object tls) {
  node::NannySettings settings;
  settings.scheduler = net::Address::parse(scheduler);
  settings.tls = tls_options(tls);
  settings.terminate_fraction = terminate;
  settings.watch_us = static_cast<int64_t>(interval * kMicroseconds);
  settings.failed_starts_max = failed_starts_max;
  settings.quiet = quiet;
  new (self) PyNanny(std::move(settings));
}

int64_t start_child(PyNanny& self, std::string name, std::vector<std::string> command,
                    std::vector<std::string> environment, nb::bytes input, int64_t memory_limit) {
  node::ChildSettings child;
  child.name = std::move(name);
  child.command = {std::move(command), std::move(environment),
                   std::string(input.c_str(), input.size())};
  child.memory_limit = memory_limit;
  nb::gil_scoped_release unlocked;
  return self.nanny().start(std::move(child));
}

bool wait_for(PyNanny& self, bool ready, double timeout) {
  constexpr double kSlice = 0.1;
  for (;;) {
    {
      double slice = std::min(kSlice, timeout);
      nb::gil_scoped_release unlocked;
      if (self.nanny().wait(ready, static_cast<int64_t>(slice * kMicroseconds))) return true;
    }
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    timeout -= kSlice;
    if (timeout <= 0) return false;
  }
}

}  // namespace

void bind_cluster_nanny(nb::module_& m) {
  nb::class_<PyNanny>(m, "ClusterNanny")
      .def("__init__", &make_nanny, nb::arg("scheduler"), nb::kw_only(),
           nb::arg("terminate") = 0.95, nb::arg("interval") = 0.1, nb::arg("failed_starts_max") = 3,
           nb::arg("quiet") = false, nb::arg("tls") = nb::none())
      .def("start", &start_child, nb::arg("name"), nb::arg("command"), nb::arg("environment"),
           nb::arg("input"), nb::arg("memory_limit"))
      .def(
          "restart",
          [](PyNanny& self, int64_t number, const std::string& reason) {
            nb::gil_scoped_release unlocked;
            return self.nanny().restart(number, reason);
          },
          nb::arg("number"), nb::arg("reason"))
      .def(
          "stop",
          [](PyNanny& self, int64_t number, double grace) {
            nb::gil_scoped_release unlocked;
            self.nanny().stop(number, static_cast<int64_t>(grace * kMicroseconds));
          },
          nb::arg("number"), nb::arg("grace"))
      .def("let_go",
           [](PyNanny& self) {
             nb::gil_scoped_release unlocked;
             self.nanny().let_go();
           })
      .def("children", &PyNanny::children)
      .def("wait", &wait_for, nb::arg("ready"), nb::arg("timeout"))
      .def("close", &PyNanny::close);
  m.attr("RESTART_STATUS") = node::kRestartStatus;
  m.def("die_with_parent", &node::die_with_parent, nb::arg("input"));
}

}  // namespace dusk::bindings
