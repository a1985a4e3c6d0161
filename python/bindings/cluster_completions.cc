// Futures in the order in which they are done.
#include <unordered_map>

#include "bindings/cluster_client.h"
#include "dusk/base/error.h"

namespace dusk::bindings {
namespace {

// What Python's thread guards with the GIL, beside the Completions that the client fills.
struct PyCompletions {
  LinkPtr link;
  std::shared_ptr<node::Completions> done = std::make_shared<node::Completions>();
  std::unordered_multimap<cluster::TaskNumber, nb::object> waiting;

  nb::object take(cluster::TaskNumber number) {
    auto found = waiting.find(number);
    if (found == waiting.end()) return {};
    nb::object future = std::move(found->second);
    waiting.erase(found);
    return future;
  }
};

void add(PyCompletions& c, nb::handle object) {
  PyFuture* future = future_in(object);
  if (!future) throw base::type_error("[as_completed] expected a future");
  if (future->link() != c.link) {
    throw base::value_error("[as_completed] a future of another client was given");
  }
  c.waiting.emplace(future->number(), nb::borrow(object));
  c.link->client->watch(future->number(), c.done);
}

nb::list next_batch(PyCompletions& c, nb::handle timeout) {
  node::Timeout limit = timeout_of(timeout);
  std::shared_ptr<node::Completions> done = c.done;
  std::vector<cluster::TaskNumber> numbers;
  {
    nb::gil_scoped_release unlocked;
    numbers = done->next_batch(limit, look_for_signals());
  }
  nb::list futures;
  for (cluster::TaskNumber number : numbers) {
    nb::object future = c.take(number);
    if (future.is_valid()) futures.append(future);
  }
  return futures;
}

nb::object next(PyCompletions& c, nb::handle timeout) {
  node::Timeout limit = timeout_of(timeout);
  std::shared_ptr<node::Completions> done = c.done;
  for (;;) {
    cluster::TaskNumber number = 0;
    {
      nb::gil_scoped_release unlocked;
      if (!done->next(&number, limit, look_for_signals())) return nb::none();
    }
    nb::object future = c.take(number);
    if (future.is_valid()) return future;
  }
}

nb::list waiting(const PyCompletions& c) {
  nb::list futures;
  for (const auto& [number, future] : c.waiting) futures.append(future);
  return futures;
}

void clear(PyCompletions& c) {
  auto waiting = std::move(c.waiting);
  c.waiting.clear();
  c.done->clear();
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  if (!nb::inst_ready(self)) return 0;
  for (auto& [number, future] : nb::inst_ptr<PyCompletions>(self)->waiting) {
    Py_VISIT(future.ptr());
  }
  return 0;
}

int clear_slot(PyObject* self) {
  clear(*nb::inst_ptr<PyCompletions>(self));
  return 0;
}

PyType_Slot slots[] = {{Py_tp_traverse, reinterpret_cast<void*>(&traverse)},
                       {Py_tp_clear, reinterpret_cast<void*>(&clear_slot)},
                       {0, nullptr}};

}  // namespace

void bind_cluster_completions(nb::module_& m) {
  nb::class_<PyCompletions>(m, "ClusterCompletions", nb::type_slots(slots),
                            "Futures in the order in which they are done.")
      .def(
          "__init__",
          [](PyCompletions* self, const PyClient& client) {
            new (self) PyCompletions{client.link, std::make_shared<node::Completions>(), {}};
          },
          nb::arg("client"))
      .def("add", &add, nb::arg("future"))
      .def("next", &next, nb::arg("timeout").none(), "None: the time is over, or it is closed.")
      .def("next_batch", &next_batch, nb::arg("timeout").none(),
           "All that are done, at least one; none when the time is over.")
      .def(
          "count", [](const PyCompletions& c) { return c.waiting.size(); },
          "Futures that were added and not yet given out.")
      .def("ready", [](const PyCompletions& c) { return c.done->ready(); })
      .def("waiting", &waiting, "Those that count() counts.")
      .def("clear", &clear)
      .def("close", [](const PyCompletions& c) { c.done->close(); });
}

}  // namespace dusk::bindings
