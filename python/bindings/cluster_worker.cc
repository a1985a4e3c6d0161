#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/string.h>

#include <unistd.h>

#include <memory>
#include <thread>

#include "bindings/cluster.h"
#include "bindings/convert.h"
#include "bindings/end_signal.h"
#include "bindings/python_codecs.h"
#include "bindings/python_language.h"
#include "dusk/base/error.h"
#include "dusk/node/nanny.h"
#include "dusk/node/native_language.h"
#include "dusk/node/worker.h"

namespace dusk::bindings {
namespace {

constexpr int kLostStatus = 76;
constexpr auto kEndFor = std::chrono::milliseconds(500);

// What a worker process tells its nanny: whether it should come back (see node/nanny.h).
int exit_status(const std::string& reason) {
  if (reason == "restart") return node::kRestartStatus;
  return reason.starts_with("the connection to the scheduler ended") ? kLostStatus : 0;
}

// Python may not come to do it: a task may hold the GIL.
void end_process_soon(int status) {
  std::thread([status] {
    std::this_thread::sleep_for(kEndFor);
    _exit(status);
  }).detach();
}

class PyWorker {
 public:
  PyWorker(node::WorkerSettings settings, bool process) : ended_(std::make_shared<EndSignal>()) {
    if (settings.threads < 1) {
      throw base::value_error("[worker] nthreads must be at least 1, got " +
                              std::to_string(settings.threads));
    }
    if (settings.memory_limit < 0) {
      throw base::value_error("[worker] memory_limit must not be negative");
    }
    settings.on_closed = [ended = ended_, process](const std::string& reason) {
      ended->set(reason);
      if (process) end_process_soon(exit_status(reason));
    };
    worker_ = std::make_unique<node::Worker>(std::move(settings));
    address_ = worker_->address();
    name_ = worker_->name();
    scheduler_ = worker_->scheduler();
  }
  ~PyWorker() { close("the worker was closed"); }

  const std::string& address() const { return address_; }
  const std::string& name() const { return name_; }
  const std::string& scheduler() const { return scheduler_; }
  bool connected() const { return worker_ && worker_->connected(); }
  void close(const std::string& reason) {
    nb::gil_scoped_release unlocked;
    std::unique_ptr<node::Worker> gone = std::move(worker_);
    if (gone) gone->close(reason);
    gone.reset();
    ended_->set(reason);
  }
  nb::object wait(double timeout) { return ended_->wait(timeout); }

 private:
  std::shared_ptr<EndSignal> ended_;
  std::unique_ptr<node::Worker> worker_;
  std::string address_;
  std::string name_;
  std::string scheduler_;
};

// What dusk.distributed.limits.memory_options() gives.
void read_memory(nb::handle memory, node::WorkerSettings* settings) {
  if (memory.is_none()) return;
  for (auto [name, place] : {std::pair{"target", &settings->target_fraction},
                             std::pair{"spill", &settings->spill_fraction},
                             std::pair{"pause", &settings->pause_fraction}}) {
    *place = nb::cast<double>(memory[name]);
  }
  auto microseconds = [&](const char* name) {
    return static_cast<int64_t>(nb::cast<double>(memory[name]) * 1e6);
  };
  settings->memory_interval_us = microseconds("interval");
  settings->memory_patience_us = microseconds("patience");
  settings->spill_bytes_max = nb::cast<int64_t>(memory["spill_max"]);
  settings->local_directory = nb::cast<std::string>(memory["directory"]);
}

void make_worker(PyWorker* self, const std::string& scheduler, const std::string& listen,
                 std::string name, int32_t nthreads, int64_t memory_limit,
                 std::map<std::string, double> resources, nb::object tls, nb::object owner,
                 nb::object memory, double heartbeat, bool nanny, int ready, double connect,
                 bool process, bool owns_process) {
  node::WorkerSettings settings;
  settings.scheduler = net::Address::parse(scheduler);
  settings.listen = net::Address::parse(listen);
  settings.name = std::move(name);
  settings.threads = nthreads;
  settings.memory_limit = memory_limit;
  settings.resources = std::move(resources);
  settings.tls = tls_options(tls);
  read_memory(memory, &settings);
  settings.owns_process = owns_process;
  settings.heartbeat_us = static_cast<int64_t>(heartbeat * 1e6);
  settings.nanny = nanny;
  settings.connect_timeout_us = static_cast<int64_t>(connect * 1e6);
  if (ready >= 0) {
    settings.on_registered = [ready](const std::string& own) {
      std::string line = own + "\n";
      (void)!write(ready, line.data(), line.size());
    };
  }
  auto python = make_python_language(std::move(owner), settings.value_inline_max);
  settings.languages[python->letter()] = std::move(python);
  auto native = node::native_language(all_codecs());
  settings.languages[native->letter()] = std::move(native);
  new (self) PyWorker(std::move(settings), process);
}

}  // namespace

void bind_cluster_worker(nb::module_& m) {
  m.def("exit_status", &exit_status, nb::arg("reason"));
  nb::class_<PyWorker>(m, "ClusterWorker")
      .def("__init__", &make_worker, nb::arg("scheduler"), nb::arg("listen"), nb::kw_only(),
           nb::arg("name") = "", nb::arg("nthreads") = 1, nb::arg("memory_limit") = 0,
           nb::arg("resources") = std::map<std::string, double>(), nb::arg("tls") = nb::none(),
           nb::arg("owner") = nb::none(), nb::arg("memory") = nb::none(),
           nb::arg("heartbeat") = 0.5, nb::arg("nanny") = false, nb::arg("ready") = -1,
           nb::arg("connect") = 30.0, nb::arg("process") = false, nb::arg("owns_process") = false)
      .def_prop_ro("address", &PyWorker::address)
      .def_prop_ro("name", &PyWorker::name)
      .def_prop_ro("scheduler", &PyWorker::scheduler)
      .def_prop_ro("connected", &PyWorker::connected)
      .def("close", &PyWorker::close, nb::arg("reason") = "the worker was closed")
      .def("wait", &PyWorker::wait, nb::arg("timeout") = -1.0,
           "The reason of its end, or None when `timeout` seconds are over first.");
}

}  // namespace dusk::bindings
