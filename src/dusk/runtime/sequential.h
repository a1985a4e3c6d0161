// The synchronous executor: everything on the calling thread, in the static order.
#pragma once

#include "dusk/runtime/executor.h"

namespace dusk::runtime {

base::Result<std::vector<data::Value>> run_sequential(const graph::TaskGraph& graph,
                                                      const RunOptions& options);

}  // namespace dusk::runtime
