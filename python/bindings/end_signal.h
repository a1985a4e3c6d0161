// Tells Python threads that something ended, from threads that must not wait for the GIL.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

namespace dusk::bindings {

namespace nb = nanobind;

class EndSignal {
 public:
  // The first reason stays. Any thread.
  void set(const std::string& reason) {
    {
      std::lock_guard lock(mutex_);
      if (!reason_) reason_ = reason;
    }
    wake_.notify_all();
  }
  // The reason, or None after `timeout` seconds (negative: for ever). Looks for Ctrl-C meanwhile.
  // REQUIRES: the GIL, which it lets go of.
  nb::object wait(double timeout) {
    using Clock = std::chrono::steady_clock;
    auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                  std::chrono::duration<double>(timeout < 0 ? 1e9 : timeout));
    for (;;) {
      std::optional<std::string> reason;
      {
        nb::gil_scoped_release unlocked;
        std::unique_lock lock(mutex_);
        auto slice = std::min(end, Clock::now() + std::chrono::milliseconds(100));
        wake_.wait_until(lock, slice, [&] { return reason_.has_value(); });
        reason = reason_;
      }
      if (reason) return nb::cast(*reason);
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
      if (Clock::now() >= end) return nb::none();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<std::string> reason_;
};

}  // namespace dusk::bindings
