// How control messages look on the wire.
//
// Integers are varints (signed ones zigzag), text and lists have their length in front. An entry of
// a list of variants is its number, its length and its fields in order: a reader skips numbers and
// trailing fields that it does not know, and fields that an older writer did not have keep their
// defaults, so that neighbouring versions understand each other. New fields go to the end of
// fields() in entries.h, new alternatives to the end of their variant.
//
// Small bodies travel inside the control part; larger buffers beside it, untouched.
#pragma once

#include <concepts>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "dusk/base/error.h"
#include "dusk/base/token.h"
#include "dusk/cluster/messages.h"
#include "dusk/net/message.h"

namespace dusk::node {

// Buffers of at least so many bytes are not copied into the control part.
inline constexpr size_t kInlineMax = 4096;

template <class T>
inline constexpr bool kIsVariant = false;
template <class... T>
inline constexpr bool kIsVariant<std::variant<T...>> = true;

class Writer {
 public:
  template <class... T>
  void operator()(const T&... fields) {
    (put(fields), ...);
  }

  void put(bool value) { byte(value); }
  void put(double value) { raw(&value, sizeof value); }
  void put(std::string_view text) {
    varint(text.size());
    raw(text.data(), text.size());
  }
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(const base::Token& token) {
    raw(&token.hi, sizeof token.hi);
    raw(&token.lo, sizeof token.lo);
  }
  void put(const cluster::Body& body);
  void put(const data::Frames& frames);
  template <std::unsigned_integral T>
  void put(T value) {
    varint(value);
  }
  template <std::signed_integral T>
  void put(T value) {
    auto wide = static_cast<int64_t>(value);
    varint((static_cast<uint64_t>(wide) << 1) ^ static_cast<uint64_t>(wide >> 63));
  }
  template <class T>
  requires std::is_enum_v<T>
  void put(T value) { varint(static_cast<uint64_t>(value)); }
  template <class T>
  void put(const std::vector<T>& list) {
    varint(list.size());
    for (const T& item : list) put(item);
  }
  template <class T, size_t N>
  void put(const base::SmallVector<T, N>& list) {
    varint(list.size());
    for (const T& item : list) put(item);
  }
  template <class K, class V>
  void put(const std::map<K, V>& map) {
    varint(map.size());
    for (const auto& [key, value] : map) operator()(key, value);
  }
  template <class A, class B>
  void put(const std::pair<A, B>& pair) {
    operator()(pair.first, pair.second);
  }
  template <class T>
  void put(const std::shared_ptr<const T>& shared) {
    put(shared != nullptr);
    if (shared) put(*shared);
  }
  template <class... T>
  void put(const std::variant<T...>& entry) {
    byte(static_cast<uint8_t>(entry.index()));
    size_t at = message_.control.size();
    message_.control.append(4, '\0');
    std::visit([&](const auto& fields) { put(fields); }, entry);
    auto size = static_cast<uint32_t>(message_.control.size() - at - 4);
    std::memcpy(message_.control.data() + at, &size, 4);
  }
  template <class T>
  requires requires(Writer& w, T& t) { fields(w, t); }
  void put(const T& message) { fields(*this, const_cast<T&>(message)); }

  net::Message take() { return std::move(message_); }

 private:
  void byte(uint8_t value) { message_.control.push_back(static_cast<char>(value)); }
  void raw(const void* data, size_t size) {
    message_.control.append(static_cast<const char*>(data), size);
  }
  void varint(uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<uint8_t>(value | 0x80));
      value >>= 7;
    }
    byte(static_cast<uint8_t>(value));
  }

  net::Message message_;
};

// Every length is checked against what is left; what cannot be throws ValueError.
class Reader {
 public:
  explicit Reader(const net::Message& message)
      : left_(message.control), buffers_(message.buffers) {}

  template <class... T>
  void operator()(T&... fields) {
    (get_if_left(fields), ...);
  }
  template <class T>
  T read() {
    T value{};
    get(value);
    return value;
  }
  bool empty() const { return left_.empty(); }

  void get(bool& value) { value = byte() != 0; }
  void get(double& value) { std::memcpy(&value, raw(sizeof value).data(), sizeof value); }
  void get(std::string& text) { text = raw(length(1)); }
  void get(base::Token& token) {
    std::memcpy(&token.hi, raw(sizeof token.hi).data(), sizeof token.hi);
    std::memcpy(&token.lo, raw(sizeof token.lo).data(), sizeof token.lo);
  }
  void get(cluster::Body& body);
  void get(data::Frames& frames);
  template <std::unsigned_integral T>
  void get(T& value) {
    uint64_t wide = varint();
    value = static_cast<T>(wide);
    if (value != wide) throw damaged("a number is too large");
  }
  template <std::signed_integral T>
  void get(T& value) {
    uint64_t bits = varint();
    auto wide = static_cast<int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
    value = static_cast<T>(wide);
    if (value != wide) throw damaged("a number is too large");
  }
  template <class T>
  requires std::is_enum_v<T>
  void get(T& value) { value = static_cast<T>(varint()); }
  template <class T>
  void get(std::vector<T>& list) {
    size_t count = length(1);
    list.clear();
    list.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      if constexpr (kIsVariant<T>) {
        get_entry(list);
      } else {
        get(list.emplace_back());
      }
    }
  }
  template <class T, size_t N>
  void get(base::SmallVector<T, N>& list) {
    size_t count = length(1);
    list.clear();
    list.reserve(count);
    for (size_t i = 0; i < count; ++i) list.push_back(read<T>());
  }
  template <class K, class V>
  void get(std::map<K, V>& map) {
    for (size_t count = length(2); count > 0; --count) {
      std::pair<K, V> item;
      get(item);
      map.insert(std::move(item));
    }
  }
  template <class A, class B>
  void get(std::pair<A, B>& pair) {
    get(pair.first);
    get(pair.second);
  }
  template <class T>
  void get(std::shared_ptr<const T>& shared) {
    if (!read<bool>()) return;
    auto made = std::make_shared<T>();
    get(*made);
    shared = std::move(made);
  }
  template <class T>
  requires requires(Reader& r, T& t) { fields(r, t); }
  void get(T& message) { fields(*this, message); }

  static base::Error damaged(const std::string& what) {
    return base::value_error("[receive] a damaged message: " + what);
  }

 private:
  // A message that ends early leaves what is missing as it was.
  template <class T>
  void get_if_left(T& field) {
    if (!left_.empty()) get(field);
  }
  // An alternative that this version does not know is passed over.
  template <class... T>
  void get_entry(std::vector<std::variant<T...>>& list) {
    size_t kind = byte();
    uint32_t size;
    std::memcpy(&size, raw(4).data(), 4);
    std::string_view rest = left_;
    std::string_view body = raw(size);
    rest.remove_prefix(size);
    left_ = body;
    size_t at = 0;
    (void)((at++ == kind ? (get(std::get<T>(list.emplace_back(T{}))), true) : false) || ...);
    left_ = rest;
  }
  size_t length(size_t item_bytes) {
    uint64_t count = varint();
    if (count > left_.size() / item_bytes) throw damaged("a list is longer than its message");
    return static_cast<size_t>(count);
  }
  uint8_t byte() { return static_cast<uint8_t>(raw(1)[0]); }
  std::string_view raw(size_t size) {
    if (size > left_.size()) throw damaged("it ends early");
    std::string_view part = left_.substr(0, size);
    left_.remove_prefix(size);
    return part;
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      uint8_t next = byte();
      value |= static_cast<uint64_t>(next & 0x7F) << shift;
      if (next < 0x80) return value;
    }
    throw damaged("a number does not end");
  }

  std::string_view left_;
  const std::vector<data::BufferPtr>& buffers_;
};

}  // namespace dusk::node
