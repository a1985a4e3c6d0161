// What happened to tasks, newest last: the answer to "why".
//
// One ring of fixed size for all tasks, so that a story costs nothing per task; the story of a
// long-lived task may have lost its beginning.
#pragma once

#include <string>
#include <vector>

#include "dusk/cluster/task.h"

namespace dusk::cluster {

struct StoryLine {
  Time when = 0;
  TaskId task;
  TaskState from = TaskState::kReleased;
  TaskState to = TaskState::kReleased;
  WorkerId worker;  // that had or gets it; nobody where none is concerned
};

class Story {
 public:
  explicit Story(size_t lines_max) : lines_max_(lines_max) {}
  void add(const StoryLine& line) {
    if (lines_max_ == 0) return;
    if (lines_.size() < lines_max_) {
      lines_.push_back(line);
    } else {
      lines_[next_] = line;
    }
    next_ = (next_ + 1) % lines_max_;
  }
  // Oldest first.
  std::vector<StoryLine> of(TaskId task) const;

 private:
  size_t lines_max_;
  size_t next_ = 0;
  std::vector<StoryLine> lines_;
};

std::string to_string(const StoryLine& line);

}  // namespace dusk::cluster
