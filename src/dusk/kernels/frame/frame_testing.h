// Small tables for the tests of this folder.
#pragma once

#include <arrow/api.h>

#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace dusk::kernels::frame::testing {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using TablePtr = std::shared_ptr<arrow::Table>;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <class Builder, class T>
ArrayPtr built(const std::vector<std::optional<T>>& values) {
  Builder builder;
  for (const auto& value : values) {
    auto status = value ? builder.Append(*value) : builder.AppendNull();
    if (!status.ok()) throw std::runtime_error(status.ToString());
  }
  return builder.Finish().ValueOrDie();
}

inline ArrayPtr ints(const std::vector<std::optional<int64_t>>& v) {
  return built<arrow::Int64Builder>(v);
}
inline ArrayPtr doubles(const std::vector<std::optional<double>>& v) {
  return built<arrow::DoubleBuilder>(v);
}
inline ArrayPtr texts(const std::vector<std::optional<std::string>>& v) {
  return built<arrow::LargeStringBuilder>(v);
}
inline ArrayPtr bools(const std::vector<std::optional<bool>>& v) {
  return built<arrow::BooleanBuilder>(v);
}

inline TablePtr table(const std::vector<std::pair<std::string, ArrayPtr>>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  return arrow::Table::Make(arrow::schema(fields), arrays);
}

// The same rows in chunks of odd sizes, each with offsets into larger arrays.
inline TablePtr in_chunks(const TablePtr& whole, int64_t rows) {
  std::vector<TablePtr> parts;
  for (int64_t at = 0; at < whole->num_rows(); at += rows) parts.push_back(whole->Slice(at, rows));
  if (parts.empty()) return whole;
  return arrow::ConcatenateTables(parts).ValueOrDie();
}

template <class Array>
const Array& column(const TablePtr& t, const std::string& name) {
  auto single = t->CombineChunks().ValueOrDie();
  static std::vector<TablePtr> kept;
  kept.push_back(single);
  return static_cast<const Array&>(*single->GetColumnByName(name)->chunk(0));
}

inline void expect_same(const ArrayPtr& got, const ArrayPtr& want, std::string* why) {
  auto options = arrow::EqualOptions::Defaults().nans_equal(true);
  if (!got->Equals(*want, options)) *why = "got " + got->ToString() + "\nwant " + want->ToString();
}

}  // namespace dusk::kernels::frame::testing

#define EXPECT_ARRAY(got, want)                                    \
  do {                                                             \
    std::string why;                                               \
    ::dusk::kernels::frame::testing::expect_same(got, want, &why); \
    EXPECT_EQ(why, "");                                            \
  } while (false)
