// A directory for a test, gone with it.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace dusk::node::testing {

class Directory {
 public:
  Directory() : path_((std::filesystem::temp_directory_path() / "dusk-test-XXXXXX").string()) {
    if (!mkdtemp(path_.data())) throw std::runtime_error("no directory for the test");
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  const std::string& path() const { return path_; }
  // Segment files, wherever they are in it.
  std::vector<std::string> segments() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      if (entry.path().filename().string().starts_with("segment-")) {
        found.push_back(entry.path().string());
      }
    }
    return found;
  }
  // Bytes that the segments take on the disk.
  int64_t spilled() const {
    int64_t bytes = 0;
    for (const std::string& file : segments()) {
      struct stat found {};
      if (stat(file.c_str(), &found) == 0) bytes += int64_t{512} * found.st_blocks;
    }
    return bytes;
  }

 private:
  std::string path_;
};

}  // namespace dusk::node::testing
