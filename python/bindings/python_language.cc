#include "bindings/python_language.h"

#include <nanobind/stl/string.h>

#include "bindings/convert.h"
#include "bindings/errors.h"
#include "bindings/gil.h"
#include "bindings/object_bytes.h"
#include "bindings/pickling.h"
#include "bindings/python_arguments.h"
#include "dusk/node/worker.h"

namespace dusk::bindings {
namespace {

struct Running {
  const node::Call* call;
  const SharedObject* owner;
};
thread_local const Running* running = nullptr;

// The task on this thread, for its lifetime.
class NowRunning {
 public:
  NowRunning(const node::Call& call, const SharedObject& owner)
      : running_{&call, &owner}, before_(std::exchange(running, &running_)) {}
  ~NowRunning() { running = before_; }
  NowRunning(const NowRunning&) = delete;
  NowRunning& operator=(const NowRunning&) = delete;

 private:
  Running running_;
  const Running* before_;
};

// The exception as it is, with a message of one line for those who see no more than that.
base::Error task_error(nb::python_error& raised) {
  base::Error whole = error_from_python(raised);
  std::string text = nb::type_name(raised.type()).c_str();
  try {
    std::string said = nb::str(raised.value()).c_str();
    if (!said.empty()) text += ": " + said;
  } catch (nb::python_error&) {
    text += " (its text cannot be had)";
  }
  return {whole.foreign(), text};
}

bool asks_for_another_worker(const nb::python_error& raised) {
  nb::object worker = nb::steal(PyImport_GetModule(nb::str("dusk.distributed.exceptions").ptr()));
  return worker.is_valid() && raised.matches(worker.attr("Reschedule"));
}

node::Outcome outcome_of(nb::object result, int64_t inline_max) {
  node::Outcome outcome;
  outcome.value = value_from_python(result);
  if (!outcome.value.is_foreign()) {
    outcome.nbytes = outcome.value.nbytes();
    return outcome;
  }
  outcome.nbytes = object_bytes(result);
  if (outcome.nbytes <= inline_max && small_and_plain(result, inline_max)) {
    outcome.frames = std::make_shared<const data::Frames>(data::to_frames(outcome.value));
  }
  return outcome;
}

class PythonCode : public node::Code {
 public:
  PythonCode(nb::object function, std::shared_ptr<const SharedObject> owner, int64_t inline_max)
      : function_(std::move(function)), owner_(std::move(owner)), inline_max_(inline_max) {}

  node::Outcome run(const node::Call& call, std::vector<data::Value> inputs) const override {
    if (!python_alive()) throw base::runtime_error("the Python interpreter is shutting down");
    HoldGil gil;
    NowRunning now(call, *owner_);
    try {
      PythonArguments given = python_arguments(call.arguments, std::move(inputs));
      PyObject* result = PyObject_Call(function_.get().ptr(), given.args.ptr(), given.kwargs.ptr());
      if (!result) throw nb::python_error();
      return outcome_of(nb::steal(result), inline_max_);
    } catch (nb::python_error& raised) {
      if (asks_for_another_worker(raised)) throw node::RescheduleRequest{};
      throw task_error(raised);
    }
  }

 private:
  SharedObject function_;
  std::shared_ptr<const SharedObject> owner_;
  int64_t inline_max_;
};

class PythonLanguage : public node::Language {
 public:
  PythonLanguage(nb::object owner, int64_t inline_max)
      : owner_(std::make_shared<SharedObject>(std::move(owner))), inline_max_(inline_max) {}

  char letter() const override { return 'p'; }

  std::shared_ptr<const node::Code> load(const std::string&,
                                         const data::Frames& body) const override {
    if (!python_alive()) throw base::runtime_error("the Python interpreter is shutting down");
    HoldGil gil;
    try {
      std::string_view pickle = std::string_view(body.header).substr(1);
      return std::make_shared<PythonCode>(unpickled(pickle, body.buffers), owner_, inline_max_);
    } catch (nb::python_error& raised) {
      throw task_error(raised);
    }
  }

  cluster::Body encode_exception(const base::Error& error) const override {
    if (!error.foreign() || !python_alive()) return nullptr;
    HoldGil gil;
    try {
      nb::object exception = python_exception(error);
      if (exception.is_none()) return nullptr;
      auto encoded = nb::cast<nb::bytes>(
          nb::module_::import_("dusk.distributed.exceptions").attr("encode")(exception));
      std::string header = "p";
      header.append(encoded.c_str(), encoded.size());
      return std::make_shared<const data::Frames>(data::Frames{std::move(header), {}});
    } catch (nb::python_error&) {
      return nullptr;  // the message is left
    }
  }

  data::ForeignDecoder decoder() const override { return &foreign_from_frames; }

 private:
  std::shared_ptr<const SharedObject> owner_;
  int64_t inline_max_;
};

// ---- for the task on this thread

nb::object running_task() {
  if (!running) return nb::none();
  return nb::make_tuple(running->call->key, running->owner->get());
}

// The call, unless its worker is ending: then nobody waits for it any more.
const node::Call* live_call(const char* what) {
  if (!running) {
    throw base::value_error(std::string("[") + what +
                            "] only a task that runs on a worker can do this, and only on the "
                            "thread that it was started on");
  }
  bool unwanted = running->call->cancelled && running->call->cancelled->load();
  return unwanted || !running->call->worker ? nullptr : running->call;
}

void secede() {
  const node::Call* call = live_call("secede");
  nb::gil_scoped_release unlocked;
  if (call) call->worker->secede(*call);
}

void rejoin() {
  const node::Call* call = live_call("rejoin");
  nb::gil_scoped_release unlocked;
  if (call) call->worker->rejoin(*call);
}

bool unwanted() { return running && running->call->cancelled && running->call->cancelled->load(); }

}  // namespace

std::shared_ptr<const node::Language> make_python_language(nb::object owner, int64_t inline_max) {
  return std::make_shared<PythonLanguage>(std::move(owner), inline_max);
}

void bind_python_language(nb::module_& m) {
  m.def("running_task", &running_task,
        "(key, the worker's owner) of the task on this thread, or None.");
  m.def("secede", &secede);
  m.def("rejoin", &rejoin);
  m.def("task_cancelled", &unwanted, "Whether nobody wants the task on this thread any more.");
}

}  // namespace dusk::bindings
