#include "dusk/net/patience.h"

#include <cerrno>
#include <ctime>

#include "dusk/base/check.h"

namespace dusk::net {

int wait_for_events(int epoll, std::span<epoll_event> events, int64_t microseconds) {
  int count = -1;
  errno = ENOSYS;
  auto capacity = static_cast<int>(events.size());
  if (microseconds > 0) {
    timespec span{microseconds / 1'000'000, microseconds % 1'000'000 * 1000};
    count = epoll_pwait2(epoll, events.data(), capacity, &span, nullptr);
  }
  if (count < 0 && errno == ENOSYS) {  // kernels before 5.11, and the simple cases
    int64_t milliseconds =
        microseconds < 0 ? -1 : std::min<int64_t>((microseconds + 999) / 1000, 1 << 30);
    count = epoll_wait(epoll, events.data(), capacity, static_cast<int>(milliseconds));
  }
  DUSK_CHECK(count >= 0 || errno == EINTR, "epoll refuses to wait");
  return std::max(count, 0);
}

}  // namespace dusk::net
