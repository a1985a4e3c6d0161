// The GIL for threads of the engine.
//
// A thread that Python did not make gets one Python thread state when it first needs one, and
// keeps it for life: threading.local values survive from task to task.
#pragma once

#include <Python.h>

namespace dusk::bindings {

// True while the interpreter can still be entered.
bool python_alive();

// Holds the GIL for its lifetime, on any thread; nests. REQUIRES: python_alive().
class HoldGil {
 public:
  HoldGil();
  ~HoldGil();
  HoldGil(const HoldGil&) = delete;
  HoldGil& operator=(const HoldGil&) = delete;

 private:
  bool taken_;
};

}  // namespace dusk::bindings
