// Computing expressions, small tables, and folders that vanish.
#pragma once

#include <arrow/api.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "dusk/base/error.h"
#include "dusk/collections/frame/passes.h"
#include "dusk/collections/frame/scans.h"
#include "dusk/data/table.h"
#include "dusk/graph/expr.h"
#include "dusk/graph/fuse.h"
#include "dusk/graph/task_graph.h"
#include "dusk/runtime/executor.h"
#include "roads.h"

namespace dusk::pipeline {

// The kind and the message of what `call` throws.
template <class Call>
std::pair<base::ErrorKind, std::string> error_of(Call&& call) {
  try {
    call();
  } catch (const base::Error& error) {
    return {error.kind(), error.what()};
  }
  ADD_FAILURE() << "nothing was thrown";
  return {base::ErrorKind::kRuntime, ""};
}

class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "dusk-test-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ / name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

template <class Builder, class T>
std::shared_ptr<arrow::Array> column(const std::vector<T>& values) {
  Builder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return builder.Finish().ValueOrDie();
}
inline std::shared_ptr<arrow::Array> integers(const std::vector<int64_t>& values) {
  return column<arrow::Int64Builder>(values);
}
inline std::shared_ptr<arrow::Array> doubles(const std::vector<double>& values) {
  return column<arrow::DoubleBuilder>(values);
}
inline std::shared_ptr<arrow::Array> texts(const std::vector<std::string>& values) {
  return column<arrow::StringBuilder>(values);
}

using Columns = std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>>;
inline std::shared_ptr<arrow::Table> table(const Columns& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, array] : columns) {
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(array);
  }
  return arrow::Table::Make(arrow::schema(fields), arrays);
}

// All partitions of a frame after each other, optimised first.
inline std::shared_ptr<arrow::Table> collect(const graph::ExprPtr& frame, int num_threads = 2) {
  auto optimized = collections::frame::optimize({frame});
  std::vector<std::shared_ptr<arrow::Table>> parts;
  for (const data::Value& value : compute(optimized[0], num_threads)) {
    parts.push_back(value.table()->arrow());
  }
  return arrow::ConcatenateTables(parts).ValueOrDie();
}

template <class ArrowType>
auto values(const arrow::Table& from, const std::string& name) {
  using Array = typename arrow::TypeTraits<ArrowType>::ArrayType;
  std::vector<std::remove_cv_t<typename ArrowType::c_type>> all;
  auto chunked = from.GetColumnByName(name);
  for (const auto& chunk : chunked->chunks()) {
    const auto& array = static_cast<const Array&>(*chunk);
    for (int64_t i = 0; i < array.length(); ++i) all.push_back(array.Value(i));
  }
  return all;
}

}  // namespace dusk::pipeline
