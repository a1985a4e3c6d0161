#include "bindings/observer.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include "bindings/compute.h"
#include "dusk/base/clock.h"

namespace dusk::bindings {

void PyObserver::expect(std::shared_ptr<const graph::TaskGraph> graph) {
  std::lock_guard lock(mutex_);
  graphs_.push_back(std::move(graph));
}

uint32_t PyObserver::count_of(const std::string& name) {
  auto [at, fresh] = names_.try_emplace(name, static_cast<uint32_t>(counts_.size()));
  if (fresh) counts_.emplace_back().name = name;
  return at->second;
}

void PyObserver::run_started(const graph::TaskGraph& graph) {
  std::lock_guard lock(mutex_);
  if (origin_ns_ == 0) origin_ns_ = base::now_ns();
  all_.fetch_add(static_cast<int64_t>(graph.size()), std::memory_order_relaxed);
  name_of_task_.assign(graph.size(), 0);
  constexpr uint32_t kMixed = UINT32_MAX;
  std::vector<uint32_t> name_of_layer;
  for (const graph::LayerPtr& layer : graph.layers) {
    bool mixed = layer->kind() == "list";
    name_of_layer.push_back(mixed || layer->forwards() ? kMixed : count_of(layer->prefix()));
  }
  for (graph::TaskId t = 0; t < graph.size(); ++t) {
    uint32_t name = name_of_layer[graph.layer[t]];
    if (name == kMixed) name = count_of(graph.layers[graph.layer[t]]->task_name(graph.index[t]));
    name_of_task_[t] = name;
    ++counts_[name].all;
  }
}

void PyObserver::task_finished(graph::TaskId task, int thread, int64_t start_ns, int64_t end_ns,
                               int64_t result_bytes) {
  done_.fetch_add(1, std::memory_order_relaxed);
  counts_[name_of_task_[task]].done.fetch_add(1, std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  events_.push_back(
      {static_cast<uint32_t>(graphs_.size() - 1), task, thread, start_ns, end_ns, result_bytes});
}

const graph::TaskGraph& PyObserver::graph_of(const Event& event) const {
  std::lock_guard lock(mutex_);
  return *graphs_[event.run];
}

std::vector<PyObserver::Event> PyObserver::events() const {
  std::lock_guard lock(mutex_);
  return events_;
}

std::vector<std::tuple<std::string, int64_t, int64_t>> PyObserver::prefixes() const {
  std::lock_guard lock(mutex_);
  std::vector<std::tuple<std::string, int64_t, int64_t>> result;
  for (const Count& c : counts_) {
    if (c.all > 0) result.emplace_back(c.name, c.done.load(std::memory_order_relaxed), c.all);
  }
  return result;
}

namespace {

namespace nb = nanobind;
using Row = std::tuple<std::string, std::string, int, double, double, int64_t>;

std::vector<Row> timeline(const PyObserver& self) {
  std::vector<Row> rows;
  for (const PyObserver::Event& e : self.events()) {
    const graph::TaskGraph& graph = self.graph_of(e);
    rows.emplace_back(graph.key(e.task),
                      graph.layers[graph.layer[e.task]]->task_name(graph.index[e.task]), e.thread,
                      static_cast<double>(e.start_ns - self.origin_ns()) * 1e-9,
                      static_cast<double>(e.end_ns - self.origin_ns()) * 1e-9, e.bytes);
  }
  return rows;
}

}  // namespace

void bind_observer(nb::module_& m) {
  nb::class_<SharedObserver>(m, "Observer", "Collects a run's events.")
      .def("__init__",
           [](SharedObserver* self) { new (self) SharedObserver{std::make_shared<PyObserver>()}; })
      .def("progress",
           [](const SharedObserver& o) {
             return std::make_tuple(o.observer->done(), o.observer->all());
           })
      .def("prefixes", [](const SharedObserver& o) { return o.observer->prefixes(); })
      .def("timeline", [](const SharedObserver& o) { return timeline(*o.observer); });
}

}  // namespace dusk::bindings
