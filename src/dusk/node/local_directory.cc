#include "dusk/node/local_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "dusk/base/error.h"

namespace dusk::node {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "dusk-worker-";
constexpr const char* kLock = "lock";
constexpr const char* kMaking = ".dusk-worker-making";

[[noreturn]] void refuse(const fs::path& path, int error) {
  throw base::Error(base::ErrorKind::kOs, "[local_directory] " + path.string() +
                                              " cannot be used: " + std::strerror(error));
}

int open_lock(const fs::path& path) {
  return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

bool is_ours(const fs::path& path) {
  struct stat found {};
  return lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == geteuid();
}

// Those that nobody has locked. REQUIRES: nobody makes one meanwhile.
void remove_those_of_the_dead(const fs::path& parent) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, error)) {
    if (!entry.path().filename().string().starts_with(kPrefix) || !is_ours(entry.path())) continue;
    int lock = open_lock(entry.path() / kLock);
    if (lock < 0) continue;
    if (flock(lock, LOCK_EX | LOCK_NB) == 0) fs::remove_all(entry.path(), error);
    ::close(lock);
  }
}

}  // namespace

LocalDirectory::LocalDirectory(const std::string& given) {
  std::error_code error;
  fs::path parent = given.empty() ? fs::temp_directory_path(error) : fs::path(given);
  if (error) parent = "/tmp";
  fs::create_directories(parent, error);
  if (error) refuse(parent, error.value());
  // A directory is not locked yet while it is being made. Of another user only that one's are
  // looked at, so that each user has a lock of this kind.
  fs::path making = parent / (kMaking + std::to_string(geteuid()));
  int guard = open_lock(making);
  if (guard < 0) refuse(parent, errno);
  while (flock(guard, LOCK_EX) != 0 && errno == EINTR) {
  }
  remove_those_of_the_dead(parent);
  path_ = (parent / (kPrefix + std::to_string(getpid()) + "-XXXXXX")).string();
  lock_ = -1;
  if (mkdtemp(path_.data())) {
    lock_ = open_lock(fs::path(path_) / kLock);
    if (lock_ >= 0) (void)flock(lock_, LOCK_EX | LOCK_NB);
  }
  int failure = errno;
  ::close(guard);
  if (lock_ < 0) refuse(parent, failure);
}

void LocalDirectory::remove() {
  std::error_code error;
  fs::remove_all(path_, error);
}

LocalDirectory::~LocalDirectory() {
  remove();
  ::close(lock_);
}

}  // namespace dusk::node
