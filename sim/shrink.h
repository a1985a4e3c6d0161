// Makes a failing plan smaller while it fails.
#pragma once

#include <functional>
#include <string>

#include "sim/plan.h"

namespace dusk::sim {

// `fails`: whether a plan still shows the failure; asked at most `tries_max` times.
Plan shrink(Plan plan, const std::function<bool(const Plan&)>& fails, int tries_max = 600);

// What kind of failure a text tells of: its beginning, without numbers.
std::string kind_of(const std::string& failure);

}  // namespace dusk::sim
