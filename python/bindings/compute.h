// compute(), compute_blocks() and persist(), and the Observer that they report to.
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

#include "bindings/observer.h"

namespace dusk::bindings {

// What Python's Observer holds: runs share it, and may outlive the Python object.
struct SharedObserver {
  std::shared_ptr<PyObserver> observer;
};

void bind_observer(nanobind::module_& m);
void bind_compute(nanobind::module_& m);

}  // namespace dusk::bindings
