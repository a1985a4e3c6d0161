#include "dusk/net/mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <iterator>
#include <utility>

#include "dusk/net/system_error.h"

namespace dusk::net {

Mailbox::Mailbox() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw system_error("[loop] no descriptor to be woken by");
}

Mailbox::~Mailbox() { ::close(descriptor_); }

bool Mailbox::post(std::function<void()> function) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  functions_.push_back(std::move(function));
  announce();
  return true;
}

void Mailbox::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  announce();
}

// The system call happens only when the loop sleeps, and once.
void Mailbox::announce() {
  has_mail_.store(true, std::memory_order_relaxed);
  if (!waiting_) return;
  waiting_ = false;
  signalled_ = true;
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = write(descriptor_, &one, sizeof one);
}

void Mailbox::take(std::vector<std::function<void()>>& functions) {
  std::lock_guard lock(mutex_);
  has_mail_.store(stopped_, std::memory_order_relaxed);
  if (functions.empty()) {
    functions.swap(functions_);
  } else {
    std::move(functions_.begin(), functions_.end(), std::back_inserter(functions));
    functions_.clear();
  }
}

bool Mailbox::prepare_to_wait() {
  std::lock_guard lock(mutex_);
  waiting_ = functions_.empty() && !stopped_;
  return waiting_;
}

void Mailbox::woken() {
  std::lock_guard lock(mutex_);
  waiting_ = false;
  if (!std::exchange(signalled_, false)) return;
  uint64_t count = 0;
  [[maybe_unused]] ssize_t got = read(descriptor_, &count, sizeof count);
}

bool Mailbox::take_stop() {
  std::lock_guard lock(mutex_);
  return std::exchange(stopped_, false);
}

void Mailbox::close() {
  std::vector<std::function<void()>> dropped;
  std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(functions_);
}

}  // namespace dusk::net
