// What the parts of validate() have in common. Internal to the folder.
#pragma once

#include <algorithm>
#include <vector>

#include "dusk/cluster/scheduler.h"

namespace dusk::cluster {

// One part each: tasks with clients, codes and the queue; workers with their indexes.
void validate_tasks(const SchedulerState& state);
void validate_workers(const SchedulerState& state);

// Ends the process with the story of the task unless the condition holds.
void expect_of(const SchedulerState& state, bool condition, const Task& task, const char* what);

// Waiting, queued, without worker or processing: it uses its inputs.
bool unfinished(TaskState kind);

template <class Range, class Value>
bool contains(const Range& range, const Value& value) {
  return std::find(range.begin(), range.end(), value) != range.end();
}

template <class T>
std::vector<T> sorted(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return values;
}

template <class Range>
bool repeats(const Range& range) {
  auto values = sorted(std::vector(range.begin(), range.end()));
  return std::adjacent_find(values.begin(), values.end()) != values.end();
}

// REQUIRES: `values` are sorted.
template <class T>
bool among(const std::vector<T>& values, const T& value) {
  return std::binary_search(values.begin(), values.end(), value);
}

}  // namespace dusk::cluster
