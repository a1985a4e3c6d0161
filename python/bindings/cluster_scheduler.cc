#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>

#include "bindings/cluster.h"
#include "bindings/end_signal.h"
#include "dusk/base/error.h"
#include "dusk/node/scheduler.h"

namespace dusk::bindings {

net::TlsOptions tls_options(nb::handle given) {
  if (given.is_none()) return {};
  if (!PyTuple_Check(given.ptr()) || nb::len(given) != 3) {
    throw base::type_error("[tls] (ca_file, certificate, key) or None is wanted");
  }
  return {nb::cast<std::string>(given[0]), nb::cast<std::string>(given[1]),
          nb::cast<std::string>(given[2])};
}

namespace {

constexpr double kMicroseconds = 1e6;

struct SchedulerOptionsGiven {
  double worker_saturation;
  int32_t allowed_failures;
  double worker_ttl;          // seconds; 0: never
  double idle_timeout;        // seconds; 0: never
  double no_workers_timeout;  // seconds; 0: never
  bool validate;
};

cluster::SchedulerOptions options_of(const SchedulerOptionsGiven& given) {
  cluster::SchedulerOptions options;
  if (!(given.worker_saturation > 0)) {
    throw base::value_error("[scheduler] worker_saturation must be above 0 (inf: no queue)");
  }
  if (given.allowed_failures < 0) {
    throw base::value_error("[scheduler] allowed_failures must not be negative");
  }
  options.worker_saturation = given.worker_saturation;
  options.allowed_failures = given.allowed_failures;
  options.worker_ttl = static_cast<cluster::Time>(given.worker_ttl * kMicroseconds);
  options.idle_timeout = static_cast<cluster::Time>(given.idle_timeout * kMicroseconds);
  options.no_workers_timeout = static_cast<cluster::Time>(given.no_workers_timeout * kMicroseconds);
  options.validate = given.validate;
  return options;
}

class PyScheduler {
 public:
  PyScheduler(const std::vector<std::string>& listen, const SchedulerOptionsGiven& options,
              net::TlsOptions tls)
      : shut_down_(std::make_shared<EndSignal>()) {
    node::SchedulerSettings settings;
    for (const std::string& address : listen) {
      settings.listen.push_back(net::Address::parse(address));
    }
    if (settings.listen.empty()) {
      throw base::value_error("[scheduler] it needs an address to listen on");
    }
    settings.options = options_of(options);
    settings.tls = std::move(tls);
    settings.on_shut_down = [ended = shut_down_] { ended->set("it was idle for too long"); };
    scheduler_ = std::make_unique<node::Scheduler>(std::move(settings));
    addresses_ = scheduler_->addresses();
  }
  ~PyScheduler() { close("the scheduler was closed"); }

  std::vector<std::string> addresses() const { return addresses_; }
  void close(const std::string& reason) {
    nb::gil_scoped_release unlocked;
    std::unique_ptr<node::Scheduler> gone = std::move(scheduler_);
    if (gone) gone->close(reason);
    gone.reset();
    shut_down_->set(reason);
  }
  nb::object wait(double timeout) { return shut_down_->wait(timeout); }

 private:
  std::shared_ptr<EndSignal> shut_down_;
  std::unique_ptr<node::Scheduler> scheduler_;
  std::vector<std::string> addresses_;
};

}  // namespace

void bind_cluster_scheduler(nb::module_& m) {
  nb::class_<PyScheduler>(m, "ClusterScheduler")
      .def(
          "__init__",
          [](PyScheduler* self, const std::vector<std::string>& listen, double worker_saturation,
             int32_t allowed_failures, double worker_ttl, double idle_timeout,
             double no_workers_timeout, bool validate, nb::object tls) {
            new (self) PyScheduler(listen,
                                   {worker_saturation, allowed_failures, worker_ttl, idle_timeout,
                                    no_workers_timeout, validate},
                                   tls_options(tls));
          },
          nb::arg("listen"), nb::kw_only(), nb::arg("worker_saturation") = 1.1,
          nb::arg("allowed_failures") = 3, nb::arg("worker_ttl") = 300.0,
          nb::arg("idle_timeout") = 0.0, nb::arg("no_workers_timeout") = 0.0,
          nb::arg("validate") = false, nb::arg("tls") = nb::none())
      .def_prop_ro("addresses", &PyScheduler::addresses)
      .def("close", &PyScheduler::close, nb::arg("reason") = "the scheduler was closed")
      .def("wait", &PyScheduler::wait, nb::arg("timeout") = -1.0,
           "The reason of its end, or None when `timeout` seconds are over first.");
}

}  // namespace dusk::bindings
