// A directory for one worker's files, which is gone with the worker, or, when that was killed, as
// soon as another starts in the same parent.
#pragma once

#include <string>

namespace dusk::node {

class LocalDirectory {
 public:
  // Makes a directory of its own in `parent`, which is made too, with what leads to it; empty: in
  // the system's place for temporary files. Removes those whose owners have died. Throws
  // Error(kOs).
  explicit LocalDirectory(const std::string& parent);
  ~LocalDirectory();  // removes it with all in it
  LocalDirectory(const LocalDirectory&) = delete;
  LocalDirectory& operator=(const LocalDirectory&) = delete;

  void remove();  // now; once is enough

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int lock_;  // held as long as the owner lives, whatever ends it
};

}  // namespace dusk::node
