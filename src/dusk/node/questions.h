// Facts about a cluster as JSON, for people and for the Python face.
#pragma once

#include <string>
#include <vector>

#include "dusk/cluster/scheduler.h"

namespace dusk::node {

// "scheduler_info": workers with their threads, memory, tasks. "who_has" [key...] and "has_what"
// [address...]: which worker has which results. "processing", "ncores", "story" [key], "explain"
// [key], "counts" (tasks by state). Throws ValueError for other questions.
std::string answer(const cluster::SchedulerState& state, const std::string& question,
                   const std::vector<std::string>& arguments);

// A JSON string literal.
std::string json_text(std::string_view text);

}  // namespace dusk::node
