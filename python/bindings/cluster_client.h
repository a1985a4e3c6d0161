// The client of a cluster as Python sees it: the connection, futures, and what waits for them.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "dusk/base/token.h"
#include "dusk/data/value.h"
#include "dusk/graph/expr.h"
#include "dusk/node/client.h"

namespace dusk::bindings {

namespace nb = nanobind;

// A connection, shared by the Client and its futures: whichever goes last ends it.
struct Link {
  std::unique_ptr<node::Client> client;
  ~Link();  // lets go of the GIL meanwhile
};
using LinkPtr = std::shared_ptr<Link>;

// The result of a collection: its blocks put together.
struct PyAssembly {
  graph::ExprPtr expr;
  std::vector<cluster::TaskNumber> parts;  // kept by the joined future
  nb::object finish;                       // makes the engine's result the user's

  nb::object assemble(std::vector<data::Value> blocks) const;  // REQUIRES: the GIL
};
using PyAssemblyPtr = std::shared_ptr<const PyAssembly>;

// What Python's Future holds: one reference to the client's future of a key.
class PyFuture {
 public:
  PyFuture(LinkPtr link, cluster::TaskNumber number, std::string key, PyAssemblyPtr assembly = {})
      : link_(std::move(link)),
        number_(number),
        key_(std::move(key)),
        assembly_(std::move(assembly)) {}
  ~PyFuture() { release(); }
  PyFuture(const PyFuture&) = delete;
  PyFuture& operator=(const PyFuture&) = delete;

  const LinkPtr& link() const { return link_; }
  cluster::TaskNumber number() const { return number_; }  // 0: released
  const std::string& key() const { return key_; }
  const PyAssemblyPtr& assembly() const { return assembly_; }  // null: the task's own result
  void release();

 private:
  LinkPtr link_;
  cluster::TaskNumber number_;
  std::string key_;
  PyAssemblyPtr assembly_;
};

// The PyFuture inside an object, or null.
PyFuture* future_in(nb::handle object);
// One more reference to what the scheduler knows under `key`; what it does not know is cancelled.
cluster::TaskNumber adopt(const Link& link, const std::string& key);
// The number of each future of a sequence. TypeError for anything else, ValueError for futures of
// another client.
std::vector<cluster::TaskNumber> numbers_of(const LinkPtr& link, nb::handle futures);

// A function that tasks call, and what tells that it is still the same one.
//
// Functions are pickled when first used. One that is pickled by value is looked at again with every
// use: `seen` lists the variables that its pickle contains and what they held.
struct PyFunction {
  struct Seen {
    nb::object place;  // a dictionary, or a cell
    nb::object name;   // in the dictionary; invalid for a cell
    nb::object value;
    bool same() const;
  };
  nb::object function;
  std::vector<Seen> seen;
  bool keep = true;  // false: pickled again with every use
  std::string name;  // "inc"
  base::Token token;
  uint32_t code = 0;

  bool same() const;
};

struct PyClient {
  LinkPtr link;
  nb::object future_type;  // dusk.distributed's Future
  std::unordered_map<PyObject*, std::shared_ptr<const PyFunction>> functions;

  node::Client& client() const { return *link->client; }
  // A new object of future_type that takes over one reference.
  nb::object wrap(cluster::TaskNumber number, std::string key, PyAssemblyPtr assembly = {}) const;
};

// Where and how often tasks run.
struct PyRequirements {
  cluster::RequirementsPtr requirements;
};

inline uint64_t link_number(const LinkPtr& link) { return reinterpret_cast<uint64_t>(link.get()); }

// The results of a list of futures. A failed one raises, or leaves `skipped` in its place. None
// when the time is over first.
nb::object gather_results(const LinkPtr& link, nb::list futures, nb::handle timeout, bool skip,
                          nb::handle skipped);

// Seconds or None.
node::Timeout timeout_of(nb::handle timeout);
// Throws what a signal's handler raised (KeyboardInterrupt for Ctrl-C); empty but on the main
// thread. Does not need the GIL.
const node::Poll& look_for_signals();

data::Value value_of(const cluster::Body& body);  // REQUIRES: the GIL
// The Python object of a result. Arrays become the user's own: writeable. REQUIRES: the GIL.
nb::object result_to_python(cluster::Body body);
// (kind, cause, message, exception or None, task, worker, last lines of the worker's log)
nb::object fault_to_python(const cluster::Fault& fault);

using ClusterClientClass = nb::class_<PyClient>;
void bind_cluster_client(nb::module_& m);         // cluster_client.cc: calls all others
void bind_cluster_submit(ClusterClientClass& c);  // cluster_submit.cc
void bind_cluster_values(ClusterClientClass& c);  // cluster_values.cc
void bind_cluster_compute(ClusterClientClass& c, nb::module_& m);  // cluster_compute.cc
void bind_cluster_data(ClusterClientClass& c);                     // cluster_data.cc
void bind_cluster_future(nb::module_& m);                          // cluster_future.cc
void bind_cluster_completions(nb::module_& m);                     // cluster_completions.cc

}  // namespace dusk::bindings
