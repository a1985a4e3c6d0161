// Data that a client puts on workers, and where results are kept.
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings/cluster_client.h"
#include "bindings/convert.h"
#include "dusk/data/value.h"

namespace dusk::bindings {
namespace {

using Workers = std::vector<std::pair<uint32_t, std::string>>;  // id, address

std::vector<cluster::WorkerId> ids_of(const std::vector<uint32_t>& numbers) {
  std::vector<cluster::WorkerId> ids;
  for (uint32_t number : numbers) ids.push_back({number});
  return ids;
}

// Sent from where it is: the object must stay as it is until this returns.
nb::object scatter(PyClient& c, const std::string& key, nb::handle object, const Workers& workers) {
  data::Frames frames = data::to_frames(value_from_python(object));
  std::vector<std::pair<cluster::WorkerId, std::string>> where;
  for (const auto& [id, address] : workers) where.push_back({{id}, address});
  LinkPtr link = c.link;
  cluster::TaskNumber number;
  {
    nb::gil_scoped_release unlocked;
    number = link->client->scatter(key, frames, where, look_for_signals());
  }
  return c.wrap(number, key);
}

void replicate(PyClient& c, nb::handle futures, int32_t copies,
               const std::vector<uint32_t>& workers) {
  for (cluster::TaskNumber number : numbers_of(c.link, futures)) {
    c.client().replicate(number, copies, ids_of(workers));
  }
}

void rebalance(PyClient& c, nb::handle futures, const std::vector<uint32_t>& workers) {
  c.client().rebalance(numbers_of(c.link, futures), ids_of(workers));
}

}  // namespace

void bind_cluster_data(ClusterClientClass& c) {
  c.def("scatter", &scatter, nb::arg("key"), nb::arg("value").none(), nb::arg("workers"),
        "The future of a value that is put on each of the workers (id, address).")
      .def("replicate", &replicate, nb::arg("futures"), nb::arg("copies"), nb::arg("workers"))
      .def("rebalance", &rebalance, nb::arg("futures"), nb::arg("workers"))
      .def(
          "retire", [](PyClient& c, uint32_t worker) { c.client().retire({worker}); },
          nb::arg("worker"));
}

}  // namespace dusk::bindings
