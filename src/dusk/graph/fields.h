// Parameters of operations as bytes, with one list of members for both directions.
//
// A struct says `static auto members(auto& self) { return std::tie(self.keys, self.index); }`, or
// somebody specialises Members for it; write_field() and read_field() do the rest. Types with rules
// of their own specialise Field. What is read is checked for its form here; whether the values
// make sense together is the struct's matter.
#pragma once

#include <algorithm>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "dusk/graph/codec.h"

namespace dusk::graph {

template <class T>
struct Members {
  static auto of(auto& self) { return T::members(self); }
};

// The last value of an enumeration whose values are 0, 1, 2...
template <class Enum>
struct LastOf;

template <class T>
struct Field {
  static void write(Encoder& out, const T& value) {
    std::apply([&](const auto&... part) { (write_part(out, part), ...); }, Members<T>::of(value));
  }
  static T read(Decoder& in) {
    T value{};
    std::apply([&](auto&... part) { (read_part(in, part), ...); }, Members<T>::of(value));
    return value;
  }

 private:
  template <class Part>
  static void write_part(Encoder& out, const Part& part) {
    Field<Part>::write(out, part);
  }
  template <class Part>
  static void read_part(Decoder& in, Part& part) {
    part = Field<Part>::read(in);
  }
};

template <class T>
void write_field(Encoder& out, const T& value) {
  Field<T>::write(out, value);
}
template <class... T>
void write_fields(Encoder& out, const T&... values) {
  (Field<T>::write(out, values), ...);
}
template <class T>
T read_field(Decoder& in) {
  return Field<T>::read(in);
}

template <>
struct Field<bool> {
  static void write(Encoder& out, bool value) { out.boolean(value); }
  static bool read(Decoder& in) { return in.boolean(); }
};
template <std::signed_integral T>
struct Field<T> {
  static void write(Encoder& out, T value) { out.integer(value); }
  static T read(Decoder& in) {
    return static_cast<T>(in.integer(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }
};
template <>
struct Field<uint64_t> {
  static void write(Encoder& out, uint64_t value) { out.count(value); }
  static uint64_t read(Decoder& in) { return in.count(); }
};
template <>
struct Field<double> {
  static void write(Encoder& out, double value) { out.real(value); }
  static double read(Decoder& in) { return in.real(); }
};
template <>
struct Field<char> {
  static void write(Encoder& out, char value) { out.raw(&value, 1); }
  static char read(Decoder& in) { return in.raw(1)[0]; }
};
template <>
struct Field<std::string> {
  static void write(Encoder& out, const std::string& value) { out.text(value); }
  static std::string read(Decoder& in) { return in.string(); }
};
template <>
struct Field<data::DType> {
  static void write(Encoder& out, const data::DType& value) { out.dtype(value); }
  static data::DType read(Decoder& in) { return in.dtype(); }
};
template <class Enum>
requires std::is_enum_v<Enum>
struct Field<Enum> {
  static void write(Encoder& out, Enum value) { out.integer(static_cast<int64_t>(value)); }
  static Enum read(Decoder& in) { return in.choice(LastOf<Enum>::value); }
};
template <class T>
struct Field<std::vector<T>> {
  static void write(Encoder& out, const std::vector<T>& values) {
    out.count(values.size());
    for (const T& value : values) Field<T>::write(out, value);
  }
  static std::vector<T> read(Decoder& in) {
    size_t size = std::is_same_v<T, OperationPtr> ? in.part_length() : in.length();
    std::vector<T> values;
    values.reserve(std::min<size_t>(size, 1024));  // items may be larger than their bytes
    for (size_t i = 0; i < size; ++i) values.push_back(Field<T>::read(in));
    return values;
  }
};
template <class T>
struct Field<std::set<T>> {
  static void write(Encoder& out, const std::set<T>& values) {
    out.count(values.size());
    for (const T& value : values) Field<T>::write(out, value);
  }
  static std::set<T> read(Decoder& in) {
    std::set<T> values;
    for (size_t left = in.length(); left > 0; --left) values.insert(Field<T>::read(in));
    return values;
  }
};
template <class K, class V>
struct Field<std::map<K, V>> {
  static void write(Encoder& out, const std::map<K, V>& values) {
    out.count(values.size());
    for (const auto& [key, value] : values) {
      Field<K>::write(out, key);
      Field<V>::write(out, value);
    }
  }
  static std::map<K, V> read(Decoder& in) {
    std::map<K, V> values;
    for (size_t left = in.length(); left > 0; --left) {
      K key = Field<K>::read(in);
      values.insert_or_assign(std::move(key), Field<V>::read(in));
    }
    return values;
  }
};
template <class A, class B>
struct Field<std::pair<A, B>> {
  static void write(Encoder& out, const std::pair<A, B>& value) {
    Field<A>::write(out, value.first);
    Field<B>::write(out, value.second);
  }
  static std::pair<A, B> read(Decoder& in) {
    A first = Field<A>::read(in);
    return {std::move(first), Field<B>::read(in)};
  }
};
template <class T>
struct Field<std::optional<T>> {
  static void write(Encoder& out, const std::optional<T>& value) {
    out.boolean(value.has_value());
    if (value) Field<T>::write(out, *value);
  }
  static std::optional<T> read(Decoder& in) {
    if (!in.boolean()) return {};
    return Field<T>::read(in);
  }
};
// What one struct shares with others; never null.
template <class T>
struct Field<std::shared_ptr<const T>> {
  static void write(Encoder& out, const std::shared_ptr<const T>& value) {
    Field<T>::write(out, *value);
  }
  static std::shared_ptr<const T> read(Decoder& in) {
    return std::make_shared<const T>(Field<T>::read(in));
  }
};
template <>
struct Field<OperationPtr> {
  static void write(Encoder& out, const OperationPtr& value) { out.operation(*value); }
  static OperationPtr read(Decoder& in) { return in.operation(); }
};

}  // namespace dusk::graph
