// Operations over tables, each given by a struct of its parameters:
//
//   struct Head {
//     static constexpr std::string_view kCodec = "frame.head";
//     static constexpr size_t kInputs = 1;                  // at least so many
//     static constexpr bool kIndexFree = false;             // where the task's number matters
//     static constexpr bool kRowwise = true;                // where it works on rows, one by one
//     int64_t n;
//     static auto members(auto& self) { return std::tie(self.n); }
//     data::Value run(const graph::TaskContext&, graph::Inputs inputs) const;
//     std::string text() const;                             // for explain(), where there is more
//     void check() const;                                   // ValueError for what cannot be
//   };
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "dusk/base/error.h"
#include "dusk/collections/frame/fields.h"

namespace dusk::collections::frame {

// What works on rows one by one: applied to pieces of a table, it gives the pieces of the result.
class RowwiseStep {
 public:
  virtual ~RowwiseStep() = default;
  virtual graph::OperationPtr copy() const = 0;
};

template <class Function>
concept WorksOnRows = requires {
  requires Function::kRowwise;
};

struct NoStep {};

template <class Function>
class TableOperation final : public graph::Operation,
                             public std::conditional_t<WorksOnRows<Function>, RowwiseStep, NoStep> {
 public:
  TableOperation(std::string name, Function function)
      : name_(std::move(name)), function_(std::move(function)) {}

  std::string name() const override { return name_; }
  std::string detail() const override {
    if constexpr (requires { function_.text(); }) return function_.text();
    return {};
  }
  bool index_free() const override {
    if constexpr (requires { Function::kIndexFree; }) return Function::kIndexFree;
    return true;
  }
  base::Result<data::Value> run(const graph::TaskContext& context,
                                graph::Inputs inputs) const override {
    if (inputs.size() < Function::kInputs) {
      throw base::value_error("[" + name_ + "] takes " + std::to_string(Function::kInputs) +
                              " tables, not " + std::to_string(inputs.size()));
    }
    return function_.run(context, inputs);
  }
  graph::OperationPtr copy() const { return std::make_shared<TableOperation>(*this); }

  std::string_view codec() const override { return Function::kCodec; }
  void encode(graph::Encoder& out) const override { graph::write_fields(out, name_, function_); }

 private:
  std::string name_;
  Function function_;
};

template <class Function>
graph::OperationPtr table_operation(std::string name, Function function) {
  return std::make_shared<TableOperation<Function>>(std::move(name), std::move(function));
}

template <class Function>
graph::OperationPtr decode_table_operation(graph::Decoder& in) {
  std::string name = in.string();
  auto function = graph::read_field<Function>(in);
  if constexpr (requires { function.check(); }) function.check();
  return table_operation(std::move(name), std::move(function));
}

template <class... Functions>
void add_table_operations(graph::Codecs& codecs) {
  ((codecs.operations[std::string(Functions::kCodec)] = &decode_table_operation<Functions>), ...);
}

}  // namespace dusk::collections::frame
