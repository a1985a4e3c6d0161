// A vector of trivially copyable elements that keeps up to N of them inside itself.
//
// Small: a pointer or the elements share one place, and both counts have 32 bits. It never goes
// back inside once it has been outside, so that growing and shrinking around N costs nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace dusk::base {

template <class T, size_t N>
class SmallVector {
  static_assert(std::is_trivially_copyable_v<T> && N > 0);

 public:
  using value_type = T;
  SmallVector() = default;
  explicit SmallVector(size_t count, T fill = T{}) { resize(count, fill); }
  SmallVector(std::initializer_list<T> values) { assign(values.begin(), values.end()); }
  template <class It>
  requires(!std::is_integral_v<It>) SmallVector(It first, It last) { assign(first, last); }
  SmallVector(std::span<const T> values) { assign(values.begin(), values.end()); }     // NOLINT
  SmallVector(const std::vector<T>& values) { assign(values.begin(), values.end()); }  // NOLINT
  SmallVector(const SmallVector& other) { assign(other.begin(), other.end()); }
  SmallVector(SmallVector&& other) noexcept { take(other); }
  SmallVector& operator=(const SmallVector& other) {
    if (this != &other) assign(other.begin(), other.end());
    return *this;
  }
  SmallVector& operator=(SmallVector&& other) noexcept {
    if (this == &other) return *this;
    drop();
    take(other);
    return *this;
  }
  ~SmallVector() { drop(); }

  template <class It>
  void assign(It first, It last) {
    clear();
    if constexpr (std::random_access_iterator<It>) reserve(static_cast<size_t>(last - first));
    for (; first != last; ++first) push_back(*first);
  }
  void reserve(size_t count) {
    if (count > capacity_) move_to(count);
  }
  void push_back(T value) {
    if (size_ == capacity_) move_to(2 * size_t{capacity_});
    data()[size_++] = value;
  }
  void resize(size_t count, T fill = T{}) {
    reserve(count);
    if (count > size_) std::fill(data() + size_, data() + count, fill);
    size_ = static_cast<uint32_t>(count);
  }
  void pop_back() { --size_; }
  void clear() { size_ = 0; }
  void insert(size_t at, T value) {
    push_back(value);
    std::rotate(begin() + at, end() - 1, end());
  }
  void erase(size_t at) {
    std::copy(begin() + at + 1, end(), begin() + at);
    pop_back();
  }

  T* data() { return outside() ? place_.outside : reinterpret_cast<T*>(place_.inside); }
  const T* data() const {
    return outside() ? place_.outside : reinterpret_cast<const T*>(place_.inside);
  }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }
  T& back() { return data()[size_ - 1]; }
  const T& back() const { return data()[size_ - 1]; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  operator std::span<const T>() const { return {data(), size_}; }  // NOLINT
  bool operator==(const SmallVector& other) const {
    return size_ == other.size_ && std::equal(begin(), end(), other.begin());
  }

 private:
  bool outside() const { return capacity_ > N; }
  void drop() {
    if (outside()) give_back(place_.outside, capacity_);
  }
  // Out of line: GCC 12 takes the elements for the pointer where it knows them, and warns.
  [[gnu::noinline]] static void give_back(T* outside, size_t capacity) {
    std::allocator<T>().deallocate(outside, capacity);
  }
  // Leaves `other` empty.
  void take(SmallVector& other) {
    place_ = other.place_;
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, N);
  }
  // REQUIRES: count > capacity_. Rare, and kept out of the way of push_back's callers.
  [[gnu::noinline]] void move_to(size_t count) {
    T* moved = std::allocator<T>().allocate(count);
    std::uninitialized_copy(begin(), end(), moved);
    drop();
    place_.outside = moved;
    capacity_ = static_cast<uint32_t>(count);
  }

  union Place {
    alignas(T) unsigned char inside[N * sizeof(T)];
    T* outside;
  } place_{};
  uint32_t size_ = 0;
  uint32_t capacity_ = N;
};

}  // namespace dusk::base
