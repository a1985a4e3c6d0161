// Directories of workers: one each, gone with their owners, however these end.
#include "dusk/node/local_directory.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "dusk/base/error.h"

namespace dusk::node {
namespace {

namespace fs = std::filesystem;

class LocalDirectories : public testing::Test {
 protected:
  LocalDirectories() : parent_(fs::temp_directory_path() / "dusk-directory-test-XXXXXX") {
    std::string name = parent_.string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no directory for the test");
    parent_ = name;
  }
  ~LocalDirectories() override { fs::remove_all(parent_); }
  int count() const {
    int found = 0;
    for (const auto& entry : fs::directory_iterator(parent_)) found += entry.is_directory();
    return found;
  }
  fs::path parent_;
};

TEST_F(LocalDirectories, AreMadeAndRemovedWithAllInThem) {
  fs::path path;
  {
    LocalDirectory directory((parent_ / "made" / "too").string());
    path = directory.path();
    EXPECT_TRUE(fs::is_directory(path));
    fs::create_directories(path / "deep" / "down");
    std::ofstream(path / "deep" / "file") << "text";
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(fs::exists(parent_ / "made" / "too"));
}

TEST_F(LocalDirectories, OfLiveOwnersStay) {
  LocalDirectory one(parent_.string());
  LocalDirectory two(parent_.string());
  EXPECT_NE(one.path(), two.path());
  LocalDirectory three(parent_.string());
  EXPECT_TRUE(fs::is_directory(one.path()));
  EXPECT_TRUE(fs::is_directory(two.path()));
}

TEST_F(LocalDirectories, OfKilledOwnersAreRemovedByTheNext) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  pid_t child = fork();
  if (child == 0) {
    LocalDirectory directory(parent_.string());
    std::ofstream(directory.path() + "/segment-1") << "values";
    (void)!write(ready[1], "x", 1);
    pause();
  }
  char byte;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  auto ours = std::make_unique<LocalDirectory>(parent_.string());
  EXPECT_EQ(count(), 2) << "its owner lives";
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  ours = std::make_unique<LocalDirectory>(parent_.string());
  EXPECT_EQ(count(), 1);
  EXPECT_TRUE(fs::is_directory(ours->path()));
  close(ready[0]);
  close(ready[1]);
}

TEST_F(LocalDirectories, LeaveAloneWhatIsNotTheirs) {
  fs::create_directories(parent_ / "something");
  std::ofstream(parent_ / "dusk-worker-file") << "no directory";
  LocalDirectory directory(parent_.string());
  EXPECT_TRUE(fs::exists(parent_ / "something"));
  EXPECT_TRUE(fs::exists(parent_ / "dusk-worker-file"));
}

TEST_F(LocalDirectories, SayWhichPlaceCannotBeUsed) {
  std::ofstream(parent_ / "file") << "x";
  try {
    LocalDirectory directory((parent_ / "file").string());
    FAIL() << "a file served as a directory";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::kOs);
    EXPECT_NE(std::string(error.what()).find((parent_ / "file").string()), std::string::npos);
  }
}

}  // namespace
}  // namespace dusk::node
