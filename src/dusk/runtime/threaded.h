// The threaded executor: one run's state, worked on by the crew of its seats.
#pragma once

#include "dusk/runtime/executor.h"

namespace dusk::runtime {

base::Result<std::vector<data::Value>> run_threaded(const graph::TaskGraph& graph,
                                                    const RunOptions& options);

}  // namespace dusk::runtime
