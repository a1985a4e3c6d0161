#include "bindings/gil.h"

namespace dusk::bindings {
namespace {

// Ends the thread's Python thread state together with the thread.
struct ThreadState {
  PyThreadState* state = nullptr;
  PyGILState_STATE before{};

  ~ThreadState() {
    if (!state || !python_alive()) return;
    PyEval_RestoreThread(state);
    PyGILState_Release(before);
  }
};

thread_local ThreadState own;

}  // namespace

bool python_alive() {
#if PY_VERSION_HEX >= 0x030D0000
  return Py_IsInitialized() && !Py_IsFinalizing();
#else
  return Py_IsInitialized() && !_Py_IsFinalizing();
#endif
}

HoldGil::HoldGil() : taken_(!PyGILState_Check()) {
  if (!taken_) return;
  if (own.state) {
    PyEval_RestoreThread(own.state);
    return;
  }
  PyThreadState* python_made = PyGILState_GetThisThreadState();
  if (python_made) {
    PyEval_RestoreThread(python_made);
    return;
  }
  own.before = PyGILState_Ensure();
  own.state = PyThreadState_Get();
}

HoldGil::~HoldGil() {
  if (taken_) PyEval_SaveThread();
}

}  // namespace dusk::bindings
