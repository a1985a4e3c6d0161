#include "dusk/cluster/story.h"

namespace dusk::cluster {

std::vector<StoryLine> Story::of(TaskId task) const {
  std::vector<StoryLine> found;
  size_t start = lines_.size() < lines_max_ ? 0 : next_;
  for (size_t i = 0; i < lines_.size(); ++i) {
    const StoryLine& line = lines_[(start + i) % lines_.size()];
    if (line.task == task) found.push_back(line);
  }
  return found;
}

std::string to_string(const StoryLine& line) {
  std::string text = std::to_string(line.when) + " us: ";
  text += to_string(line.from);
  text += " -> ";
  text += to_string(line.to);
  if (line.worker.valid()) text += " (worker " + std::to_string(line.worker.value) + ")";
  return text;
}

}  // namespace dusk::cluster
