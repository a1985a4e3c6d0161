// What the frame bindings share.
#pragma once

#include <nanobind/nanobind.h>

#include "bindings/finalize.h"
#include "dusk/collections/frame/frame_expr.h"

namespace dusk::bindings {

namespace frame = collections::frame;

// Python's `Column`.
struct PyColumn {
  kernels::frame::ColumnPtr column;
};

frame::FramePtr frame_of(nb::handle x);
nb::object wrap_frame(frame::FramePtr x);
std::vector<frame::FramePtr> frames_of(nb::handle xs);
std::vector<frame::NamedColumn> named_columns_of(nb::handle pairs);
kernels::frame::Options options_of(nb::handle options);

void bind_frame_columns(nb::module_& m);
void bind_frame_scans(nb::module_& m);
void bind_frame_calls(nb::module_& m);
void bind_frame_map(nb::module_& m);

}  // namespace dusk::bindings
