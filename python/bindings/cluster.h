// Scheduler, worker and client of a cluster as Python classes, each a thin cover of dusk/node.
#pragma once

#include <nanobind/nanobind.h>

#include <string>

#include "dusk/net/options.h"

namespace dusk::bindings {

namespace nb = nanobind;

// From None, or (ca_file, certificate, key).
net::TlsOptions tls_options(nb::handle given);

void bind_cluster_scheduler(nb::module_& m);
void bind_cluster_worker(nb::module_& m);
void bind_cluster_nanny(nb::module_& m);

}  // namespace dusk::bindings
