// A call's arguments as they are sent: pickled, with the futures among them as dependencies.
#pragma once

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>
#include <vector>

#include "bindings/cluster_client.h"

namespace dusk::bindings {

struct PyArguments {
  cluster::Body body;  // null: the dependencies are the arguments
  std::vector<cluster::TaskNumber> dependencies;
  std::string identity;  // bytes that equal arguments have in common
};

// `arguments` is a tuple, `keywords` a dictionary or None. Futures count at any depth of lists,
// tuples, sets and dictionaries. TypeError names an argument that cannot be pickled, ValueError a
// future of another client or a released one. `function` is for messages.
PyArguments make_arguments(const LinkPtr& link, const std::string& function, nb::handle arguments,
                           nb::handle keywords, bool identify);

// `letter` and the pickle of an object, with copies of its buffers: the object may change then.
cluster::Body body_of(nb::handle object, std::string_view letter);

}  // namespace dusk::bindings
